//! No component sees a key: a random one is looked for wherever it could be seen.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use freshdesk_components::PLUGIN;
use freshdesk_host::verify::{Canary, Log};
use freshdesk_host::{Account, ApiKey, Host, Label, Witness};
use freshdesk_simulator::{State, Transport, seed};
use freshdesk_tests::{good, settings, simulator};
use serde_json::{Value, json};

/// Calls `tool` of the plugin for an account whose key is the canary, with everything watched, the log at its finest level
/// included. Answers where the canary was found.
fn found(canary: &Arc<Canary>, tool: &str, input: &Value) -> Vec<String> {
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(Log(Arc::clone(canary)));
    let _logged = tracing::subscriber::set_default(log.finish());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut state = State::seeded();
        let agents = &mut state.helpdesk(seed::LABEL).agents;
        agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some(canary.key().to_owned());
        let simulator = simulator(Transport::Tls, state).await;
        let witness = Arc::clone(canary) as Arc<dyn Witness>;
        let host = Host::watched(PLUGIN, &settings(&simulator), witness).unwrap();
        let account = Account::new(Label::parse(seed::LABEL).unwrap(), ApiKey::new(canary.key()).unwrap());
        let answer = host.call(&Arc::new(account), tool, input).await.unwrap();
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
