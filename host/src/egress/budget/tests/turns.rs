//! When a caller has its turn, when it is told that it has none, and what is left of both when it gives up.

use std::sync::Arc;

use tokio::time::{Instant, advance, sleep, timeout};

#[cfg(feature = "accounts")]
use super::super::Usage;
use super::super::report::Throttled;
use super::super::{NoTurn, Operation, Report, Turn};
#[cfg(feature = "accounts")]
use super::NAME;
use super::slow::slow;
use super::{Helpdesk, MINUTE, World, call_of, credits, millis, seconds};

/// A world in which the total is known and nothing of the window is left, its end being 60 s away.
async fn exhausted(total: u32) -> Arc<World> {
    let world = Arc::new(World { way: 0, ..World::new(Helpdesk::of(total), 0) });
    for _ in 0..total {
        world.call(0, credits(1)).await;
    }
    world
}

/// How many calls have their turn at once, up to 1000.
async fn free(world: &World) -> usize {
    let mut turns = Vec::new();
    while turns.len() < 1000
        && let Ok(Ok(turn)) = timeout(millis(50), world.turn_within(99, credits(1), seconds(3600))).await
    {
        turns.push(turn);
    }
    turns.len()
}

fn told(outcome: Result<Turn<'_>, NoTurn>) -> f64 {
    outcome.err().unwrap().retry_after().unwrap().as_secs_f64().ceil()
}

#[tokio::test(start_paused = true)]
async fn before_the_first_answer_one_call_is_out_at_a_time() {
    let world = World::new(Helpdesk::of(50), 0);
    let mut probe = world.turn(1, credits(1)).await;
    assert_eq!(free(&world).await, 0);
    probe.sent();
    drop(probe);
    let second = world.turn(1, credits(1)).await;
    assert_eq!(free(&world).await, 0);
    second.give_back();
    world.call(1, credits(1)).await;
    assert_eq!(free(&world).await, 49);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_lets_the_next_one_find_out() {
    let world = Arc::new(World::new(Helpdesk::of(50), 0));
    let mut probe = world.turn(1, credits(1)).await;
    probe.sent();
    let next = world.start(2, credits(1));
    sleep(seconds(20)).await;
    assert!(!next.is_finished());
    drop(probe);
    sleep(seconds(1)).await;
    assert!(next.is_finished());
}

#[tokio::test(start_paused = true)]
async fn where_answers_do_not_tell_only_a_refusal_stops_calls() {
    let world = World { way: 0, ..World::new(Helpdesk::of(500).silent(), 10) };
    world.call(1, credits(1)).await;
    let turns: Vec<_> = futures(&world, 500).await;
    for turn in turns {
        world.send(turn, credits(1)).await;
    }
    assert_eq!(world.helpdesk().refused, 1);
    assert_eq!(free(&world).await, 0);
    sleep(MINUTE).await;
    assert_eq!(free(&world).await, 1000);
}

async fn futures(world: &World, count: usize) -> Vec<Turn<'_>> {
    let mut turns = Vec::new();
    for _ in 0..count {
        turns.push(world.turn(1, credits(1)).await);
    }
    turns
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_cannot_be_met_is_told_at_once() {
    let world = exhausted(50).await;
    sleep(seconds(15)).await;
    let asked = Instant::now();
    assert_eq!(told(world.turn_within(1, credits(1), seconds(30)).await), 45.0);
    assert_eq!(asked.elapsed(), seconds(0));
    assert!(world.turn_within(1, credits(1), seconds(46)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_would_come_too_late_in_line_is_told_at_once() {
    let world = exhausted(50).await;
    let calls: Vec<_> = (0..120).map(|_| world.start(1, credits(1))).collect();
    sleep(seconds(10)).await;
    let asked = Instant::now();
    // Behind 120 of its own it would be the 121st: in the third window from now. A newcomer is the second.
    assert_eq!(told(world.turn_within(1, credits(1), seconds(169)).await), 170.0);
    assert_eq!(asked.elapsed(), seconds(0));
    assert!(world.turn_within(2, credits(1), seconds(51)).await.is_ok());
    assert_eq!(asked.elapsed(), seconds(50));
    drop(calls);
}

#[tokio::test(start_paused = true)]
async fn those_in_line_are_told_when_a_refusal_leaves_them_no_time() {
    let world = Arc::new(World::new(Helpdesk::of(50), 0));
    let mut probe = world.turn(1, credits(1)).await;
    probe.sent();
    let waiting: Vec<_> = (0..5)
        .map(|caller| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { told(world.turn_within(caller, credits(1), seconds(30 + caller)).await) })
        })
        .collect();
    sleep(seconds(1)).await;
    let refusal = Report { throttled: Some(Throttled::For(seconds(40))), ..Report::default() };
    probe.settle(&refusal);
    sleep(millis(1)).await;
    for told in waiting {
        assert!(told.is_finished());
        assert_eq!(told.await.unwrap(), 40.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_closes_the_budget_for_as_long_as_it_says() {
    let world = World { way: 0, ..World::new(Helpdesk::of(50), 0) };
    world.others(50);
    advance(millis(22_500)).await;
    let report = world.call(1, credits(1)).await;
    assert_eq!(report.throttled, Some(Throttled::For(seconds(38))));
    let refused = Instant::now();
    assert_eq!(told(world.turn_within(1, credits(1), seconds(30)).await), 38.0);
    assert_eq!(world.call(1, credits(1)).await.throttled, None);
    assert_eq!(refused.elapsed(), seconds(38));
    assert_eq!(free(&world).await, 49);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_does_not_say_how_long_closes_the_budget_for_the_rest_of_the_window() {
    let world = World { way: 0, ..World::new(Helpdesk::of(50), 0) };
    world.call(1, credits(1)).await;
    sleep(seconds(20)).await;
    let mut turn = world.turn(1, credits(1)).await;
    turn.sent();
    turn.settle(&Report { throttled: Some(Throttled::RestOfWindow), ..Report::default() });
    assert_eq!(told(world.turn_within(1, credits(1), seconds(30)).await), 40.0);
    sleep(seconds(40)).await;
    assert!(free(&world).await >= 49);
}

#[tokio::test(start_paused = true)]
async fn what_others_spend_is_spent() {
    let world = World { way: 0, ..World::new(Helpdesk::of(50), 10) };
    world.others(3);
    world.call(1, credits(1)).await;
    assert_eq!(free(&world).await, 44);
    world.others(20);
    world.call(1, credits(1)).await;
    assert_eq!(free(&world).await, 25);
}

#[tokio::test(start_paused = true)]
async fn a_window_that_others_opened_is_followed() {
    let world = Arc::new(World::new(Helpdesk::of(50), 10));
    world.others(1);
    for _ in 0..40 {
        sleep(millis(world.roll(20_000))).await;
        for _ in 0..10 {
            drop(world.start(1, credits(1)));
            sleep(millis(world.roll(600))).await;
            if world.roll(8) == 0 {
                world.others(1);
            }
        }
    }
    let helpdesk = world.helpdesk();
    assert_eq!(helpdesk.refused, 0);
    assert!(helpdesk.used_in_all() > 400, "{:?}", helpdesk.windows);
}

#[tokio::test(start_paused = true)]
async fn an_operation_at_its_limit_lets_others_pass() {
    let world = Arc::new(World::new(Helpdesk::of(200).with([80, 80, 20]), 0));
    world.call(0, credits(1)).await;
    let lists: Vec<_> = (1..=25).map(|caller| world.start(caller, call_of(Operation::TicketsList))).collect();
    sleep(seconds(1)).await;
    let done = |calls: &[tokio::task::JoinHandle<Report>]| calls.iter().filter(|call| call.is_finished()).count();
    assert_eq!(done(&lists), 20);
    let gets: Vec<_> = (20..40).map(|caller| world.start(caller, credits(1))).collect();
    sleep(seconds(1)).await;
    assert_eq!(done(&gets), 20);
    sleep(MINUTE).await;
    assert_eq!((done(&lists), world.helpdesk().refused), (25, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refused_operation_is_closed_alone() {
    let world = World { way: 0, ..World::new(Helpdesk::of(50).with([3, 3, 3]), 0) };
    world.call(1, credits(1)).await;
    sleep(seconds(10)).await;
    let list = call_of(Operation::TicketsList);
    for _ in 0..4 {
        world.call(1, list).await;
    }
    assert_eq!(world.helpdesk().refused, 1);
    assert_eq!(told(world.turn_within(1, list, seconds(30)).await), 50.0);
    assert!(world.turn_within(1, call_of(Operation::TicketUpdate), seconds(0)).await.is_ok());
    assert!(world.turn_within(1, credits(1), seconds(0)).await.is_ok());
    assert_eq!(world.call(1, list).await.throttled, None);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_too_dear_lets_cheaper_ones_pass_and_comes_first_in_the_next_window() {
    let world = Arc::new(World::new(Helpdesk::of(50), 0));
    for _ in 0..16 {
        world.call(1, credits(3)).await;
    }
    let dear = world.start(1, credits(7));
    let cheap: Vec<_> = (2..60).map(|caller| world.start(caller, credits(1))).collect();
    sleep(seconds(1)).await;
    assert_eq!(cheap.iter().filter(|call| call.is_finished()).count(), 2);
    sleep(MINUTE).await;
    assert!(dear.is_finished());
    sleep(MINUTE).await;
    assert_eq!((cheap.iter().all(|call| call.is_finished()), world.helpdesk().refused), (true, 0));
}

#[tokio::test(start_paused = true)]
async fn credits_that_come_back_serve_who_let_others_pass() {
    let world = Arc::new(World { way: 0, ..World::new(Helpdesk::of(10), 0) });
    world.call(1, credits(1)).await;
    let turn = world.turn(1, credits(5)).await;
    let dear = world.start(2, credits(7));
    sleep(seconds(1)).await;
    assert!(!dear.is_finished());
    turn.give_back();
    sleep(seconds(1)).await;
    assert!(dear.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_costs_more_than_there_ever_is_goes_out_in_an_untouched_window() {
    let world = exhausted(5).await;
    let started = Instant::now();
    let turn = world.turn(1, credits(7)).await;
    assert_eq!(started.elapsed(), MINUTE);
    assert_eq!(free(&world).await, 0);
    turn.give_back();
    assert_eq!(free(&world).await, 5);
}

/// Calls that have their turn at once, when `give_up` has ended a call somehow, in a world where five are left.
async fn left_after(give_up: impl AsyncFnOnce(&World)) -> usize {
    let world = World { way: 0, ..World::new(Helpdesk::of(6), 0) };
    world.call(1, credits(1)).await;
    give_up(&world).await;
    free(&world).await
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_not_used_is_given_back() {
    assert_eq!(left_after(async |world| drop(world.turn(1, credits(1)).await)).await, 5);
    assert_eq!(left_after(async |world| world.turn(1, credits(3)).await.give_back()).await, 5);
    let sent = async |world: &World| world.turn(1, credits(1)).await.sent();
    assert_eq!(left_after(sent).await, 4);
    let unsent = async |world: &World| {
        let mut turn = world.turn(1, credits(1)).await;
        turn.sent();
        turn.give_back();
    };
    assert_eq!(left_after(unsent).await, 5);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_in_line_passes_the_turn_on() {
    let world = exhausted(5).await;
    let calls: Vec<_> = (0..10).map(|caller| world.start(caller, credits(1 + (caller == 3) as u32 * 3))).collect();
    sleep(seconds(1)).await;
    // The first is the one that is called and sleeps; the others are in line.
    for given_up in [0, 1, 3, 4, 8] {
        calls[given_up].abort();
    }
    sleep(seconds(60)).await;
    for (caller, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.is_ok(), [2, 5, 6, 7, 9].contains(&caller), "{caller}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_aside_leaves_nothing_behind() {
    let world = Arc::new(World { way: 0, ..World::new(Helpdesk::of(5), 0) });
    for _ in 0..3 {
        world.call(0, credits(1)).await;
    }
    let dear = world.start(1, credits(4));
    sleep(seconds(1)).await;
    let also_dear = world.start(2, credits(4));
    sleep(seconds(1)).await;
    dear.abort();
    world.call(3, credits(1)).await;
    world.call(3, credits(1)).await;
    sleep(MINUTE).await;
    assert!(also_dear.is_finished());
    assert_eq!((free(&world).await, world.helpdesk().refused), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn whenever_a_caller_gives_up_the_others_have_its_turn() {
    // In the first milliseconds it asks the slow ledger and falls asleep; around the 60th second it has its turn.
    for given_up_after in (0..5).chain(59_985..60_015) {
        let world = Arc::new(World { way: 0, budget: slow(0), ..World::new(Helpdesk::of(3), 0) });
        for _ in 0..3 {
            world.call(0, credits(1)).await;
        }
        let first = Arc::clone(&world);
        tokio::spawn(async move {
            let _turn = timeout(millis(given_up_after), first.turn(1, credits(1))).await;
        });
        let others: Vec<_> = (2..5).map(|caller| world.start(caller, credits(1))).collect();
        sleep(seconds(61)).await;
        assert!(others.iter().all(|call| call.is_finished()), "{given_up_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_once_another_has_asked_for_it_leaves_its_turn_to_others() {
    let world = World { way: 0, budget: slow(0), ..World::new(Helpdesk::of(6), 0) };
    world.call(0, credits(1)).await;
    let [mut first, mut second, mut third] = [1, 2, 3].map(|caller| Box::pin(world.turn(caller, credits(1))));
    for call in [&mut first, &mut second, &mut third] {
        assert!(timeout(millis(0), call).await.is_err());
    }
    // The first one asked before the others came, and the second one asks for the third as well.
    let turns = (first.await, second.await);
    drop(third);
    drop(turns);
    assert_eq!(free(&world).await, 5);
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_a_helpdesks_own() {
    let world = exhausted(5).await;
    assert!(world.turn_within(1, credits(1), seconds(1)).await.is_err());
    assert!(world.budget.turn("umbrella.freshdesk.com", 1, credits(1), Instant::now()).await.is_ok());
}

#[cfg(feature = "accounts")]
#[tokio::test(start_paused = true)]
async fn the_usage_of_a_helpdesk_is_told_without_asking_it() {
    let world = Arc::new(World { way: 0, ..World::new(Helpdesk::of(50), 10) });
    assert_eq!(world.budget.usage(NAME), Usage { waiting: 0, known: None });
    world.call(0, credits(1)).await;
    world.call(0, credits(3)).await;
    let known = world.budget.usage(NAME).known.unwrap();
    assert_eq!((known.window, known.total, known.share), (MINUTE, Some(50), Some(45)));
    assert_eq!((known.used, known.left), (4, 41));
    world.call(0, credits(41)).await;
    let waits = world.start(1, credits(1));
    sleep(millis(10)).await;
    let usage = world.budget.usage(NAME);
    let known = usage.known.unwrap();
    assert_eq!((usage.waiting, known.left), (1, 0));
    assert!(known.more_in.is_some_and(|time| time <= MINUTE));
    waits.abort();
    assert_eq!(world.budget.usage("other.freshdesk.com"), Usage { waiting: 0, known: None });
}
