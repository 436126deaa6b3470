//! Hosts that share a shelf.

mod shelf;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::super::{Budget, Turn};
use super::{Helpdesk, MINUTE, NAME, World, credits, millis, seconds};
use shelf::Memo;

/// The longest that a call takes.
const LONGEST: std::time::Duration = seconds_of(30);

const fn seconds_of(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}

/// Some hosts, one shelf and one helpdesk.
struct Hosts {
    shelf: Arc<Memo>,
    hosts: Vec<Arc<World>>,
}

impl Hosts {
    fn new(count: usize, helpdesk: Helpdesk) -> Self {
        let mut hosts = Self { shelf: Arc::new(Memo::new()), hosts: Vec::new() };
        let first = World::new(helpdesk, 0);
        hosts.add(World { budget: hosts.another(0), ..first });
        (1..count).for_each(|_| drop(hosts.join()));
        hosts
    }

    fn another(&self, reserve: u8) -> Budget {
        let budget = Budget::new(MINUTE, reserve);
        budget.share(Arc::<Memo>::clone(&self.shelf), self.hosts.len() as i64 + 1, LONGEST);
        budget
    }

    fn add(&mut self, world: World) -> Arc<World> {
        self.hosts.push(Arc::new(world));
        Arc::clone(&self.hosts[self.hosts.len() - 1])
    }

    /// One host more.
    fn join(&mut self) -> Arc<World> {
        let first = &self.hosts[0];
        let world = World {
            budget: self.another(0),
            helpdesk: Arc::clone(&first.helpdesk),
            way: first.way,
            dice: AtomicU64::new(self.hosts.len() as u64),
        };
        self.add(world)
    }

    fn refused(&self) -> usize {
        self.hosts[0].helpdesk().refused
    }
}

/// A turn that is to be had at once.
async fn at_once(world: &World) -> Option<Turn<'_>> {
    timeout(millis(50), world.turn_within(7, credits(1), seconds(3600))).await.ok()?.ok()
}

/// How a host sees the budget: total, used, left.
fn seen(world: &World) -> Option<(Option<u32>, i64, i64)> {
    let known = world.budget.usage(NAME).known?;
    Some((known.total, known.used, known.left))
}

/// Callers of all hosts call as fast as they are answered.
async fn busy(hosts: &Hosts, callers: u64, windows: u32) -> Vec<usize> {
    let end = Instant::now() + (MINUTE + seconds(1)) * windows;
    let mut running = JoinSet::new();
    for (at, host) in hosts.hosts.iter().enumerate() {
        for caller in 0..callers {
            let host = Arc::clone(host);
            running.spawn(async move {
                let mut calls = 0;
                while Instant::now() < end {
                    host.call(caller, credits(1)).await;
                    calls += 1;
                }
                (at, calls)
            });
        }
    }
    let mut calls = vec![0; hosts.hosts.len()];
    for (at, count) in running.join_all().await {
        calls[at] += count;
    }
    calls
}

#[tokio::test(start_paused = true)]
async fn three_hosts_use_one_budget_and_nothing_is_refused() {
    let hosts = Hosts::new(3, Helpdesk::of(50));
    let calls = busy(&hosts, 17, 8).await;
    let all: usize = calls.iter().sum();
    let trips = hosts.shelf.trips() as f64 / all as f64;
    let used: Vec<_> = hosts.hosts[0].helpdesk().windows.clone();
    println!("calls {calls:?}, round trips a call {trips:.3}, windows {used:?}");
    assert_eq!(hosts.refused(), 0);
    assert!(used[1..8].iter().all(|used| *used >= 48), "{used:?}");
    // Some turns are taken at a time, which makes up for who asks in vain and for what each host writes after its last call.
    assert!(trips <= 0.75, "{trips}");
    assert!(calls.iter().all(|calls| *calls * 4 > all), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_takes_one_round_trip_from_one_host_as_from_three() {
    for count in [1, 3] {
        let hosts = Hosts::new(count, Helpdesk::of(100_000));
        hosts.hosts[0].call(1, credits(1)).await;
        sleep(seconds(10)).await;
        let before = hosts.shelf.trips();
        for round in 0..1000 {
            hosts.hosts[round % count].call(1, credits(1)).await;
        }
        // The first that each host takes, and what each writes a while after its last.
        let beyond = hosts.shelf.trips() - before - 1000;
        assert!(beyond <= 10, "{count}: {beyond}");
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_together_are_asked_for_together() {
    let hosts = Hosts::new(1, Helpdesk::of(1000));
    let host = &hosts.hosts[0];
    host.call(0, credits(1)).await;
    sleep(seconds(10)).await;
    let before = hosts.shelf.trips();
    let turns: Vec<_> = (0..41).map(|caller| host.start(caller, credits(1))).collect();
    sleep(seconds(1)).await;
    assert!(turns.iter().all(|turn| turn.is_finished()));
    // The first one asks before the others come; they are asked for by fours.
    assert_eq!(hosts.shelf.trips() - before, 11);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_while_it_is_asked_for_costs_no_turn() {
    for (leaves, after) in (0..6).flat_map(|leaves| (0..10).map(move |after| (leaves, after))) {
        let hosts = Hosts::new(1, Helpdesk::of(50));
        let host = &hosts.hosts[0];
        host.call(0, credits(1)).await;
        let used = |turn: Option<Turn<'_>>| turn.map(Turn::give_back).is_some();
        let callers = (0..6).map(|caller| {
            let (host, time) = (Arc::clone(host), if caller == leaves { millis(after) } else { MINUTE });
            tokio::spawn(async move { used(timeout(time, host.turn(caller, credits(1))).await.ok()) })
        });
        for (caller, call) in callers.collect::<Vec<_>>().into_iter().enumerate() {
            assert!(call.await.unwrap() || caller as u64 == leaves, "{leaves} after {after} ms");
        }
        sleep(seconds(10)).await;
        assert_eq!(seen(host), Some((Some(50), 1, 49)), "{leaves} after {after} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_first_answer_one_call_is_out_of_all_hosts() {
    let hosts = Hosts::new(2, Helpdesk::of(50));
    let [one, other] = [&hosts.hosts[0], &hosts.hosts[1]];
    let probe = one.turn(1, credits(1)).await;
    assert!(at_once(other).await.is_none());
    let waiting = other.start(2, credits(1));
    sleep(seconds(1)).await;
    assert!(!waiting.is_finished());
    one.send(probe, credits(1)).await;
    sleep(millis(500)).await;
    assert!(waiting.is_finished(), "it is news that the limit is known");
}

#[tokio::test(start_paused = true)]
async fn what_one_host_takes_another_has_not() {
    let hosts = Hosts::new(2, Helpdesk::of(50));
    let [one, other] = [&hosts.hosts[0], &hosts.hosts[1]];
    one.call(1, credits(1)).await;
    sleep(seconds(1)).await;
    let mut turns = Vec::new();
    for _ in 0..30 {
        turns.push(at_once(one).await.unwrap());
    }
    for _ in 0..19 {
        turns.push(at_once(other).await.unwrap());
    }
    assert!(at_once(other).await.is_none() && at_once(one).await.is_none());
    assert_eq!(seen(other), Some((Some(50), 50, 0)));
    // What is given back is had again, by whoever asks first; it is not looked for all the time.
    turns.drain(..5).for_each(Turn::give_back);
    sleep(seconds(31)).await;
    for _ in 0..5 {
        turns.push(at_once(other).await.unwrap());
    }
    assert!(at_once(other).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_host_that_joins_knows_what_was_spent() {
    let mut hosts = Hosts::new(1, Helpdesk::of(500));
    for _ in 0..200 {
        hosts.hosts[0].call(1, credits(1)).await;
    }
    let before = hosts.shelf.logs()[NAME].clone();
    assert!(!before.book.is_empty() && before.entries.len() < 20_000, "the log is folded: {}", before.entries.len());
    let joined = hosts.join();
    joined.call(1, credits(1)).await;
    sleep(seconds(10)).await;
    assert_eq!(seen(&joined), seen(&hosts.hosts[0]).map(|(total, ..)| (total, 201, 299)));
}

/// Whoever reads the same log has the same book, however it was folded.
/// A copy begins where the log does, and not when its host came: both have the same windows.
#[tokio::test(start_paused = true)]
async fn a_host_that_comes_late_has_the_windows_of_the_others() {
    let mut hosts = Hosts::new(1, Helpdesk::of(50));
    let first = Arc::clone(&hosts.hosts[0]);
    for _ in 0..15 {
        first.call(1, credits(1)).await;
        sleep(millis(2500)).await;
    }
    let late = hosts.join();
    late.call(1, credits(1)).await;
    sleep(seconds(23)).await;
    let calls: Vec<_> =
        [&first, &late].into_iter().flat_map(|host| (0..45).map(|caller| host.start(caller, credits(1)))).collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(hosts.refused(), 0);
}

#[tokio::test(start_paused = true)]
async fn copies_are_equal() {
    let mut hosts = Hosts::new(3, Helpdesk::of(50));
    for round in 0..20 {
        let calls =
            (0..40).map(|call| hosts.hosts[(round + call) % 3].start(call as u64, credits(1 + call as u32 % 3)));
        let calls: Vec<_> = calls.collect();
        sleep(millis(700)).await;
        // Half of them are given up, and one host's answers are lost meanwhile.
        calls.iter().step_by(2).for_each(tokio::task::JoinHandle::abort);
        hosts.shelf.loses_answers.store(round % 4 == 1, Ordering::Relaxed);
        sleep(seconds(7)).await;
    }
    hosts.shelf.loses_answers.store(false, Ordering::Relaxed);
    sleep(seconds(120)).await;
    hosts.join();
    let mut views = Vec::new();
    for _ in 0..2 {
        views.clear();
        for host in &hosts.hosts {
            let turn = host.turn(9, credits(1)).await;
            views.push(seen(host));
            turn.give_back();
            sleep(seconds(6)).await;
        }
    }
    assert!(views.iter().all(|view| *view == views[0] && view.is_some()), "{views:?}");
    assert_eq!(hosts.refused(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_gone_keeps_nothing_for_longer_than_a_call() {
    let hosts = Hosts::new(2, Helpdesk::of(50));
    let [gone, other] = [&hosts.hosts[0], &hosts.hosts[1]];
    // It is killed before the first answer, when all others wait for it.
    std::mem::forget(gone.turn(1, credits(1)).await);
    let started = Instant::now();
    other.call(1, credits(1)).await;
    assert!((30..45).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    // Its calls count as spent while they may have been.
    for _ in 0..20 {
        std::mem::forget(gone.turn(1, credits(1)).await);
    }
    sleep(seconds(1)).await;
    let mut turns = Vec::new();
    while let Some(turn) = at_once(other).await {
        turns.push(turn);
    }
    // The one before is taken to have left as well.
    assert!((27..=29).contains(&turns.len()), "{}", turns.len());
    drop(turns);
    sleep(MINUTE * 3).await;
    let mut turns = Vec::new();
    while let Some(turn) = at_once(other).await {
        turns.push(turn);
    }
    assert_eq!(turns.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn while_the_shelf_is_down_nothing_is_taken_and_nothing_hangs() {
    let hosts = Hosts::new(1, Helpdesk::of(50));
    let host = &hosts.hosts[0];
    host.call(1, credits(1)).await;
    for lost in [false, true] {
        hosts.shelf.is_down.store(!lost, Ordering::Relaxed);
        hosts.shelf.loses_answers.store(lost, Ordering::Relaxed);
        for _ in 0..10 {
            let asked = Instant::now();
            let refused = host.turn_within(1, credits(1), seconds(30)).await.err().unwrap();
            assert_eq!(refused.retry_after(), None, "{refused}");
            assert!(asked.elapsed() < seconds(1));
        }
    }
    hosts.shelf.loses_answers.store(false, Ordering::Relaxed);
    // What it had taken without saying so is given back.
    drop(at_once(host).await.unwrap());
    sleep(seconds(6)).await;
    drop(at_once(host).await.unwrap());
    assert_eq!(seen(host), Some((Some(50), 2, 48)));
}

#[tokio::test(start_paused = true)]
async fn what_is_written_twice_is_taken_once() {
    let hosts = Hosts::new(1, Helpdesk::of(50));
    let host = &hosts.hosts[0];
    hosts.shelf.writes_twice.store(true, Ordering::Relaxed);
    host.call(0, credits(1)).await;
    let calls: Vec<_> = (0..9).map(|caller| host.start(caller, credits(1))).collect();
    sleep(seconds(10)).await;
    assert!(calls.iter().all(|call| call.is_finished()));
    assert_eq!(seen(host), Some((Some(50), 10, 40)));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_was_put_back_or_is_gone_is_begun_anew() {
    let hosts = Hosts::new(2, Helpdesk::of(500));
    let earlier = {
        hosts.hosts[0].call(1, credits(1)).await;
        hosts.shelf.logs().clone()
    };
    for state in [earlier, std::collections::HashMap::new()] {
        for call in 0..50 {
            hosts.hosts[call % 2].call(1, credits(1)).await;
        }
        *hosts.shelf.logs() = state;
        for call in 0..50 {
            hosts.hosts[call % 2].call(1, credits(1)).await;
        }
    }
    assert_eq!(hosts.refused(), 0);
    assert_eq!(seen(&hosts.hosts[0]).map(|(total, ..)| total), Some(Some(500)));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_back_keeps_nobody_waiting() {
    let hosts = Hosts::new(2, Helpdesk::of(50));
    let [one, other] = [&hosts.hosts[0], &hosts.hosts[1]];
    hosts.shelf.ahead(seconds(3600));
    for _ in 0..25 {
        one.call(1, credits(1)).await;
        other.call(1, credits(1)).await;
    }
    hosts.shelf.ahead(seconds(0));
    let started = Instant::now();
    for _ in 0..25 {
        one.call(1, credits(1)).await;
        other.call(1, credits(1)).await;
    }
    assert!(started.elapsed() < 2 * MINUTE, "{:?}", started.elapsed());
    // What the window holds is found out again by a call or two.
    assert!(hosts.refused() <= 2, "{}", hosts.refused());
}

#[tokio::test(start_paused = true)]
async fn entries_that_cannot_be_read_are_left_out() {
    let mut hosts = Hosts::new(1, Helpdesk::of(50));
    hosts.hosts[0].call(1, credits(1)).await;
    sleep(seconds(6)).await;
    hosts.shelf.logs().get_mut(NAME).unwrap().entries += "[1,{\"Later\":{\"version\":2}}]\n";
    hosts.hosts[0].call(1, credits(1)).await;
    sleep(seconds(6)).await;
    hosts.shelf.logs().get_mut(NAME).unwrap().book = "{".to_owned();
    let joined = hosts.join();
    joined.call(1, credits(1)).await;
    assert_eq!(hosts.refused(), 0);
    assert_eq!(seen(&joined).map(|(total, ..)| total), Some(Some(50)));
}

#[tokio::test(start_paused = true)]
async fn the_host_that_came_last_says_how_much_is_left_to_others() {
    let mut hosts = Hosts::new(1, Helpdesk::of(50));
    hosts.hosts[0].call(1, credits(1)).await;
    let budget = hosts.another(20);
    let first = &hosts.hosts[0];
    let careful = World { budget, helpdesk: Arc::clone(&first.helpdesk), way: 0, dice: AtomicU64::new(0) };
    let careful = hosts.add(careful);
    careful.call(1, credits(1)).await;
    sleep(seconds(6)).await;
    hosts.hosts[0].call(1, credits(1)).await;
    let share = |world: &World| world.budget.usage(NAME).known.and_then(|known| known.share);
    assert_eq!((share(&careful), share(&hosts.hosts[0])), (Some(40), Some(40)));
}
