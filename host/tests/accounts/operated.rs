//! A host that serves, as those who operate it see it: by its probes, its counts, its traces and its log.

use freshdesk_simulator::seed;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::client::{Answer, ask};
use crate::office::{Engine, Office, Server, TENANT, user};
use crate::telemetry::collected::Collector;

/// What must be nowhere: it is the user, the ticket's text, a part of the key, and what a caller sends beside.
const CANARY: &str = "Canary0fNobody";
const KEY: &str = "KeyOfCanary0fNobody7";

/// A caller's trace, of which the calls are to be a part.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A server, an agent's token for it, and the headers of the agent's requests.
struct Agent<'a> {
    url: &'a str,
    token: String,
    trace: String,
}

impl Agent<'_> {
    fn post(&self, path: &str, more: &[(&str, &str)], body: &Value) -> Answer {
        let common = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("traceparent", self.trace.as_str()),
            ("tracestate", "canary=Canary0fNobody"),
            ("baggage", "canary=Canary0fNobody"),
        ];
        let headers = [&common[..], more].concat();
        ask(self.url, "POST", path, Some(&self.token), &headers, &body.to_string()).unwrap()
    }

    /// Calls by the HTTP API.
    fn execute(&self, tool: &str, input: &Value) -> Answer {
        self.post("/v1/tools/execute", &[], &json!({"identifier": CANARY, "tool_name": tool, "tool_input": input}))
    }

    /// Calls in a session of MCP.
    fn in_a_session(&self, tool: &str, input: &Value) {
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": CANARY, "version": "1"}});
        let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello});
        let begun = self.post("/mcp", &[], &hello);
        assert_eq!(begun.status, 200, "{begun:?}");
        let mut headers = vec![("mcp-protocol-version", "2025-11-25")];
        headers.extend(begun.header("mcp-session-id").map(|session| ("mcp-session-id", session)));
        self.post("/mcp", &headers, &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        let call =
            json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": input}});
        let called = self.post("/mcp", &headers, &call);
        assert!(called.status == 200 && called.body.contains("structuredContent"), "{called:?}");
    }

    /// Calls by a request of MCP that stands alone.
    fn alone(&self, tool: &str, input: &Value) {
        let about = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": CANARY, "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", tool)];
        let params = json!({"name": tool, "arguments": input, "_meta": about});
        let called =
            self.post("/mcp", &headers, &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}));
        assert!(called.status == 200 && called.body.contains("structuredContent"), "{called:?}");
    }
}

/// An office with a user who is connected, and a token for that user's agents.
async fn office() -> (Office, String) {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    office.reset_key(KEY);
    office.connect(&user(CANARY), KEY).await;
    let token = office.json(&["tokens", "create", TENANT, "--name", "agents", "--identifier", CANARY]);
    let token = token["token"].as_str().unwrap().to_owned();
    (office, token)
}

/// Asks without a token.
fn get(url: &str, path: &str) -> Answer {
    ask(url, "GET", path, None, &[], "").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_tells_its_operator_how_it_does_and_nothing_of_its_users() {
    let (office, token) = office().await;
    let collector = Collector::start("200 OK", "");
    let mut command = office.command(&["serve", "--listen", "127.0.0.1:0", "--log", "trace", "--log-format", "json"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()).env("OTEL_TRACES_SAMPLER", "parentbased_always_off");
    let server = block_in_place(|| Server::start(command, &office.path("serve.log")));
    let agent = Agent { url: &server.url, token: token.clone(), trace: format!("00-{TRACE}-b7ad6b7169203331-01") };
    let counts = block_in_place(|| {
        assert_eq!(get(agent.url, "/healthz").status, 200);
        let ready = get(agent.url, "/readyz");
        assert!(ready.status == 200 && ready.body.contains(r#""ready":true"#), "{ready:?}");
        let reply = json!({"ticket_id": seed::TICKET_ID, "body": CANARY});
        let executed = agent.execute("freshdesk_tickets_reply", &reply);
        assert!(executed.status == 200 && executed.body.contains(CANARY), "{executed:?}");
        agent.in_a_session("freshdesk_ticket_get", &json!({"ticket_id": seed::TICKET_ID}));
        agent.alone("freshdesk_ticket_get", &json!({"ticket_id": seed::TICKET_ID}));
        assert_eq!(agent.execute("freshdesk_ticket_get", &json!({"ticket_id": CANARY})).status, 422);
        for number in 0..20 {
            assert!(agent.execute(&format!("{CANARY}{number}"), &json!({CANARY: CANARY})).status >= 400);
        }
        let other = Agent { token: format!("fdp_{CANARY}"), trace: format!("{CANARY}-01"), url: agent.url };
        assert_eq!(other.execute("freshdesk_ticket_get", &json!({})).status, 401);
        assert_eq!(get(agent.url, &format!("/connect/{CANARY}")).status, 410);
        let accept = [("accept", "application/openmetrics-text")];
        let counts = ask(agent.url, "GET", "/metrics", None, &accept, "").unwrap();
        let kind = counts.header("content-type").unwrap();
        assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
        counts.body
    });
    for line in [
        r#"freshdesk_host_calls_total{tool="freshdesk_ticket_get",outcome="ok"} 2"#,
        r#"freshdesk_host_calls_total{tool="freshdesk_ticket_get",outcome="invalid_input"} 1"#,
        r#"freshdesk_host_calls_total{tool="freshdesk_tickets_reply",outcome="ok"} 1"#,
        "freshdesk_host_turn_wait_seconds_count 3",
        "freshdesk_host_calls_running 0",
        r#"freshdesk_host_http_requests_total{surface="page",status="4xx"} 1"#,
    ] {
        assert!(counts.contains(line), "{line} is not in {counts}");
    }
    server.end(Signal::TERM);
    let log = std::fs::read_to_string(office.path("serve.log")).unwrap();
    is_json(&log);
    let collected = collector.collected();
    // Traces are for callers who trace: those of the others are not wanted here.
    assert!(collected.spans.iter().all(|span| hex(&span.trace) == TRACE), "{:?}", collected.spans);
    let calls: Vec<_> = collected.spans.iter().filter(|span| span.name == "call").collect();
    assert_eq!(calls.len(), 4, "{calls:?}");
    let request = |id: &[u8]| collected.spans.iter().find(|span| span.id == id && span.name == "request");
    let surfaces: Vec<_> =
        calls.iter().map(|call| request(&call.parent).map(|span| span.said["surface"].as_str())).collect();
    assert_eq!(surfaces, [Some("api"), Some("mcp"), Some("mcp"), Some("api")]);
    let inside = collected.text();
    for secret in [CANARY, &CANARY.to_lowercase(), token.trim_start_matches("fdp_"), TENANT, "Jane", "jane@"] {
        assert!(!counts.contains(secret) && !inside.contains(secret), "{secret} is in {counts} or {inside}");
    }
    for secret in [token.trim_start_matches("fdp_"), "jane@", "Jane", CANARY] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

/// Each line of the log is a record; the command itself says where it serves, and that it has stopped.
fn is_json(log: &str) {
    let (said, records): (Vec<_>, Vec<_>) = log.lines().partition(|line| line.starts_with("freshdesk-host: "));
    assert!(said.len() == 2 && !records.is_empty(), "{log}");
    for line in records {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(record["target"].as_str().unwrap().starts_with("freshdesk_host"), "{line}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An operator who wants no counts where users come in has them elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn counts_are_where_the_operator_wants_them() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = office.serve(&["--metrics-listen", &place]);
    let elsewhere = format!("http://{place}");
    block_in_place(|| {
        assert_eq!(get(&server.url, "/metrics").status, 404);
        assert_eq!(get(&server.url, "/readyz").status, 200);
        let counts = get(&elsewhere, "/metrics");
        assert!(counts.status == 200 && counts.body.contains("freshdesk_host_build_info"), "{counts:?}");
        assert_eq!(get(&elsewhere, "/readyz").status, 404);
    });
}
