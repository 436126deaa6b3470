//! Agents whose requests each go to another host.

use freshdesk_host::Wish;
use freshdesk_simulator::seed;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::Hosts;
use crate::client::{Answer, ask};
use crate::office::{EMAIL, user};
use crate::visitor::Visitor;

/// Posts a message to `/mcp`.
fn post(url: &str, token: &str, headers: &[(&str, &str)], message: &Value) -> Answer {
    let usual = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    let headers = [&usual[..], headers].concat();
    block_in_place(|| ask(url, "POST", "/mcp", Some(token), &headers, &message.to_string()).unwrap())
}

/// A session of an older revision.
struct Session {
    token: String,
    id: String,
    revision: &'static str,
}

impl Session {
    /// Begins one at this host.
    fn begin(url: &str, token: &str, revision: &'static str) -> Self {
        let hello =
            json!({"protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
        let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello});
        let begun = post(url, token, &[], &hello);
        assert_eq!(begun.json()["result"]["protocolVersion"], revision, "{begun:?}");
        let id = begun.header("mcp-session-id").unwrap().to_owned();
        let session = Self { token: token.to_owned(), id, revision };
        session.post(url, &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        session
    }

    fn post(&self, url: &str, message: &Value) -> Answer {
        let headers = [("mcp-session-id", self.id.as_str()), ("mcp-protocol-version", self.revision)];
        post(url, &self.token, &headers, message)
    }

    /// Reads a ticket at this host.
    fn reads(&self, url: &str) {
        let call = json!({"name": "freshdesk_ticket_get", "arguments": {"ticket_id": seed::TICKET_ID}});
        let answer = self.post(url, &json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": call}));
        assert_eq!(answer.json()["result"]["structuredContent"]["id"], seed::TICKET_ID, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_at_any_host_and_when_the_one_that_began_it_is_gone() {
    let Some(mut hosts) = Hosts::start(&[]).await else { return };
    hosts.connected("jane").await;
    let (_, token) = hosts.token(Some("jane")).await;
    let urls = hosts.urls();
    let mut sessions = Vec::new();
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let session = Session::begin(&urls[0], &token, revision);
        // Twice around.
        (0..6).for_each(|_| session.reads(&hosts.balancer.url));
        sessions.push(session);
    }
    assert!(hosts.servers.remove(0).end(Signal::TERM).success());
    for session in &sessions {
        (0..6).for_each(|_| session.reads(&hosts.balancer.url));
    }
    let (_, other) = hosts.token(Some("jane")).await;
    let stranger = Session { token: other, id: sessions[0].id.clone(), revision: "2024-11-05" };
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    assert_eq!(stranger.post(&urls[1], &list).status, 404, "it is the caller's alone, at every host");
}

/// A call that stands alone, of a client that opens links; with a state that it was given, or none.
fn call(url: &str, token: &str, state: Option<&Value>) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "a", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}}},
    });
    let tool = "freshdesk_ticket_get";
    let mut params = json!({"name": tool, "arguments": {"ticket_id": seed::TICKET_ID}, "_meta": meta});
    if let Some(state) = state {
        params["requestState"] = state.clone();
        params["inputResponses"] = json!({"connect": {"action": "accept"}});
    }
    let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", tool)];
    post(url, token, &headers, &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_brings_back_is_good_at_another_host_and_once_at_all_of_them() {
    let Some(hosts) = Hosts::start(&[]).await else { return };
    let urls = hosts.urls();
    let accounts = hosts.office.another_host("product").await;
    let wish = Wish { expected_email: Some(EMAIL.to_owned()), ..Wish::default() };
    accounts.get_or_create(&user("jane"), &wish).await.unwrap();
    accounts.close().await;
    let (_, token) = hosts.token(Some("jane")).await;
    let states: Vec<_> = (0..2).map(|_| call(&urls[0], &token, None)["result"]["requestState"].clone()).collect();
    let required = call(&urls[1], &token, None);
    let link = required["result"]["inputRequests"]["connect"]["params"]["url"].as_str().unwrap_or_default().to_owned();
    // Each host makes a link of its own, as it does not know of those that others handed out.
    assert!(link.contains("/connect/"), "{required}");
    block_in_place(|| {
        let mut visitor = Visitor::at(&hosts.balancer.url);
        let form = visitor.open(&link).unwrap();
        let shown = visitor.offer(&form, seed::ADMIN_KEY).unwrap();
        assert!(visitor.submit(&shown, &[]).unwrap().says_connected());
    });
    let is_good = |answer: &Value| answer["result"]["structuredContent"]["id"] == seed::TICKET_ID;
    assert!(is_good(&call(&urls[1], &token, Some(&states[0]))));
    for url in &urls {
        assert_eq!(call(url, &token, Some(&states[0]))["error"]["code"], -32602, "it was used");
    }
    // All at once, it is good at one of them.
    let answers: Vec<_> = block_in_place(|| {
        std::thread::scope(|scope| {
            let calling: Vec<_> =
                urls.iter().cycle().take(9).map(|url| scope.spawn(|| call(url, &token, Some(&states[1])))).collect();
            calling.into_iter().map(|called| called.join().unwrap()).collect()
        })
    });
    assert_eq!(answers.iter().filter(|answer| is_good(answer)).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| is_good(answer) || answer["error"]["code"] == -32602), "{answers:?}");
}
