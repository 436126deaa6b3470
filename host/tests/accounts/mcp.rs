//! MCP as its clients meet it: by a process of their own, and by a server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use freshdesk_simulator::seed;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::office::{Office, PATIENCE, TENANT, user};
use crate::output::{refused, stderr, stdout};

/// A request that stands alone.
fn request(id: u64, method: &str, mut params: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

/// What a client asks first, a call, and lines that are no messages.
fn input() -> String {
    let call = json!({"name": "freshdesk_ticket_get", "arguments": {"ticket_id": seed::TICKET_ID}});
    let lines = [request(1, "server/discover", json!({})), "nothing {".to_owned(), request(2, "tools/call", call)];
    lines.join("\n") + "\n"
}

/// What was answered, by id.
fn answers(output: &str) -> Vec<Value> {
    let mut messages: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(messages.iter().all(|message| message["jsonrpc"] == "2.0"), "{output}");
    messages.sort_by_key(|message| message["id"].as_u64());
    messages
}

/// B9: standard output carries the protocol and nothing else, whatever is logged.
#[tokio::test(flavor = "multi_thread")]
async fn b9_a_process_of_ones_own_prints_the_protocol_alone() {
    let office = Office::with_tenant(crate::office::Engine::Sqlite).await.unwrap();
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    for arguments in [["mcp", "--identifier", "jane"].as_slice(), &["mcp", "--identifier", "jane", "--tenant", TENANT]]
    {
        let output = office.run_with_input(&[arguments, &["--log", "trace"]].concat(), &input());
        let answers = answers(&stdout(&output));
        assert_eq!(answers.len(), 2, "{}", stderr(&output));
        assert!(answers[0]["result"]["supportedVersions"].is_array());
        assert_eq!(answers[1]["result"]["structuredContent"]["id"], seed::TICKET_ID, "{}", answers[1]);
        assert!(output.status.success());
        let subject = office.simulator.state().helpdesk(seed::LABEL).tickets[&seed::TICKET_ID].subject.clone();
        assert!(!stderr(&output).contains(&subject.unwrap()), "tickets are logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_the_environment_needs_no_store() {
    let office = Office::open().await;
    let output = tokio::task::block_in_place(|| {
        let mut command = office.command(&["mcp"]);
        command.env("FRESHDESK_DOMAIN", "acme").env("FRESHDESK_API_KEY", seed::ADMIN_KEY);
        let piped = std::process::Stdio::piped;
        let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    assert_eq!(answers(&stdout(&output))[1]["result"]["structuredContent"]["id"], seed::TICKET_ID);
    assert_eq!(office.files().len(), 1, "there is the authority and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_set_up_is_said_and_ends_it() {
    let office = Office::with_tenant(crate::office::Engine::Sqlite).await.unwrap();
    let wrong = |arguments: &[&str]| refused(&office.run_with_input(&[&["mcp"], arguments].concat(), ""));
    assert!(wrong(&[]).contains("set FRESHDESK_DOMAIN"));
    assert!(wrong(&["--tenant", TENANT]).contains("--identifier"));
    assert!(wrong(&["--identifier", "jane", "--tenant", "nobody"]).contains("no such tenant"));
    assert!(wrong(&["--identifier", "jane", "--database", "nothing.db"]).contains("there is no database"));
    office.text(&["tenants", "create", "other", "--name", "Other"]);
    assert!(wrong(&["--identifier", "jane"]).contains("say whose user it is by --tenant: acme-app, other"));
    std::fs::rename(office.root_keys(), office.path("moved.keys")).unwrap();
    assert!(wrong(&["--identifier", "jane", "--tenant", TENANT]).contains("there is no file of root keys"));
}

/// One request over a connection of its own, and what has come when it ends or there is nothing for a while.
fn ask(url: &str, token: &str, method: &str, more: &[(&str, &str)], body: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(head(url, token, method, more, body).as_bytes()).unwrap();
    let mut text = vec![0; 64 << 10];
    let first = stream.read(&mut text).unwrap();
    text.truncate(first);
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

fn head(url: &str, token: &str, method: &str, more: &[(&str, &str)], body: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let more: String = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!(
        "{method} /mcp HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\ncontent-length: {}\r\n{more}\r\n{body}",
        body.len()
    )
}

/// The `Mcp-Session-Id` of an answer.
fn session(answer: &str) -> String {
    let line = answer.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
    line.unwrap_or_else(|| panic!("there is no session in {answer}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_lets_in_who_shows_a_token_of_a_user() {
    let office = Office::with_tenant(crate::office::Engine::Sqlite).await.unwrap();
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let made = office.json(&["tokens", "create", TENANT, "--identifier", "jane", "--name", "an agent"]);
    let token = made["token"].as_str().unwrap();
    let server = office.serve(&[]);
    let new =
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "freshdesk_ticket_get")];
    let call = json!({"name": "freshdesk_ticket_get", "arguments": {"ticket_id": seed::TICKET_ID}});
    let answer = ask(&server.url, token, "POST", &new, &request(1, "tools/call", call.clone()));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("structuredContent"), "{answer}");
    let refused = ask(&server.url, "fdp_none", "POST", &new, &request(1, "tools/call", call));
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("www-authenticate: Bearer"), "{refused}");
    assert!(server.end(Signal::TERM).success());
}

/// Clients of older revisions hold a stream open for what a server has to say: it says nothing, and does not wait for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_to_end_waits_for_no_stream_that_answers_nothing() {
    let office = Office::with_tenant(crate::office::Engine::Sqlite).await.unwrap();
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let made = office.json(&["tokens", "create", TENANT, "--identifier", "jane", "--name", "an agent"]);
    let token = made["token"].as_str().unwrap();
    let server = office.serve(&[]);
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
    let begin = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).to_string();
    let session = session(&ask(&server.url, token, "POST", &[], &begin));
    let more = [("mcp-session-id", session.as_str()), ("mcp-protocol-version", "2025-11-25")];
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(head(&server.url, token, "GET", &more, "").as_bytes()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let begun = Instant::now();
    assert!(server.end(Signal::TERM).success());
    assert!(begun.elapsed() < Duration::from_secs(10), "it waited for {:?}", begun.elapsed());
    stream.read_to_end(&mut Vec::new()).unwrap();
}
