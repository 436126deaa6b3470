//! Messages that are none, too large, or never arrive.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body::Frame;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::world::World;

/// What this body is answered with.
async fn posted(client: &mut Client, body: Body) -> Answer {
    let message = client.request("tools/list", json!({}));
    let mut request = client.http().request(&message, "2026-07-28");
    *request.body_mut() = body;
    Answer::read(client.http().raw(request).await).await
}

async fn a_client() -> (World, Client) {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let client = world.web(&alice, "2026-07-28").await;
    (world, client)
}

#[tokio::test]
async fn what_is_no_message_is_told_in_the_words_of_json_rpc() {
    let (_world, mut client) = a_client().await;
    for (body, code, id) in [
        ("", -32700, None),
        ("{", -32700, None),
        ("nothing", -32700, None),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"", -32700, None),
        ("null", -32600, None),
        ("7", -32600, None),
        ("[]", -32600, None),
        ("{}", -32600, None),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, None),
        (r#"{"id":1,"method":"ping"}"#, -32600, Some(json!(1))),
        (r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#, -32600, Some(json!("a"))),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600, Some(json!(1))),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600, Some(json!(1))),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600, None),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, None),
        (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, -32600, Some(json!(1))),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, -32600, Some(json!(1))),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"tools/list","params":{}}"#, -32600, Some(json!(1.5))),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}"#, -32600, Some(json!(2))),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}"#, -32600, Some(json!(1))),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":5}"#, -32600, Some(json!(1))),
    ] {
        let answer = posted(&mut client, Body::from(body)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text);
        let error: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!((&error["error"]["code"], error.get("id")), (&json!(code), id.as_ref()), "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(posted(&mut client, Body::from(deep)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_kinds_of_content_are_refused() {
    let (_world, mut client) = a_client().await;
    for (name, value, status) in [
        ("content-type", "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("content-type", "", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("accept", "application/json", StatusCode::NOT_ACCEPTABLE),
        ("accept", "text/html", StatusCode::NOT_ACCEPTABLE),
        ("content-type", "application/json; charset=utf-8", StatusCode::OK),
    ] {
        client.http().headers = vec![(name, value.to_owned())];
        let message = client.request("tools/list", json!({}));
        assert_eq!(client.http().post(&message, "2026-07-28").await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_message_of_more_than_a_mebibyte_is_refused() {
    let (_world, mut client) = a_client().await;
    let text = |length: usize| json!({"name": "freshdesk_ticket_create", "arguments": {"subject": "x".repeat(length)}});
    let request = client.request("tools/call", text(1 << 20));
    let answer = client.http().post(&request, "2026-07-28").await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.messages()[0]["error"]["code"], -32600);
    let request = client.request("tools/call", text((1 << 20) - 1000));
    assert_eq!(client.http().post(&request, "2026-07-28").await.status, StatusCode::OK);
}

/// A body of which nothing comes any more.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_message_that_does_not_arrive_is_not_waited_for() {
    let (_world, mut client) = a_client().await;
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let answer = posted(&mut client, Body::new(Endless)).await;
    assert_eq!((answer.status, began.elapsed().as_secs()), (StatusCode::REQUEST_TIMEOUT, 10));
}

/// What a header says and the body does not would be routed by one and run by the other.
#[tokio::test]
async fn headers_that_contradict_the_body_are_refused() {
    let (world, mut client) = a_client().await;
    let before = world.asked();
    for (name, value) in [
        ("mcp-method", "tools/list"),
        ("mcp-name", "freshdesk_roles_list"),
        ("mcp-method", ""),
        ("mcp-name", ""),
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-protocol-version", ""),
    ] {
        client.http().headers = vec![(name, value.to_owned())];
        let request = client.request("tools/call", json!({"name": "freshdesk_agents_list", "arguments": {}}));
        let answer = client.http().post(&request, "2026-07-28").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {value}");
        let error = &answer.messages()[0];
        assert_eq!((&error["error"]["code"], &error["id"]), (&json!(-32020), &request["id"]), "{name}: {value}");
    }
    assert_eq!(world.asked(), before);
}
