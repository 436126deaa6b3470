//! The body of a request: read, then asked for attributes.

use http::Method;
use serde_json::{Map, Value};

use super::errors::Refusal;
use super::message::Request;
use super::moment;
use crate::state::Moment;

/// Reads the body as a JSON object. A verb that has no body must send none.
pub(crate) fn read(request: &Request) -> Result<Map<String, Value>, Refusal> {
    if matches!(request.method, Method::GET | Method::DELETE) {
        return if request.body.is_empty() {
            Ok(Map::new())
        } else {
            Err(Refusal::malformed("no_content_required", "The request should have no body"))
        };
    }
    let content_type = request.content_type().unwrap_or_default();
    if content_type != "application/json" {
        let message = format!("Content-Type header is set to {content_type}. It should be set to application/json");
        return Err(Refusal::Single { status: 415, code: "invalid_content_type", message });
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::malformed("invalid_json", "Request body has invalid json format")),
    }
}

/// The attributes of a body. Asking assumes that a table has checked the types; what is of another type is absent.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// The attributes of this object.
    pub(crate) fn new(object: Map<String, Value>) -> Fields {
        Fields(object)
    }

    /// All of them.
    pub(crate) fn object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether the attribute is sent, be it as null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The attribute, unless it is absent or null.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.value(name)?.as_str().map(str::to_owned)
    }

    /// A whole number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.as_u64()
    }

    /// True or false.
    pub(crate) fn truth(&self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }

    /// A time.
    pub(crate) fn moment(&self, name: &str) -> Option<Moment> {
        moment::read(self.value(name)?.as_str()?)
    }

    /// A list of strings.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let values = self.value(name)?.as_array()?;
        Some(values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
    }

    /// A list of whole numbers.
    pub(crate) fn numbers(&self, name: &str) -> Option<Vec<u64>> {
        Some(self.value(name)?.as_array()?.iter().filter_map(Value::as_u64).collect())
    }
}
