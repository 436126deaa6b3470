//! An answer that repeats what was asked, as some proxies do when they explain themselves.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::message::{Answer, Request};

/// The request's authorization, as it came and decoded, in headers and body.
pub(crate) fn echo(status: u16, request: &Request) -> Answer {
    let sent = request.authorization().unwrap_or_default();
    let decoded = STANDARD.decode(sent.trim_start_matches("Basic ")).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    let body = json!({
        "id": 1,
        "message": format!("cannot forward: authorization: {sent}"),
        "request": {"method": request.method.as_str(), "path": request.path, "authorization": sent, "user": decoded},
    });
    Answer::json(status, &body).with("x-echo-authorization", sent).with("x-echo-user", &decoded)
}
