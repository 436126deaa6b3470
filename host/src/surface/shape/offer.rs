//! The tools as agents see them: the contract's, with the parameters that shape their answers.

use http::Method;
use serde_json::{Value, json};

use super::select::PAGING;
use super::{Effect, Offered, marks, parameters};
use crate::egress::method;
use crate::sandbox::contract::Tool;

impl Offered {
    pub(super) fn of(tool: &Tool) -> Self {
        let mut input_schema = tool.input_schema().clone();
        parameters::add(&mut input_schema);
        Self {
            name: tool.name().to_owned(),
            title: title(tool.description()),
            description: tool.description().to_owned(),
            input_schema,
            output_schema: shaped(tool.output_schema()),
            effect: Effect::of(method(tool.function()).as_ref()),
        }
    }
}

impl Effect {
    /// What the request of this method does. One that is not known may do anything.
    fn of(method: Option<&Method>) -> Self {
        let reads = method.is_some_and(Method::is_safe);
        let idempotent = method.is_some_and(Method::is_idempotent);
        Self { reads, destroys: !reads && method != Some(&Method::POST), idempotent }
    }
}

/// The first words of a description, up to where it goes into details: "List Freshdesk tickets".
fn title(description: &str) -> String {
    let end = description.find(['.', ',', ':', '(']).unwrap_or(description.len());
    description[..end].trim().to_owned()
}

/// The schema of an answer as it is shaped: any field may be left out but those that say where a page stands.
fn shaped(schema: &Value) -> Value {
    let mut shaped = optional(schema);
    let page = schema["properties"].get(PAGING[0]).is_some();
    if let Some(properties) = shaped.get_mut("properties").and_then(Value::as_object_mut) {
        let hint = json!({"type": "string", "description": "What is not here, and how to get it."});
        let untrusted = json!({"type": "string", "description": "What the marks ⟦ ⟧ around text mean."});
        properties.insert(marks::HINT.to_owned(), hint);
        properties.insert(marks::UNTRUSTED.to_owned(), untrusted);
    }
    if page && let Some(shaped) = shaped.as_object_mut() {
        shaped.insert("required".to_owned(), json!([PAGING[0]]));
    }
    shaped
}

/// A schema by which no field has to be there.
fn optional(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            // A field of this name is below `properties`, where it has an object and no list.
            let kept = keywords.iter().filter(|(name, value)| *name != "required" || !value.is_array());
            kept.map(|(name, value)| (name.clone(), optional(value))).collect()
        }
        Value::Array(items) => items.iter().map(optional).collect(),
        other => other.clone(),
    }
}
