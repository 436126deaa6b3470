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
            assert!(started.elapsed() < SHORT * 4, "{endless}: {:?}", started.elapsed());
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

#[test]
fn zz_fair() {
    for (workers, interval, loops) in
        [(2, 61, 0), (2, 61, 1), (2, 61, 2), (2, 61, 8), (2, 1, 8), (4, 61, 8), (4, 61, 2)]
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .event_interval(interval)
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let deadline = Duration::from_secs(15);
            let world = Arc::new(World::hostile_within(deadline).await);
            let mut looping = JoinSet::new();
            for _ in 0..loops {
                let world = Arc::clone(&world);
                looping.spawn(async move {
                    let (name, input) = Tool::Creates.request("loop");
                    world.outcome(name, input).await.is_err()
                });
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            for _ in 0..3 {
                let started = Instant::now();
                let (name, input) = Tool::Lists.request("honest");
                let r = tokio::spawn({
                    let world = Arc::clone(&world);
                    async move { world.outcome(name, input).await.is_ok() }
                })
                .await;
                eprintln!("workers {workers} interval {interval} loops {loops}: {:?} {:?}", started.elapsed(), r);
            }
            looping.abort_all();
        });
    }
}

#[test]
fn guests_that_loop_leave_time_for_others() {
    run(async {
        let deadline = Duration::from_secs(2);
        let world = Arc::new(World::hostile_within(deadline).await);
        let mut looping = JoinSet::new();
        for _ in 0..8 {
            let world = Arc::clone(&world);
            looping.spawn(async move {
                let (name, input) = Tool::Creates.request("loop");
                world.outcome(name, input).await.is_err()
            });
        }
        tokio::time::sleep(deadline / 10).await;
        let started = Instant::now();
        serves(&world, "eight that loop").await;
        assert!(started.elapsed() < deadline, "{:?}", started.elapsed());
        assert!(looping.len() == 8 && looping.join_all().await.into_iter().all(|failed| failed));
    });
}
