//! The tools as agents see them: the contract's, with the parameters that shape their answers.

use http::Method;
use serde_json::{Value, json};

use super::answer::HAS_MORE;
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

/// The schema of an answer as it is shaped: any field may be left out but a page's list and whether more follows.
fn shaped(schema: &Value) -> Value {
    let mut shaped = optional(schema);
    let always = |name: &str| name == HAS_MORE || schema["properties"][name]["type"] == "array";
    let page = schema["properties"].get(HAS_MORE).and(schema["required"].as_array());
    let required: Vec<_> = page.into_iter().flatten().filter(|name| name.as_str().is_some_and(always)).collect();
    let required = json!(required);
    if let Some(properties) = shaped.get_mut("properties").and_then(Value::as_object_mut) {
        let untrusted = json!({"type": "string", "description": "What ⟦ ⟧ mean."});
        let hint = json!({"type": "string", "description": "What is left out, and how to get it."});
        properties.extend([(marks::UNTRUSTED.to_owned(), untrusted), (marks::HINT.to_owned(), hint)]);
    }
    if page.is_some()
        && let Some(shaped) = shaped.as_object_mut()
    {
        shaped.insert("required".to_owned(), required);
    }
    shaped
}

/// A schema by which no field has to be there, without descriptions that say what the field's name says.
fn optional(schema: &Value) -> Value {
    let Some(keywords) = schema.as_object() else { return schema.clone() };
    let kept = keywords.iter().filter(|(keyword, _)| *keyword != "required");
    let kept = kept.map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                fields.iter().map(|(name, field)| (name.clone(), described(name, field))).collect()
            }
            ("items", items) => optional(items),
            _ => value.clone(),
        };
        (keyword.clone(), value)
    });
    kept.collect()
}

/// The schema of a field of this name.
fn described(name: &str, field: &Value) -> Value {
    let mut field = optional(field);
    if let Some(keywords) = field.as_object_mut() {
        let words = |text: &str| text.trim_end_matches('.').replace(['_', ' '], "").to_ascii_lowercase();
        keywords.retain(|keyword, value| keyword != "description" || value.as_str().map(words) != Some(words(name)));
    }
    field
}
