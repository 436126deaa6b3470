//! What is logged and traced, and where it goes.

mod collected;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex};

use freshdesk_simulator::{Fault, FaultAction, Simulator, State, seed};
use serde_json::{Value, json};
use tracing::Instrument;

use super::*;
use crate::account::{Account, ApiKey};
use crate::office;
use collected::{Collected, Collector};
use freshdesk_label::Label;

/// What must be nowhere.
const CANARY: &str = "Canary0fNobody";

/// The variables of OpenTelemetry that a test sets.
fn variables(set: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let set: BTreeMap<String, String> =
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| set.get(name).cloned()
}

/// A log that is kept.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    /// Has the log kept for as long as what comes back lives.
    fn log(&self, format: Format, level: LevelFilter) -> tracing::subscriber::DefaultGuard {
        let to = self.clone();
        registry().with(log(format, level, move || to.clone())).set_default()
    }
}

/// Runs on this thread, which is listened to.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// A simulated Freshdesk in which the canary is the key and in a ticket, and calls that succeed and fail.
async fn calls() {
    let mut state = State::seeded();
    let desk = state.helpdesk(seed::LABEL);
    desk.agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some(CANARY.to_owned());
    let settings = freshdesk_simulator::Settings { state, ..freshdesk_simulator::Settings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    let host = office::host(&office::reaching(&simulator));
    let account = Arc::new(Account::new(Label::parse("acme").unwrap(), ApiKey::new(CANARY).unwrap()));
    let call = async |tool: &str, input: Value| host.call(&account, tool, &input).await;
    let reply = json!({"ticket_id": seed::TICKET_ID, "body": CANARY});
    call("freshdesk_tickets_reply", reply.clone()).await.unwrap();
    call("freshdesk_ticket_get", json!({"ticket_id": seed::TICKET_ID, "include": ["conversations"]})).await.unwrap();
    call("freshdesk_ticket_get", json!({"ticket_id": CANARY, CANARY: CANARY})).await.unwrap_err();
    call(CANARY, json!({})).await.unwrap_err();
    for status in [400, 409, 403, 418] {
        let body = json!({"code": format!("{CANARY} code"), "message": CANARY,
            "errors": [{"field": CANARY, "message": CANARY, "code": format!("{CANARY} x")}]});
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let action = FaultAction::Respond { status, headers, body: body.to_string().into_bytes() };
        simulator.state().faults.push(Fault::once(action));
        call("freshdesk_tickets_reply", reply.clone()).await.unwrap_err();
    }
}

#[test]
fn the_log_has_no_records_of_libraries() {
    let kept = Kept::default();
    let _logged = kept.log(Format::Text, LevelFilter::TRACE);
    tracing::trace!(target: "rmcp::transport::async_rw", body = CANARY, "received");
    tracing::error!(target: "rmcp::service", "{CANARY}");
    tracing::debug!(target: "h2::codec::framed_write", frame = CANARY, "send");
    tracing::warn!(target: "hyper::proto::h1", head = CANARY);
    let span = tracing::info_span!(target: "rmcp::service", "serve", body = CANARY);
    span.in_scope(|| tracing::trace!(target: "freshdesk_host::surface", tool = "freshdesk_ticket_get", "own"));
    let text = kept.text();
    assert!(text.contains("own") && text.contains("freshdesk_ticket_get") && !text.contains(CANARY), "{text}");
}

#[test]
fn the_log_has_neither_keys_nor_what_agents_customers_and_freshdesk_write() {
    for format in [Format::Text, Format::Json] {
        let kept = Kept::default();
        let _logged = kept.log(format, LevelFilter::TRACE);
        run(calls());
        let text = kept.text();
        for told in ["freshdesk_tickets_reply", "acme", "invalid_input", "conflict", "forbidden"] {
            assert!(text.contains(told), "{told} is not in {text}");
        }
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[test]
fn a_line_of_the_log_is_an_object_of_json() {
    let kept = Kept::default();
    let logged = kept.log(Format::Json, LevelFilter::INFO);
    let span = tracing::info_span!(target: "freshdesk_host::host", "call", tool = "freshdesk_ticket_get");
    span.in_scope(|| {
        tracing::warn!(target: "freshdesk_host::host", error = "a \"quoted\"\nline \u{1b}[31m", "failed");
        tracing::debug!(target: "freshdesk_host::host", "below the level");
    });
    tracing::info!(target: "freshdesk_host::serve", "begun");
    drop(logged);
    let text = kept.text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |line: &Value| {
        [&line["level"], &line["message"], &line["target"]].map(|word| word.as_str().unwrap().to_owned())
    };
    assert_eq!(told(&lines[0]), ["WARN", "failed", "freshdesk_host::host"]);
    assert_eq!(
        (&lines[0]["error"], &lines[0]["span"]["tool"]),
        (&json!("a \"quoted\"\nline \u{1b}[31m"), &json!("freshdesk_ticket_get"))
    );
    assert_eq!(told(&lines[1]), ["INFO", "begun", "freshdesk_host::serve"]);
    assert!(lines.len() == 2 && lines.iter().all(|line| line["timestamp"].is_string()), "{text}");
}

#[test]
fn nothing_is_sent_unless_a_variable_names_a_collector() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    let silent: [&[(&str, &str)]; 5] = [
        &[],
        &[("OTEL_SERVICE_NAME", "x"), ("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")],
        &[endpoint, ("OTEL_SDK_DISABLED", "true")],
        &[endpoint, ("OTEL_TRACES_EXPORTER", "none")],
    ];
    for set in silent {
        assert!(matches!(traces::provider(&variables(set)), Ok(None)), "{set:?}");
    }
}

/// A host serves also where its traces cannot be sent as the variables say; the reason is in the log.
#[test]
fn what_cannot_be_sent_as_the_variables_say_is_said_without_repeating_them() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    let unable: [(&[(&str, &str)], &str); 5] = [
        (&[endpoint, ("OTEL_TRACES_EXPORTER", "zipkin")], "OTEL_TRACES_EXPORTER"),
        (&[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], "http/protobuf"),
        (&[endpoint, ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere")], "CERTIFICATE"),
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:secret@ host")], "ENDPOINT"),
        (&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://secret")], "ENDPOINT"),
    ];
    run(async {
        for (set, told) in unable {
            let why = traces::provider(&variables(set)).unwrap_err();
            assert!(why.contains(told) && !why.contains("secret"), "{why}");
        }
    });
}

/// Traces the calls, and sends what was traced to a collector; what it got, and the log beside it.
fn traced(collector: &Collector, level: LevelFilter) -> (Collected, String) {
    let kept = Kept::default();
    run(async {
        let set = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()), ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000".to_owned())];
        let set: Vec<_> = set.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let provider = traces::provider(&variables(&set)).unwrap().unwrap();
        let to = kept.clone();
        let log = log(Format::Text, level, move || to.clone());
        let traced = registry().with(log).with(traces::layer(&provider)).set_default();
        let parent = http::HeaderMap::from_iter([
            (http::HeaderName::from_static("traceparent"), http::HeaderValue::from_static(PARENT)),
            (http::HeaderName::from_static("tracestate"), http::HeaderValue::from_static("canary=Canary0fNobody")),
        ]);
        let span = tracing::info_span!(target: "freshdesk_host::surface", "request", surface = "mcp", secret = CANARY);
        follow(&span, &parent);
        calls().instrument(span).await;
        Running(Some(provider)).end().await;
        drop(traced);
    });
    (collector.collected(), kept.text())
}

/// A caller's trace.
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn the_steps_of_a_call_are_spans_of_the_callers_trace() {
    let collector = Collector::start("200 OK", "");
    let (collected, _) = traced(&collector, LevelFilter::OFF);
    let spans = &collected.spans;
    let named = |name: &'static str| spans.iter().filter(move |span| span.name == name);
    for name in ["request", "call", "turn", "attach", "send", "redact"] {
        assert!(named(name).count() > 0, "no {name} in {spans:?}");
    }
    let trace: String = spans[0].trace.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(trace, "0af7651916cd43dd8448eb211c80319c");
    assert!(spans.iter().all(|span| span.trace == spans[0].trace), "{spans:?}");
    let request = named("request").next().unwrap();
    assert_eq!(request.parent, [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31]);
    for call in named("call") {
        assert_eq!(call.parent, request.id);
    }
    let first = named("call").find(|call| call.said.get("outcome").is_some_and(|outcome| outcome == "ok")).unwrap();
    assert_eq!(first.said["tool"], "freshdesk_tickets_reply");
    assert_eq!(first.said["helpdesk"], "acme");
    let below = |parent: &[u8]| {
        spans.iter().filter(|span| span.parent == parent).map(|span| span.name.as_str()).collect::<BTreeSet<_>>()
    };
    assert!(below(&first.id).is_superset(&BTreeSet::from(["arguments", "instance", "run", "answer"])), "{spans:?}");
    let run = spans.iter().find(|span| span.name == "run" && span.parent == first.id).unwrap();
    let passage = ["read", "check", "turn", "attach", "send", "redact"];
    assert!(
        below(&run.id).is_superset(&BTreeSet::from(passage)),
        "the passage is below the run of the plugin: {spans:?}"
    );
    assert!(collected.heads.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", collected.heads);
    assert!(collected.text().contains("freshdesk-host") && collected.text().contains("service.version"));
}

#[test]
fn spans_say_nothing_but_what_is_known_to_be_harmless() {
    let collector = Collector::start("200 OK", "");
    let (collected, log) = traced(&collector, LevelFilter::TRACE);
    assert!(collected.spans.len() > 20 && log.contains("invalid_input"), "{log}");
    let said: BTreeSet<_> = collected.spans.iter().flat_map(|span| span.said.keys().map(String::as_str)).collect();
    assert_eq!(said, BTreeSet::from(["helpdesk", "outcome", "surface", "tool"]));
    assert!(!collected.text().contains(CANARY) && !log.contains(CANARY.to_lowercase().as_str()));
    assert!(collected.spans.iter().all(|span| span.events == 0), "events are for the log alone");
}

#[test]
fn a_collector_that_refuses_or_leads_elsewhere_is_logged_once_and_not_followed() {
    let other = Collector::start("200 OK", "");
    let elsewhere = format!("Location: {}/v1/traces\r\n", other.url());
    for (status, told) in [("307 Temporary Redirect", "307"), ("401 Unauthorized", "401")] {
        let collector = Collector::start(status, &elsewhere);
        let (_, log) = traced(&collector, LevelFilter::WARN);
        assert_eq!(log.matches("the collector does not take traces").count(), 1, "{log}");
        assert!(log.contains(told), "{log}");
    }
    assert!(other.collected().bodies.is_empty(), "it was followed");
}
