//! Reads a request's body, within bounds, and sees that it is one message.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;

use super::sessions::{BEGINS, Begins};
use super::web::refuse;
use crate::surface::whole::{self, Unread};

/// Largest body: as much as a call may send to Freshdesk.
pub(super) const LARGEST: usize = 1 << 20;

/// JSON-RPC's codes for what is no JSON, and for what is no message.
const NO_JSON: i32 = -32700;
pub(super) const NO_MESSAGE: i32 = -32600;

/// Lets a request pass once it is there.
pub(super) async fn read(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let bytes = match whole::read(&head.headers, body, LARGEST).await {
        Ok(bytes) => bytes,
        Err(why) => {
            let (status, text) = match why {
                Unread::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the message is larger than 1 MiB"),
                Unread::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the message did not arrive in time"),
                Unread::Broken => (StatusCode::BAD_REQUEST, "the message did not arrive"),
            };
            return refuse(status, NO_MESSAGE, text, None);
        }
    };
    // Other kinds are refused by whoever is next.
    if !whole::is_of(&head.headers, "application/json") {
        return next.run(Request::from_parts(head, Body::from(bytes))).await;
    }
    let (id, begins) = match message(&bytes) {
        Ok(told) => told,
        Err(refusal) => return *refusal,
    };
    let answering = next.run(Request::from_parts(head, Body::from(bytes)));
    let response = match begins {
        Some(begins) => BEGINS.scope(begins, answering).await,
        None => answering.await,
    };
    // What is a message of JSON-RPC and none of MCP is refused as if it were of another kind, and not in JSON.
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return refuse(StatusCode::BAD_REQUEST, NO_MESSAGE, "this is no message of MCP", id.as_ref());
    }
    response
}

/// The id of this one message of JSON-RPC, if it has one, and the session that it begins, if it does.
fn message(bytes: &Bytes) -> Result<(Option<Value>, Option<Begins>), Box<Response>> {
    let bad = |code, text, id: Option<&Value>| Err(Box::new(refuse(StatusCode::BAD_REQUEST, code, text, id)));
    let Ok(message) = serde_json::from_slice::<Value>(bytes) else {
        return bad(NO_JSON, "this is no JSON", None);
    };
    if message.is_array() {
        return bad(NO_MESSAGE, "send messages one by one", None);
    }
    let id = message.get("id");
    let named = message["method"].is_string();
    let answers = message.get("result").is_some() != message.get("error").is_some();
    if message["jsonrpc"] != "2.0" || named == answers || id.is_some_and(|id| !(id.is_string() || id.is_number())) {
        return bad(NO_MESSAGE, "this is no message of JSON-RPC 2.0", id);
    }
    Ok((id.cloned(), Begins::of(&message)))
}
