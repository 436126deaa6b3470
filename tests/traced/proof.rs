//! No component sees a key: a random one is looked for wherever it could be seen.

use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use freshdesk_components::PLUGIN;
use freshdesk_host::verify::{Canary, Log};
use freshdesk_host::{Account, ApiKey, CallError, Host, Label, Settings, Witness};
use freshdesk_simulator::{Fault, FaultAction, Limits, Simulator, State, Transport, seed};
use freshdesk_tests::{HOSTILE, good, settings, simulator};
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

/// A helpdesk whose administrator's key is the canary, a host that has a component watched, and that account.
async fn watched(canary: &Arc<Canary>, component: &[u8], deadline: Duration) -> (Simulator, Host, Arc<Account>) {
    let mut state = State::seeded();
    let desk = state.helpdesk(seed::LABEL);
    desk.limits = Limits::total(1_000_000);
    desk.agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some(canary.key().to_owned());
    let simulator = simulator(Transport::Tls, state).await;
    let settings = Settings { deadline, calls: 4, ..settings(&simulator) };
    let host = Host::watched(component, &settings, Arc::clone(canary) as Arc<dyn Witness>).unwrap();
    let account = Account::new(Label::parse(seed::LABEL).unwrap(), ApiKey::new(canary.key()).unwrap());
    (simulator, host, Arc::new(account))
}

/// Has the log looked at, down to its finest level, for as long as what comes back lives.
fn logged(canary: &Arc<Canary>) -> DefaultGuard {
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(Log(Arc::clone(canary)));
    tracing::subscriber::set_default(log.finish())
}

/// Runs on this thread, where the log is looked at.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// Calls `tool` of the plugin for an account whose key is the canary, with everything watched, the log at its finest level
/// included. Answers where the canary was found.
fn found(canary: &Arc<Canary>, tool: &str, input: &Value) -> Vec<String> {
    let _logged = logged(canary);
    run(async {
        let (simulator, host, account) = watched(canary, PLUGIN, Duration::from_secs(30)).await;
        let answer = host.call(&account, tool, input).await.unwrap();
        canary.sees("in what the caller gets", answer.to_string().as_bytes());
        let keyed = simulator.state().journal.iter().all(|exchange| exchange.header("authorization").is_some());
        assert!(keyed, "Freshdesk was asked with the key");
    });
    canary.found()
}

/// B25: all ten tools, with the key attached to every request that left.
#[test]
fn b25_no_tool_shows_the_plugin_its_key() {
    for call in good() {
        let canary = Canary::new();
        let places = found(&canary, &format!("freshdesk_{}", call.tool), &call.input);
        assert!(places.is_empty(), "{}: {places:?}", call.tool);
        let (looks, bytes) = canary.looked();
        assert!(looks > 100 && bytes > 1_000_000, "it was looked for {looks} times in {bytes} bytes");
    }
}

/// What the guest is handed is found in its memory, in any encoding, or the search shows nothing.
#[test]
fn a_key_that_a_guest_is_handed_is_found() {
    let forms: [fn(&str) -> String; 4] = [
        |key| key.to_owned(),
        |key| format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:X"))),
        |key| key.bytes().map(|byte| format!("{byte:02x}")).collect(),
        |key| key.bytes().map(|byte| format!("%{byte:02X}")).collect(),
    ];
    for encode in forms {
        let canary = Canary::new();
        let input = json!({"subject": encode(canary.key()), "description": "x", "email": "a@example.com"});
        let places = found(&canary, "freshdesk_ticket_create", &input);
        assert!(places.iter().any(|place| place.starts_with("in a memory")), "{places:?}");
        // Freshdesk repeats the subject, but not to the guest, nor to the caller.
        assert!(places.iter().all(|place| place.starts_with("in a memory")), "{places:?}");
    }
}

/// Every attack of every topic, in a tool that reads and in one that writes, with nothing and with something to try it with;
/// and in the midst of it a Freshdesk that repeats the key.
#[test]
fn no_hostile_guest_sees_a_key() {
    let canary = Canary::new();
    let _logged = logged(&canary);
    run(async {
        let (simulator, host, account) = watched(&canary, HOSTILE, Duration::from_millis(400)).await;
        let lists = |text: &str| ("freshdesk_tickets_list", json!({"email": text}));
        let replies = |text: &str| ("freshdesk_tickets_reply", json!({"ticket_id": seed::TICKET_ID, "body": text}));
        let (tool, input) = lists("attacks");
        let begun = std::time::Instant::now();
        let error = loop {
            match host.call(&account, tool, &input).await {
                // The first one, on a busy machine.
                Err(CallError::Tool { error, .. })
                    if error.case == "unavailable" && begun.elapsed() < Duration::from_secs(10) => {}
                Err(CallError::Tool { error, .. }) => break error,
                other => panic!("{other:?}"),
            }
        };
        let attacks: Vec<_> = error.detail["detail"].as_str().unwrap().split(' ').collect();
        assert!(attacks.len() >= 60, "{attacks:?}");
        for attack in attacks {
            for with in ["", " evil.tld", " 1000"] {
                let text = format!("{attack}{with}");
                for (tool, input) in [lists(&text), replies(&text)] {
                    let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:X", canary.key())));
                    let echo = FaultAction::Respond {
                        status: 200,
                        headers: vec![("x-echo".to_owned(), authorization.clone())],
                        body: json!([{"id": 1, "subject": canary.key(), "type": authorization}])
                            .to_string()
                            .into_bytes(),
                    };
                    simulator.state().faults.extend((with == " 1000").then(|| Fault::once(echo)));
                    let told = match host.call(&account, tool, &input).await {
                        Ok(answer) => answer.to_string(),
                        Err(error) => format!("{error} {}", error.log()),
                    };
                    simulator.state().faults.clear();
                    canary.sees("in what the caller gets", told.as_bytes());
                    assert_eq!(canary.found(), Vec::<String>::new(), "{tool} {text}");
                }
            }
        }
        let arrived = simulator.state().journal.len();
        assert!(arrived > 20, "{arrived} requests left with the key");
    });
}
