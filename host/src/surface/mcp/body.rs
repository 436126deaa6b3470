//! Reads a request's body, within bounds, and sees that it is one message.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;
use tokio::time::timeout;

use super::web::refuse;

/// Largest body: as much as a call may send to Freshdesk.
pub(super) const LARGEST: usize = 1 << 20;

/// Time for a body to arrive.
const ARRIVED: Duration = Duration::from_secs(15);

/// JSON-RPC's codes for what is no JSON, and for what is no message.
const NO_JSON: i32 = -32700;
pub(super) const NO_MESSAGE: i32 = -32600;

/// Lets a request pass once it is there.
pub(super) async fn read(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let bytes = match timeout(ARRIVED, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, NO_MESSAGE, "the message is larger than 1 MiB", None);
        }
        Ok(Err(_)) => return refuse(StatusCode::BAD_REQUEST, NO_MESSAGE, "the message did not arrive", None),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, NO_MESSAGE, "the message did not arrive in time", None),
    };
    if !is_json(&head.headers) {
        return next.run(Request::from_parts(head, Body::from(bytes))).await;
    }
    let id = match message(&bytes) {
        Ok(id) => id,
        Err(refusal) => return *refusal,
    };
    let response = next.run(Request::from_parts(head, Body::from(bytes))).await;
    // What is a message of JSON-RPC and none of MCP is refused as if it were of another kind, and not in JSON.
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return refuse(StatusCode::BAD_REQUEST, NO_MESSAGE, "this is no message of MCP", id.as_ref());
    }
    response
}

/// Other kinds are refused by whoever is next.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// The id of this one message of JSON-RPC, if it has one.
fn message(bytes: &Bytes) -> Result<Option<Value>, Box<Response>> {
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
    Ok(id.cloned())
}
