//! What the operator of a real command sees of its calls: a log of JSON, and traces where a variable names a collector.

#[path = "../../src/cli/telemetry/tests/collected.rs"]
#[expect(dead_code, reason = "the tests of the library look at more")]
pub(crate) mod collected;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use freshdesk_simulator::seed;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::office::Office;
use collected::{Collected, Collector};

/// The key, and a part of all that an agent writes.
const KEY: &str = "CanaryKeyOfNobody1";
const TEXT: &str = "Canary text of nobody";

/// What a command that serves MCP put out.
struct Served {
    answers: Vec<Value>,
    log: String,
    /// Where it was connected to after its calls.
    connected: Option<BTreeSet<SocketAddr>>,
}

/// Has a command serve some calls over MCP, with these variables.
async fn serve(office: &Office, variables: &[(&str, &str)]) -> Served {
    office.reset_key(KEY);
    let mut command = office.command(&["mcp", "--log", "trace", "--log-format", "json"]);
    command.env("FRESHDESK_DOMAIN", seed::LABEL).env("FRESHDESK_API_KEY", KEY).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    block_in_place(|| {
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let answers = talk(&mut child);
        let connected = connections(child.id());
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        Served { answers, log: log.join().unwrap(), connected }
    })
}

/// Asks one after the other, and reads each answer.
fn talk(child: &mut Child) -> Vec<Value> {
    let call = |tool: &str, arguments: Value| ("tools/call", json!({"name": tool, "arguments": arguments}));
    let about = json!({"name": TEXT, "version": "1"});
    let requests = [
        ("initialize", json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": about})),
        call("freshdesk_tickets_reply", json!({"ticket_id": seed::TICKET_ID, "body": TEXT})),
        call("freshdesk_ticket_get", json!({"ticket_id": seed::TICKET_ID})),
        call("freshdesk_ticket_get", json!({"ticket_id": TEXT})),
        call(TEXT, json!({TEXT: TEXT})),
        (TEXT, json!({TEXT: TEXT})),
    ];
    let mut stdin = child.stdin.as_ref().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answers = Vec::new();
    for (id, (method, params)) in requests.into_iter().enumerate() {
        writeln!(stdin, "{}", json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).unwrap();
        let answer = loop {
            let message: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            if message["id"] == id {
                break message;
            }
        };
        answers.push(answer);
        if id == 0 {
            writeln!(stdin, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
        }
    }
    answers
}

/// Where a process is connected to over IPv4; none where the system does not tell.
fn connections(id: u32) -> Option<BTreeSet<SocketAddr>> {
    let open: BTreeSet<String> = fs::read_dir(format!("/proc/{id}/fd"))
        .ok()?
        .filter_map(|file| Some(fs::read_link(file.ok()?.path()).ok()?.to_str()?.to_owned()))
        .collect();
    let table = fs::read_to_string(format!("/proc/{id}/net/tcp")).ok()?;
    let remote = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (address, port) = fields[2].split_once(':')?;
        let address = u32::from_str_radix(address, 16).ok()?.to_le_bytes();
        let remote = SocketAddr::from((address, u16::from_str_radix(port, 16).ok()?));
        open.contains(&format!("socket:[{}]", fields[9])).then_some(remote)
    });
    Some(remote.collect())
}

/// Looks through what came out: the log is of JSON, and in neither is what nobody but the agent and Freshdesk is to see.
fn is_harmless(served: &Served, collected: &Collected) {
    assert_eq!(served.answers.len(), 6);
    assert!(served.answers[1]["result"]["structuredContent"].is_object(), "{:?}", served.answers[1]);
    for line in served.log.lines() {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(record["target"].as_str().unwrap().starts_with("freshdesk_host"), "{line}");
    }
    assert!(served.log.contains("invalid_input") && served.log.contains("freshdesk_ticket_get"), "{}", served.log);
    let texts = [served.log.clone(), collected.text()];
    for secret in [KEY, "Canary", "canary", "jane@", "Payment failed", "Jane"] {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{secret} is in {texts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_a_command_are_traced_where_the_variables_say() {
    let office = Office::open().await;
    let collector = Collector::start("200 OK", "");
    let url = collector.url();
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20of-the-collector,x-team=triage"),
        ("OTEL_SERVICE_NAME", "triage-tools"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=trial"),
    ];
    let served = serve(&office, &variables).await;
    let collected = collector.collected();
    is_harmless(&served, &collected);
    assert!(
        collected.heads.to_ascii_lowercase().contains("authorization: bearer of-the-collector"),
        "{}",
        collected.heads
    );
    assert!(!served.log.contains("of-the-collector"), "{}", served.log);
    for told in ["triage-tools", "deployment.environment.name", "service.version"] {
        assert!(collected.text().contains(told), "{told}");
    }
    let calls: Vec<_> = collected.spans.iter().filter(|span| span.name == "call").collect();
    let told: Vec<_> = calls.iter().map(|call| (call.said["tool"].as_str(), call.said["outcome"].as_str())).collect();
    let get = "freshdesk_ticket_get";
    assert_eq!(told, [("freshdesk_tickets_reply", "ok"), (get, "ok"), (get, "invalid_input")]);
    for call in &calls[..2] {
        let of_call = collected.spans.iter().filter(|span| span.trace == call.trace);
        let names: BTreeSet<_> = of_call.map(|span| span.name.as_str()).collect();
        assert!(names.is_superset(&BTreeSet::from(["turn", "attach", "send", "redact"])), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_the_calls_is_traced_where_the_variables_say_so() {
    let office = Office::open().await;
    let collector = Collector::start("200 OK", "");
    let url = format!("{}/v1/traces", collector.url());
    let none = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")];
    let served = serve(&office, &[&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url.as_str())], &none[..]].concat()).await;
    assert!(served.answers[1]["result"].is_object() && collector.collected().bodies.is_empty());
    serve(&office, &[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url.as_str())]).await;
    assert!(!collector.collected().spans.is_empty(), "this place is the collector's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_connects_to_freshdesk_alone_unless_a_variable_names_a_collector() {
    let office = Office::open().await;
    let collector = Collector::start("200 OK", "");
    let url = collector.url();
    let off = ("OTEL_SDK_DISABLED", "true");
    for variables in [&[("OTEL_SERVICE_NAME", "x")][..], &[("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), off][..]] {
        let served = serve(&office, variables).await;
        let none = Collected { heads: String::new(), bodies: Vec::new(), spans: Vec::new() };
        is_harmless(&served, &none);
        match served.connected {
            Some(connected) => assert_eq!(connected, BTreeSet::from([office.simulator.addr()])),
            None => eprintln!("SKIPPED: the system does not tell where a process is connected to"),
        }
    }
    assert!(collector.collected().heads.is_empty());
}

/// A collector that is not there costs an agent nothing, and is in the log once.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_is_in_the_log() {
    let office = Office::open().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let served = serve(&office, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://user:hidden@{nobody}"))]).await;
    assert!(served.answers[1]["result"].is_object(), "{:?}", served.answers);
    assert_eq!(served.log.matches("the collector does not take traces").count(), 1, "{}", served.log);
    assert!(!served.log.contains("hidden"), "{}", served.log);
    let grpc = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let served = serve(&office, &grpc).await;
    assert!(served.answers[1]["result"].is_object() && served.log.contains("http/protobuf"), "{}", served.log);
}
