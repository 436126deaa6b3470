//! What arrived and how it was answered.

use serde_json::Value;

/// One request as it arrived, with the status of its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Which connection carried it, counted from 1.
    pub connection: u64,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// The `Host` header, or the `:authority` of HTTP/2.
    pub host: String,
    /// The verb.
    pub method: String,
    /// The path, with `/api/v2`, as sent.
    pub path: String,
    /// What follows the question mark, as sent; empty when nothing does.
    pub query: String,
    /// The headers in the order sent, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status of the answer; 0 when a fault closed the connection instead.
    pub status: u16,
    /// How many credits the request cost.
    pub credits: u32,
}

impl Exchange {
    /// The value of the first header with this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}
