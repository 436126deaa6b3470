//! Many callers share a budget to its end.

use std::sync::{Arc, Mutex};

use tokio::time::{Instant, sleep, timeout};

use super::slow::slow;
use super::{Helpdesk, MINUTE, World, credits, millis, seconds};

/// Callers 1 to `callers` call again and again for this many windows; the calls that each made.
async fn callers(world: &Arc<World>, callers: u64, windows: u32) -> Vec<u32> {
    let made = Arc::new(Mutex::new(vec![0; callers as usize]));
    let end = Instant::now() + (MINUTE + seconds(1)) * windows;
    for caller in 0..callers {
        let (world, made) = (Arc::clone(world), Arc::clone(&made));
        tokio::spawn(async move {
            loop {
                world.call(caller, credits(1)).await;
                made.lock().unwrap()[caller as usize] += 1;
            }
        });
    }
    tokio::time::sleep_until(end).await;
    made.lock().unwrap().clone()
}

/// Jain's index: 1 where all have the same.
fn evenness(shares: &[u32]) -> f64 {
    let sum: f64 = shares.iter().map(|share| f64::from(*share)).sum();
    let squares: f64 = shares.iter().map(|share| f64::from(*share).powi(2)).sum();
    sum * sum / (shares.len() as f64 * squares)
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_share_every_call_of_every_window_evenly() {
    let world = Arc::new(World::new(Helpdesk::of(50), 0));
    let made = callers(&world, 50, 5).await;
    assert!(evenness(&made) >= 0.95, "{made:?}");
    let helpdesk = world.helpdesk();
    assert_eq!((helpdesk.refused, &helpdesk.windows), (0, &vec![50; 5]));
}

#[tokio::test(start_paused = true)]
async fn ten_percent_of_every_window_are_left_to_others() {
    let world = Arc::new(World::new(Helpdesk::of(50), 10));
    callers(&world, 50, 4).await;
    let helpdesk = world.helpdesk();
    assert_eq!((helpdesk.refused, &helpdesk.windows), (0, &vec![45; 4]));
}

#[tokio::test(start_paused = true)]
async fn calls_that_take_a_quarter_of_the_window_still_use_it() {
    let world = Arc::new(World { way: 7_500, ..World::new(Helpdesk::of(50), 0) });
    callers(&world, 50, 10).await;
    let helpdesk = world.helpdesk();
    let used: u32 = helpdesk.windows.iter().sum();
    assert_eq!(helpdesk.refused, 0);
    assert!(f64::from(used) >= 0.95 * 50.0 * helpdesk.windows.len() as f64, "{:?}", helpdesk.windows);
}

#[tokio::test(start_paused = true)]
async fn a_hog_with_two_hundred_calls_does_not_keep_a_newcomer_waiting() {
    let world = Arc::new(World::new(Helpdesk::of(50), 0));
    (0..200).for_each(|_| drop(world.start(1, credits(1))));
    sleep(seconds(10)).await;
    let newcomer = world.start(2, credits(1));
    sleep(seconds(51)).await;
    assert!(newcomer.is_finished());
    assert_eq!(world.helpdesk().refused, 0);
}

#[tokio::test(start_paused = true)]
async fn who_calls_seldom_comes_before_who_calls_often() {
    let world = Arc::new(World::new(Helpdesk::of(50), 0));
    (0..100).for_each(|_| drop(world.start(1, credits(1))));
    sleep(seconds(10)).await;
    let calls: Vec<_> = (2..42).map(|caller| world.start(caller, credits(1))).collect();
    sleep(seconds(51)).await;
    assert!(calls.iter().all(|call| call.is_finished()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_ledger_is_as_fair() {
    let world = Arc::new(World { budget: slow(0), ..World::new(Helpdesk::of(50), 0) });
    let made = callers(&world, 50, 4).await;
    assert!(evenness(&made) >= 0.95, "{made:?}");
    let helpdesk = world.helpdesk();
    assert_eq!((helpdesk.refused, &helpdesk.windows), (0, &vec![50; 4]));
}

/// 300 calls of 20 callers within 4 minutes, one in five of them given up at any moment; then what is left in a window
/// that nobody has touched.
async fn give_up_at_random(world: &Arc<World>) -> u32 {
    let calls = (0..300).map(|_| {
        let world = Arc::clone(world);
        let (at, patience) = (world.roll(240_000), if world.roll(5) == 0 { world.roll(20_000) } else { 3_600_000 });
        let (caller, spend) = (world.roll(20), credits([1, 1, 1, 3, 7][world.roll(5) as usize]));
        tokio::spawn(async move {
            sleep(millis(at)).await;
            let _ = timeout(millis(patience), world.call(caller, spend)).await;
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    sleep(2 * MINUTE).await;
    let before = world.helpdesk().used_in_all();
    for caller in 0..60 {
        drop(world.start(caller, credits(1)));
    }
    sleep(MINUTE / 2).await;
    world.helpdesk().used_in_all() - before
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_given_up_neither_cost_turns_nor_cause_refusals() {
    for seed in 0..20 {
        let world = World { way: 7_500, dice: (seed << 32).into(), ..World::new(Helpdesk::of(50), 0) };
        let world = Arc::new(if seed % 2 == 0 { World { budget: slow(0), ..world } } else { world });
        assert_eq!((give_up_at_random(&world).await, world.helpdesk().refused), (50, 0), "{seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_on_many_threads_are_all_served() {
    let world = Arc::new(World { way: 0, ..World::new(Helpdesk::of(100_000), 0) });
    let calls = (0..40).map(|caller| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for call in 0..100 {
                let turn = world.turn(caller % 10, credits(1)).await;
                if call % 3 == 0 {
                    drop(turn);
                } else {
                    let mut turn = turn;
                    turn.sent();
                    tokio::task::yield_now().await;
                    let report = world.helpdesk().charge(Instant::now(), credits(1));
                    turn.settle(&report);
                }
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        timeout(seconds(10), call).await.unwrap().unwrap();
    }
    assert_eq!(world.helpdesk().used_in_all(), 40 * 66);
}
