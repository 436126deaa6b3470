//! What the host does with a component that is not ours, or that breaks.

use std::sync::Arc;

use freshdesk_components::PLUGIN;
use freshdesk_host::{CallError, Host, Settings};
use freshdesk_simulator::{FaultAction, Simulator, seed};
use freshdesk_tests::{account, run, settings};
use serde_json::{Value, json};

/// Why the host does not run a component.
fn refused(component: &str) -> String {
    let component = wat::parse_str(component).unwrap();
    Host::new(&component, &Settings::default()).err().expect("the component is refused").to_string()
}

#[test]
fn a_component_that_wants_sockets_or_files_is_refused() {
    for import in ["wasi:sockets/tcp@0.2.6", "wasi:sockets/ip-name-lookup@0.2.6", "wasi:filesystem/types@0.2.6"] {
        let why = refused(&format!(r#"(component (import "{import}" (instance (export "f" (func)))))"#));
        assert!(why.contains(import), "{why}");
    }
}

#[test]
fn a_component_without_the_tools_is_refused() {
    let why = refused("(component)");
    assert!(why.contains("does not implement the contract"), "{why}");
    assert!(Host::new(b"no component", &Settings::default()).is_err());
}

/// An answer that takes more memory than the sandbox has: eight megabytes of zeros, each a value of its own.
fn huge() -> FaultAction {
    let body = format!(r#"{{"id": 1, "x": [{}0]}}"#, "0,".repeat(4_000_000));
    FaultAction::Respond { status: 201, headers: Vec::new(), body: body.into_bytes() }
}

async fn call(tool: &str, input: Value) -> CallError {
    let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
    simulator.state().faults.push(freshdesk_simulator::Fault::once(huge()));
    let host = Host::new(PLUGIN, &settings(&simulator)).unwrap();
    host.call(&account(seed::ADMIN_KEY), tool, &input).await.unwrap_err()
}

#[test]
fn a_plugin_that_breaks_after_a_write_leaves_its_outcome_unknown() {
    run(async {
        let input = json!({"subject": "x", "description": "x", "email": "a@example.com"});
        let error = call("freshdesk_ticket_create", input).await;
        assert!(matches!(&error, CallError::Tool { error, .. } if error.case == "outcome_unknown"), "{error:?}");
        assert!(error.log().contains("the plugin broke"), "{}", error.log());
    });
}

#[test]
fn a_plugin_that_breaks_in_a_read_says_so_without_details() {
    run(async {
        let error = call("freshdesk_ticket_get", json!({"ticket_id": 1})).await;
        assert!(matches!(error, CallError::Broken(_)), "{error:?}");
        assert!(!error.to_string().contains("wasm"), "{error}");
        assert!(error.log().contains("the plugin broke"), "{}", error.log());
    });
}

#[test]
fn a_late_answer_leaves_a_write_unknown_and_a_read_unavailable() {
    run(async {
        for (tool, input, case) in [
            ("freshdesk_ticket_get", json!({"ticket_id": 42817}), "unavailable"),
            ("freshdesk_tickets_reply", json!({"ticket_id": 42817, "body": "Hi"}), "outcome_unknown"),
        ] {
            let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
            let late = FaultAction::Delay(std::time::Duration::from_secs(20));
            simulator.state().faults.push(freshdesk_simulator::Fault::once(late));
            let deadline = std::time::Duration::from_millis(1500);
            let host = Host::new(PLUGIN, &Settings { deadline, ..settings(&simulator) }).unwrap();
            let started = std::time::Instant::now();
            let error = host.call(&account(seed::ADMIN_KEY), tool, &input).await.unwrap_err();
            assert!(started.elapsed() < deadline * 4, "{:?}", started.elapsed());
            assert!(matches!(&error, CallError::Tool { error, .. } if error.case == case), "{error:?}");
        }
    });
}

#[test]
fn a_reply_in_another_agents_name_needs_the_hosts_leave() {
    run(async {
        let input = json!({"ticket_id": 42817, "body": "Hi", "user_id": seed::AGENT_ID});
        for speak_as_others in [false, true] {
            let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
            let host = Host::new(PLUGIN, &Settings { speak_as_others, ..settings(&simulator) }).unwrap();
            let result = host.call(&account(seed::ADMIN_KEY), "freshdesk_tickets_reply", &input).await;
            assert_eq!(simulator.state().journal.len(), usize::from(speak_as_others));
            match result {
                Ok(reply) => assert_eq!((speak_as_others, &reply["user_id"]), (true, &json!(seed::AGENT_ID))),
                Err(CallError::Tool { error, .. }) => {
                    assert!(!speak_as_others);
                    assert_eq!((error.case.as_str(), &error.detail["reason"]), ("forbidden", &json!("policy")));
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    });
}

/// Calls of one account at a time, on a helpdesk that takes half a second for each; how they ended.
async fn at_once(calls: usize, settings: impl Fn(Settings) -> Settings) -> Vec<Result<Value, CallError>> {
    let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
    let slow = FaultAction::Delay(std::time::Duration::from_millis(500));
    let slow = freshdesk_simulator::Fault { times: u32::MAX, ..freshdesk_simulator::Fault::once(slow) };
    simulator.state().faults.push(slow);
    simulator.state().helpdesk(seed::LABEL).limits = freshdesk_simulator::Limits::total(10_000);
    let host = Arc::new(Host::new(PLUGIN, &settings(freshdesk_tests::settings(&simulator))).unwrap());
    let account = account(seed::ADMIN_KEY);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..calls {
        let (host, account) = (Arc::clone(&host), Arc::clone(&account));
        running.spawn(async move { host.call(&account, "freshdesk_roles_list", &json!({})).await });
    }
    running.join_all().await
}

#[test]
fn an_account_has_a_hundred_calls_at_a_time() {
    run(async {
        let results = at_once(103, |settings| settings).await;
        let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 3);
        for error in refused {
            let CallError::Tool { error, .. } = error else { panic!("{error:?}") };
            assert_eq!((error.case.as_str(), &error.detail["retry_after"]), ("rate_limited", &json!(1)));
        }
    });
}

#[test]
fn calls_wait_while_as_many_run_as_the_host_has_room_for() {
    run(async {
        let started = std::time::Instant::now();
        let results = at_once(6, |settings| Settings { calls: 2, ..settings }).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert!(started.elapsed() >= std::time::Duration::from_millis(1500), "{:?}", started.elapsed());
    });
}
