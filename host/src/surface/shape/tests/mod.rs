//! Answers as they are shaped: thirty tickets, the contract's schemas, and answers that want to be more than data.

mod fields;
mod offered;
mod random;
mod room;
mod tickets;

use serde_json::{Value, json};

use super::*;
use crate::sandbox::contract::Contract;

/// A page of thirty tickets, with long descriptions, as the contract answers it.
fn tickets() -> Value {
    serde_json::from_str(include_str!("tickets.json")).unwrap()
}

/// An answer, shaped by parameters.
fn shaped(answer: Value, parameters: Value) -> Shaped {
    Shape::take(parameters).unwrap().0.apply(answer)
}

/// The bytes of a whole result of MCP.
fn bytes(shaped: &Shaped) -> usize {
    let content = json!([{"type": "text", "text": shaped.text}]);
    json!({"content": content, "structuredContent": shaped.structured, "isError": false, "resultType": "complete"})
        .to_string()
        .len()
}
