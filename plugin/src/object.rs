//! Reads Freshdesk's JSON objects so that nothing is fatal and nothing is lost: a value is taken when it is of the
//! expected type, and everything that was not taken is the rest.

use serde_json::{Map, Value};

use crate::bindings::freshdesk::tools::types::CustomValue;

/// A JSON object being read.
pub(crate) struct Object(Map<String, Value>);

impl Object {
    pub(crate) fn new(object: Map<String, Value>) -> Self {
        Self(object)
    }

    /// Takes a value out if `read` can make something of it, and leaves it in otherwise.
    pub(crate) fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = read(self.0.get(name)?)?;
        self.0.remove(name);
        Some(value)
    }

    /// Takes a value out if it is of the `wanted` type, and leaves it in otherwise.
    fn take_if(&mut self, name: &str, wanted: fn(&Value) -> bool) -> Option<Value> {
        let value = self.0.get_mut(name)?;
        if !wanted(value) {
            return None;
        }
        let taken = value.take();
        self.0.remove(name);
        Some(taken)
    }

    pub(crate) fn id(&mut self, name: &str) -> Option<u64> {
        self.take(name, Value::as_u64)
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.take(name, Value::as_bool)
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take_if(name, Value::is_string)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A list of texts; empty where there is none, as null lists are in old records (`docs/freshdesk.md` §6.1).
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        self.take(name, |value| each(value, |item| item.as_str().map(str::to_owned))).unwrap_or_default()
    }

    pub(crate) fn ids(&mut self, name: &str) -> Vec<u64> {
        self.take(name, |value| each(value, Value::as_u64)).unwrap_or_default()
    }

    pub(crate) fn object(&mut self, name: &str) -> Option<Self> {
        match self.take_if(name, Value::is_object)? {
            Value::Object(object) => Some(Self(object)),
            _ => None,
        }
    }

    /// Takes an object out if `read` can make something of it, and leaves it in otherwise.
    pub(crate) fn object_of<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.take(name, |value| read(&mut Self(value.as_object()?.clone())))
    }

    /// Takes a list of objects out if `read` can make something of each, and leaves it in otherwise.
    pub(crate) fn each_of<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take(name, |value| each(value, |item| read(&mut Self(item.as_object()?.clone()))))
    }

    pub(crate) fn objects(&mut self, name: &str) -> Option<Vec<Self>> {
        let all_objects = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
        let mut items = self.take_if(name, all_objects)?;
        let objects = items.as_array_mut()?.iter_mut().filter_map(Value::as_object_mut);
        Some(objects.map(|object| Self(std::mem::take(object))).collect())
    }

    /// The fields that a helpdesk defines for itself. One of an unknown shape stays in the rest.
    pub(crate) fn custom_fields(&mut self) -> Vec<(String, Option<CustomValue>)> {
        let Some(Self(fields)) = self.object("custom_fields") else { return Vec::new() };
        let (mut known, mut strange) = (Vec::new(), Map::new());
        for (name, value) in fields {
            match custom_value(&value) {
                Some(known_value) => known.push((name, known_value)),
                None => drop(strange.insert(name, value)),
            }
        }
        if !strange.is_empty() {
            self.0.insert("custom_fields".to_owned(), Value::Object(strange));
        }
        known
    }

    /// The texts in it by name, if there is nothing else in it but nulls, which have not happened.
    pub(crate) fn texts_by_name(&mut self) -> Option<Vec<(String, String)>> {
        let present = self.0.iter().filter(|(_, value)| !value.is_null());
        present.map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    /// What was not taken, without the nulls and the empty lists and objects in it.
    pub(crate) fn rest(&mut self) -> Vec<(String, String)> {
        let rest = std::mem::take(&mut self.0).into_iter();
        rest.filter_map(|(name, value)| Some((name, pruned(value)?.to_string()))).collect()
    }
}

fn each<T>(list: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    list.as_array()?.iter().map(read).collect()
}

/// A custom field's value; `Some(None)` is null.
fn custom_value(value: &Value) -> Option<Option<CustomValue>> {
    let value = match value {
        Value::Null => return Some(None),
        Value::Bool(flag) => CustomValue::Flag(*flag),
        Value::String(text) => CustomValue::Text(text.clone()),
        Value::Number(number) if number.is_u64() => CustomValue::Integer(number.as_i64()?),
        Value::Number(number) => {
            number.as_i64().map(CustomValue::Integer).or(number.as_f64().map(CustomValue::Decimal))?
        }
        Value::Array(_) => CustomValue::Choices(each(value, |item| item.as_str().map(str::to_owned))?),
        Value::Object(_) => return None,
    };
    Some(Some(value))
}

/// A value without the nulls and the empty lists and objects in it, if anything is left.
fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<_> = items.into_iter().filter_map(pruned).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(fields) => {
            let fields: Map<_, _> =
                fields.into_iter().filter_map(|(name, value)| Some((name, pruned(value)?))).collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        value => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Object {
        Object::new(value.as_object().cloned().unwrap_or_default())
    }

    /// B20: a type that is not the expected one is never fatal.
    #[test]
    fn b20_a_value_of_another_type_stays_in_the_rest() {
        let mut o = object(json!({"id": "7", "tags": [1], "spam": 0, "subject": null}));
        assert_eq!((o.id("id"), o.texts("tags"), o.flag("spam"), o.text("subject")), (None, vec![], None, None));
        let mut rest = o.rest();
        rest.sort();
        assert_eq!(rest, [("id".into(), "\"7\"".into()), ("spam".into(), "0".into()), ("tags".into(), "[1]".into())]);
    }

    #[test]
    fn the_rest_keeps_nineteen_digits_and_leaves_out_what_is_empty() {
        let mut o =
            object(json!({"org_contact_id": 2_093_345_500_345_536_123_u64, "a": null, "b": [null], "c": {"d": {}}}));
        assert_eq!(o.rest(), [("org_contact_id".to_owned(), "2093345500345536123".to_owned())]);
    }

    #[test]
    fn a_custom_field_of_an_unknown_shape_stays_in_the_rest() {
        let mut o =
            object(json!({"custom_fields": {"a": "x", "b": null, "c": {"deep": 1}, "d": 1.5, "e": ["p", "q"]}}));
        let known = o.custom_fields();
        assert_eq!(known.len(), 4);
        assert!(matches!(&known[0], (name, Some(CustomValue::Text(text))) if name == "a" && text == "x"));
        assert!(matches!(&known[1], (name, None) if name == "b"));
        assert_eq!(o.rest(), [("custom_fields".to_owned(), r#"{"c":{"deep":1}}"#.to_owned())]);
    }
}
