//! Connections that have died without a word: a firewall forgot them, or a server went away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freshdesk_components::PLUGIN;
use freshdesk_host::{CallError, Host, Settings, Stages};
use freshdesk_simulator::{Fault, FaultAction, LineFault};
use freshdesk_tests::run;
use serde_json::json;

use crate::office;

/// Waits until something is so.
async fn until(is: impl Fn() -> bool) {
    let waiting = async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap();
}

/// The call that finds it out is lost. The next one has another connection, also where calls have less time than a connection
/// takes to be given up.
#[test]
fn a_dead_connection_costs_one_call() {
    run(async {
        let (desks, settings) = office::helpdesks(2).await;
        let deadline = Duration::from_millis(1500);
        let host = Arc::new(Host::new(PLUGIN, &Settings { deadline, ..settings }).unwrap());
        for desk in &desks {
            let account = desk.account();
            let call = || async {
                let input = json!({"ticket_id": 42_817, "body": "Hi"});
                host.call(&account, "freshdesk_tickets_reply", &input).await.map_err(|error| match error {
                    CallError::Tool { error, .. } => error.case,
                    other => panic!("{}", other.log()),
                })
            };
            for position in [0, 30, 300] {
                call().await.unwrap();
                desk.simulator.state().faults.push(Fault::once(FaultAction::Line(LineFault::Hang(position))));
                let begun = Instant::now();
                assert_eq!(call().await.unwrap_err(), "outcome_unknown");
                assert!(begun.elapsed() >= deadline);
                let version = desk.simulator.state().journal[0].version.clone();
                assert!(call().await.is_ok(), "{version}, byte {position}");
            }
        }
    });
}

/// Who goes away early says nothing about the connection: others are on it.
#[test]
fn a_call_that_is_given_up_leaves_the_connection_to_others() {
    run(async {
        let (desks, host) = office::open(1).await;
        let account = desks[0].account();
        let input = json!({});
        host.call(&account, "freshdesk_roles_list", &input).await.unwrap();
        for _ in 0..5 {
            desks[0].simulator.state().faults.push(Fault::once(FaultAction::Delay(Duration::from_secs(60))));
            let before = desks[0].simulator.state().journal.len();
            tokio::select! {
                answer = host.call(&account, "freshdesk_roles_list", &input) => panic!("{answer:?}"),
                () = until(|| desks[0].simulator.state().journal.len() > before) => {}
            }
            host.call(&account, "freshdesk_roles_list", &input).await.unwrap();
        }
        assert_eq!(desks[0].simulator.state().handshakes, 1);
    });
}

/// A connection with a bad answer may be about to end: it is for nobody who comes later. Who is on it is answered, unless it ends.
#[test]
fn a_connection_with_a_bad_answer_is_for_nobody_who_comes_later() {
    run(async {
        let (desks, host) = office::open(1).await;
        let account = desks[0].account();
        let update = json!({"ticket_id": 42_817, "priority": "urgent"});
        host.call(&account, "freshdesk_ticket_update", &update).await.unwrap();
        for (bad, goes_on, connections) in [(FaultAction::Endless, true, 2), (FaultAction::Truncate(10), false, 3)] {
            let late = FaultAction::Delay(Duration::from_millis(500));
            desks[0].simulator.state().faults =
                vec![Fault::on("POST", "/tickets", late), Fault::on("PUT", "/tickets", bad.clone())];
            let reply = json!({"ticket_id": 42_817, "body": "Hi"});
            let (replied, updated) = tokio::join!(
                host.call(&account, "freshdesk_tickets_reply", &reply),
                host.call(&account, "freshdesk_ticket_update", &update)
            );
            assert_eq!((replied.is_ok(), updated.is_ok()), (goes_on, false), "{bad:?}");
            for _ in 0..5 {
                host.call(&account, "freshdesk_ticket_update", &update).await.unwrap();
            }
            assert_eq!(desks[0].simulator.state().connections, connections, "{bad:?}");
        }
    });
}

/// A call that is called off while it still connects does not leave once it has.
#[test]
fn what_is_called_off_while_it_connects_never_leaves() {
    run(async {
        let (desks, host) = office::open(1).await;
        let slowly = LineFault::Drip { chunk: 40, pause: Duration::from_millis(50) };
        desks[0].simulator.state().lines.push(slowly);
        let (stages, account) = (Arc::new(Stages::default()), desks[0].account());
        let input = json!({"ticket_id": 42_817, "body": "Hi"});
        let call = host.call_followed(&account, "freshdesk_tickets_reply", &input, Some(Arc::clone(&stages)));
        let called_off = async {
            until(|| desks[0].simulator.state().connections == 1).await;
            stages.call_off()
        };
        let (result, called_off) = tokio::join!(call, called_off);
        assert!(called_off && result.is_err());
        let state = desks[0].simulator.state();
        assert_eq!((state.journal.len(), state.connections), (0, 1));
    });
}

/// What has not left is not unknown: a write that never had a connection was not executed.
#[test]
fn a_write_without_a_connection_is_not_unknown_when_its_time_is_over() {
    run(async {
        let (desks, settings) = office::helpdesks(1).await;
        let deadline = Duration::from_millis(500);
        let host = Host::new(PLUGIN, &Settings { deadline, ..settings }).unwrap();
        desks[0].simulator.state().lines.push(LineFault::Hang(100));
        let input = json!({"ticket_id": 42_817, "body": "Hi"});
        let error = host.call(&desks[0].account(), "freshdesk_tickets_reply", &input).await.unwrap_err();
        assert_eq!(error.log().split(' ').next(), Some("unavailable"), "{}", error.log());
        assert!(desks[0].simulator.state().journal.is_empty());
    });
}
