//! What is concluded from single answers.

use tokio::time::Instant;

use super::super::Report;
use super::super::limits::Rules;
use super::super::moment::Moment;
use super::super::report::Throttled;
use super::super::window::{Taken, Window};
use super::{Helpdesk, MINUTE, credits, millis, seconds};

/// A window at whose start the clock shows 0.
struct Clock {
    start: Moment,
    window: Window,
}

fn answer(used: u32) -> Report {
    Report { total: Some(50), remaining: Some(50 - used), cost: Some(1), throttled: None }
}

impl Clock {
    /// The total is known from an answer at 0 s, and nobody has spent anything else.
    fn start() -> Self {
        let start = Moment(0);
        let mut clock = Self { start, window: Window::new(Rules { window: MINUTE, reserve: 0 }, start) };
        clock.call(0, 1);
        clock
    }

    fn take(&mut self, at: u64) -> Taken {
        self.window.take(self.start + seconds(at), credits(1)).unwrap()
    }

    fn settle(&mut self, at: u64, taken: Taken, report: &Report) {
        self.window.settle(self.start + seconds(at), taken, Some(report));
    }

    /// A call that is answered in no time.
    fn call(&mut self, at: u64, used: u32) {
        let taken = self.take(at);
        self.settle(at, taken, &answer(used));
    }

    fn left(&mut self, at: u64) -> i64 {
        self.window.standing(self.start + seconds(at)).unwrap().left
    }

    /// When there will be more.
    fn more(&mut self, at: u64) -> Option<u64> {
        let more = self.window.standing(self.start + seconds(at)).unwrap().more;
        more.map(|more| more.since(self.start).as_secs())
    }
}

#[test]
fn fifty_calls_at_once_use_fifty() {
    let mut clock = Clock::start();
    let calls: Vec<_> = (0..49).map(|_| clock.take(1)).collect();
    assert_eq!((clock.left(1), clock.more(1)), (0, Some(60)));
    for (used, taken) in (2..).zip(calls) {
        clock.settle(2, taken, &answer(used));
    }
    assert_eq!((clock.left(3), clock.left(59), clock.left(60)), (0, 0, 50));
}

#[test]
fn answers_in_any_order_tell_what_others_spent() {
    let mut clock = Clock::start();
    let [first, second, third] = [clock.take(1), clock.take(1), clock.take(1)];
    // Others spent 10 between the first and the second.
    clock.settle(2, third, &answer(14));
    assert_eq!(clock.left(2), 36);
    clock.settle(2, first, &answer(2));
    clock.settle(2, second, &answer(13));
    assert_eq!(clock.left(2), 36);
}

#[test]
fn an_answer_from_before_others_spent_does_not_raise_what_is_left() {
    let mut clock = Clock::start();
    let early = clock.take(1);
    clock.call(5, 23);
    assert_eq!(clock.left(5), 27);
    clock.settle(6, early, &answer(2));
    assert_eq!(clock.left(6), 27);
}

#[test]
fn a_call_that_may_count_in_the_next_window_counts_in_both() {
    let mut clock = Clock::start();
    let slow = clock.take(59);
    assert_eq!(clock.left(59), 48);
    assert_eq!(clock.left(60), 49);
    clock.settle(61, slow, &answer(2));
    assert_eq!(clock.left(61), 49);
}

#[test]
fn an_answer_of_an_earlier_window_does_not_touch_this_one() {
    let mut clock = Clock::start();
    let slow = clock.take(59);
    clock.call(61, 1);
    assert_eq!(clock.left(61), 48);
    clock.settle(62, slow, &answer(45));
    assert_eq!((clock.left(62), clock.more(62)), (48, Some(121)));
    clock.call(63, 2);
    assert_eq!(clock.left(63), 48);
}

#[test]
fn a_call_carried_over_in_vain_is_found_out() {
    let mut clock = Clock::start();
    let slow = clock.take(59);
    assert_eq!(clock.left(60), 49);
    clock.settle(61, slow, &answer(2));
    clock.call(62, 1);
    assert_eq!(clock.left(62), 49);
}

#[test]
fn a_window_that_ends_early_was_opened_by_others() {
    let mut clock = Clock::start();
    clock.call(5, 20);
    assert_eq!((clock.left(5), clock.more(5)), (30, Some(60)));
    let out = clock.take(39);
    clock.call(40, 3);
    // One is others', and one that is out: it counts, or is about to.
    assert_eq!((clock.left(40), clock.more(40)), (47, Some(100)));
    clock.settle(41, out, &answer(2));
    clock.call(42, 4);
    assert_eq!(clock.left(42), 46);
}

#[test]
fn credits_that_a_call_does_not_cost_come_back() {
    let mut clock = Clock::start();
    let taken = clock.window.take(clock.start, credits(7)).unwrap();
    assert_eq!(clock.left(0), 42);
    clock.settle(0, taken, &Report { cost: Some(3), ..answer(4) });
    assert_eq!(clock.left(0), 46);
    let taken = clock.take(1);
    clock.settle(1, taken, &Report { cost: Some(5), ..answer(9) });
    assert_eq!(clock.left(1), 41);
}

#[test]
fn calls_that_are_not_answered_count() {
    let mut clock = Clock::start();
    for at in 1..50 {
        let taken = clock.take(at);
        clock.window.settle(clock.start + seconds(at), taken, None);
    }
    assert_eq!((clock.left(50), clock.left(60)), (0, 50));
}

#[test]
fn a_refusal_of_an_earlier_call_closes_the_budget_and_keeps_the_count() {
    let mut clock = Clock::start();
    let slow = clock.take(59);
    clock.call(61, 1);
    clock.settle(62, slow, &Report { throttled: Some(Throttled::For(seconds(1))), ..answer(50) });
    assert_eq!((clock.left(62), clock.more(62)), (0, Some(63)));
    assert_eq!((clock.left(63), clock.more(63)), (48, Some(121)));
}

/// A call every 5 s, whose request takes 0.9 s and whose answer 0.1 s, and none while a window ends: no answer ever tells
/// that the next one has begun.
#[test]
fn what_is_not_known_of_the_end_does_not_add_up() {
    let mut clock = Clock::start();
    let mut helpdesk = Helpdesk::of(50);
    let (opened, mut now) = (Instant::now(), clock.start + MINUTE);
    for _ in 0..500 {
        let taken = clock.window.take(now, credits(1)).unwrap();
        let report = helpdesk.charge(opened + (now + millis(900)).since(clock.start), credits(1));
        now = now + seconds(1);
        clock.window.settle(now, taken, Some(&report));
        let end = clock.window.standing(now).unwrap().more.unwrap();
        // The last call of a window is settled when the window may have ended, and has not.
        let last = Moment(end.0 - 1_150_000);
        if now <= last {
            now = last.min(now + seconds(4));
        } else {
            now = end + seconds(3);
            let left = clock.window.standing(now).unwrap().left;
            assert!(left >= 48, "{left}");
        }
    }
}

#[test]
fn a_helpdesk_that_reports_nonsense_harms_no_more_than_its_own_budget() {
    let mut clock = Clock::start();
    let reports = [(0, 0, 0), (u32::MAX, 0, u32::MAX), (0, u32::MAX, 0), (50, 50, u32::MAX), (u32::MAX, u32::MAX, 0)];
    for (at, (total, remaining, cost)) in (1_u64..).zip(reports.repeat(4)) {
        let report = Report { total: Some(total), remaining: Some(remaining), cost: Some(cost), throttled: None };
        if let Ok(taken) = clock.window.take(clock.start + seconds(at), credits(u32::MAX)) {
            clock.settle(at, taken, &report);
        }
    }
    clock.call(200, 1);
    assert_eq!(clock.left(200), 49);
}
