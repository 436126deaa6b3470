//! Using up time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freshdesk_tests::{World, run};
use tokio::task::JoinSet;

use super::{SHORT, Tool, attack, serves};

#[test]
fn what_does_not_end_is_ended() {
    run(async {
        let world = World::hostile_within(SHORT).await;
        for endless in ["loop", "loop-in-drop", "sleep", "naps", "ask-clock", "poll-crowd 10000"] {
            let started = Instant::now();
            let attacked = attack(&world, Tool::Creates, endless).await;
            assert_eq!((attacked.case(), attacked.arrived.len()), ("unavailable", 0), "{endless}");
            assert!(started.elapsed() < SHORT * 20, "{endless}: {:?}", started.elapsed());
        }
    });
}

#[test]
fn a_million_things_cannot_be_waited_for() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "poll-crowd 1000000").await.breaks();
        attack(&world, Tool::Lists, "poll-none").await.breaks();
    });
}

/// A guest that computes gives way after a tick. Connections get on only when a thread of the runtime has nothing else to do,
/// or has done sixty-one other things.
#[test]
fn guests_that_loop_leave_time_for_others() {
    run(async {
        let world = Arc::new(World::hostile_within(Duration::from_secs(10)).await);
        let mut looping = JoinSet::new();
        for _ in 0..8 {
            let world = Arc::clone(&world);
            let (name, input) = Tool::Creates.request("loop");
            looping.spawn(async move { world.outcome(name, input).await });
        }
        tokio::time::sleep(SHORT / 5).await;
        let started = Instant::now();
        serves(&world, "eight that loop").await;
        assert!(started.elapsed() < SHORT * 14, "{:?}", started.elapsed());
        assert!(looping.try_join_next().is_none(), "they still loop");
    });
}
