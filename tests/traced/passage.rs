//! The order in which a request passes egress. Each step is a span, so that whoever traces a call sees it too.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use freshdesk_components::PLUGIN;
use freshdesk_host::Host;
use freshdesk_simulator::{Fault, FaultAction, State, Transport, seed};
use freshdesk_tests::{account, settings, simulator};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Notes the steps of the host in the order in which they begin.
#[derive(Clone, Default)]
struct Steps {
    begun: Arc<Mutex<Vec<&'static str>>>,
    spans: Arc<AtomicU64>,
}

impl Subscriber for Steps {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("freshdesk_host")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.begun.lock().unwrap().push(span.metadata().name());
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The steps of one call that meets `fault` first.
fn steps(tool: &str, input: &str, fault: Option<FaultAction>) -> Vec<&'static str> {
    let steps = Steps::default();
    let _noted = tracing::subscriber::set_default(steps.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let simulator = simulator(Transport::Tls, State::seeded()).await;
        simulator.state().faults.extend(fault.map(Fault::once));
        let host = Host::new(PLUGIN, &settings(&simulator)).unwrap();
        let input = serde_json::from_str(input).unwrap();
        drop(host.call(&account(seed::ADMIN_KEY), tool, &input).await);
    });
    let begun = steps.begun.lock().unwrap();
    begun.clone()
}

#[test]
fn a_request_is_read_checked_has_its_turn_gets_the_key_is_sent_and_its_answer_is_redacted() {
    let passage = ["read", "check", "turn", "attach", "send", "redact"];
    let call = [&["call", "arguments", "instance", "run"], &passage[..], &["leave", "answer"]].concat();
    assert_eq!(steps("freshdesk_ticket_get", r#"{"ticket_id": 42817}"#, None), call);
    assert_eq!(steps("freshdesk_tickets_reply", r#"{"ticket_id": 42817, "body": "Hi"}"#, None), call);
}

/// What is sent again has a turn and the key again, and nothing else: it was read and checked.
#[test]
fn a_request_that_is_sent_again_waits_for_another_turn() {
    let again = ["turn", "attach", "send", "turn", "attach", "send", "redact"];
    let steps = steps("freshdesk_ticket_get", r#"{"ticket_id": 42817}"#, Some(FaultAction::Reset));
    assert!(steps.windows(again.len()).any(|steps| steps == again), "{steps:?}");
}

/// What is not the tool's request has no turn, and no key is attached to it.
#[test]
fn what_is_refused_gets_no_further() {
    let input = r#"{"ticket_id": 42817, "body": "Hi", "user_id": 158017000102}"#;
    let steps = steps("freshdesk_tickets_reply", input, None);
    assert!(steps.contains(&"check") && !steps.contains(&"turn") && !steps.contains(&"attach"), "{steps:?}");
}

#[test]
fn json_is_read_before_anything_is_instantiated() {
    assert_eq!(steps("freshdesk_ticket_get", r#"{"ticket_id": "x"}"#, None), ["call", "arguments"]);
    assert_eq!(steps("freshdesk_unknown", "{}", None), ["call"]);
}
