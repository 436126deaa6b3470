//! Reads Freshdesk's JSON objects so that nothing is fatal and nothing is lost: a value is taken when it is of the
//! expected type, and everything that was not taken is the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::bindings::freshdesk::tools::types::CustomValue;

/// A JSON object being read: its fields as they are written. A value is parsed when somebody asks for it, into what is
/// asked for; the rest is handed on as it came.
pub(crate) struct Object<'a>(Vec<Field<'a>>);

/// The name of a field, and its value in JSON.
type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

impl<'a> Object<'a> {
    /// The object that is all of `json`.
    pub(crate) fn read(json: &'a [u8]) -> Option<Self> {
        serde_json::from_str(str::from_utf8(json).ok()?).ok()
    }

    /// The objects of the list that is all of `json`.
    pub(crate) fn list(json: &'a [u8]) -> Option<Vec<Self>> {
        serde_json::from_str(str::from_utf8(json).ok()?).ok()
    }

    /// Takes a value out if `read` can make something of it, and leaves it in otherwise.
    pub(crate) fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        self.take_json(name, |json| read(&value(json)?))
    }

    /// The same for a value in JSON. Where a name is there twice, the last one counts.
    fn take_json<T>(&mut self, name: &str, read: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        let &(_, Cow::Borrowed(json)) = self.0.iter().rev().find(|(other, _)| other == name)? else { return None };
        let value = read(json)?;
        self.0.retain(|(other, _)| other != name);
        Some(value)
    }

    /// Takes a value out if it is of the type that is wanted, and leaves it in otherwise.
    fn parsed<T: Deserialize<'a>>(&mut self, name: &str) -> Option<T> {
        self.take_json(name, |json| serde_json::from_str(json).ok())
    }

    pub(crate) fn id(&mut self, name: &str) -> Option<u64> {
        self.take_json(name, |json| json.parse().ok())
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.take_json(name, |json| json.parse().ok())
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.take_json(name, text)
    }

    /// A list of texts; empty where there is none, as null lists are in old records (`docs/freshdesk.md` §6.1).
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        self.parsed(name).unwrap_or_default()
    }

    pub(crate) fn ids(&mut self, name: &str) -> Vec<u64> {
        self.parsed(name).unwrap_or_default()
    }

    pub(crate) fn object(&mut self, name: &str) -> Option<Self> {
        self.parsed(name)
    }

    /// Takes an object out if `read` can make something of it, and leaves it in otherwise.
    pub(crate) fn object_of<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.take_json(name, |json| read(&mut serde_json::from_str(json).ok()?))
    }

    /// Takes a list of objects out if `read` can make something of each, and leaves it in otherwise.
    pub(crate) fn each_of<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take_json(name, |json| serde_json::from_str::<Vec<Self>>(json).ok()?.iter_mut().map(read).collect())
    }

    pub(crate) fn objects(&mut self, name: &str) -> Option<Vec<Self>> {
        self.parsed(name)
    }

    /// The fields that a helpdesk defines for itself. One of an unknown shape stays in the rest.
    pub(crate) fn custom_fields(&mut self) -> Vec<(String, Option<CustomValue>)> {
        let Some(fields) = self.object("custom_fields") else { return Vec::new() };
        let (mut known, mut strange) = (Vec::new(), Map::new());
        for (name, json) in fields.in_order() {
            let value = value(&json).unwrap_or_else(|| Value::String(json.into_owned()));
            match custom_value(&value) {
                Some(known_value) => known.push((name.into_owned(), known_value)),
                None => drop(strange.insert(name.into_owned(), value)),
            }
        }
        if !strange.is_empty() {
            self.0.push(("custom_fields".into(), Value::Object(strange).to_string().into()));
        }
        known
    }

    /// The texts in it by name, if there is nothing else in it but nulls, which have not happened.
    pub(crate) fn texts_by_name(&mut self) -> Option<Vec<(String, String)>> {
        let fields = Self(std::mem::take(&mut self.0)).in_order();
        let present = fields.into_iter().filter(|(_, json)| json != "null");
        present.map(|(name, json)| Some((name.into_owned(), text(&json)?))).collect()
    }

    /// What was not taken, without the nulls and the empty lists and objects in it.
    pub(crate) fn rest(&mut self) -> Vec<(String, String)> {
        let rest = Self(std::mem::take(&mut self.0)).in_order().into_iter();
        rest.filter_map(|(name, json)| Some((name.into_owned(), pruned_json(json)?))).collect()
    }

    /// The fields by name, the last one where a name is there twice.
    fn in_order(mut self) -> Vec<Field<'a>> {
        self.0.reverse();
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.0.dedup_by(|(before, _), (last, _)| before == last);
        self.0
    }
}

impl<'a> Deserialize<'a> for Object<'a> {
    fn deserialize<D: Deserializer<'a>>(json: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'a> Visitor<'a> for Fields {
            type Value = Object<'a>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Object<'a>, M::Error> {
                // Freshdesk's have about fifty.
                let mut fields = Vec::with_capacity(64);
                while let Some((Name(name), json)) = map.next_entry::<_, &RawValue>()? {
                    fields.push((name, Cow::Borrowed(json.get())));
                }
                Ok(Object(fields))
            }
        }

        json.deserialize_map(Fields)
    }
}

/// The name of a field, which is copied only if it is written with escapes.
struct Name<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Name<'a> {
    fn deserialize<D: Deserializer<'a>>(json: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'a> Visitor<'a> for Text {
            type Value = Name<'a>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Name<'a>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'a>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        json.deserialize_str(Text)
    }
}

/// The text that JSON tells. Most have nothing escaped in them, and are there as they are.
fn text(json: &str) -> Option<String> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(json).ok() } else { Some(inner.to_owned()) }
}

/// The value that JSON tells. Most are numbers, and texts.
fn value(json: &str) -> Option<Value> {
    let number = || json.parse::<u64>().ok().map(Value::from);
    text(json).map(Value::String).or_else(number).or_else(|| serde_json::from_str(json).ok())
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

/// The same of a value in JSON. What has no parts is as it came.
fn pruned_json(json: Cow<'_, str>) -> Option<String> {
    match json.as_bytes().first() {
        Some(b'n') => None,
        Some(b'[' | b'{') => match serde_json::from_str(&json) {
            Ok(value) => Some(pruned(value)?.to_string()),
            Err(_) => Some(json.into_owned()),
        },
        _ => Some(json.into_owned()),
    }
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

    fn read(json: &str) -> Object<'_> {
        Object::read(json.as_bytes()).unwrap_or_else(|| unreachable!("{json}"))
    }

    /// B20: a type that is not the expected one is never fatal.
    #[test]
    fn b20_a_value_of_another_type_stays_in_the_rest() {
        let mut o = read(r#"{"id": "7", "tags": [1], "spam": 0, "subject": null}"#);
        assert_eq!((o.id("id"), o.texts("tags"), o.flag("spam"), o.text("subject")), (None, vec![], None, None));
        let mut rest = o.rest();
        rest.sort();
        assert_eq!(rest, [("id".into(), "\"7\"".into()), ("spam".into(), "0".into()), ("tags".into(), "[1]".into())]);
    }

    #[test]
    fn the_rest_keeps_nineteen_digits_and_leaves_out_what_is_empty() {
        let mut o = read(r#"{"org_contact_id": 2093345500345536123, "a": null, "b": [null], "c": {"d": {}}}"#);
        assert_eq!(o.rest(), [("org_contact_id".to_owned(), "2093345500345536123".to_owned())]);
    }

    #[test]
    fn a_custom_field_of_an_unknown_shape_stays_in_the_rest() {
        let mut o = read(r#"{"custom_fields": {"a": "x", "b": null, "c": {"deep": 1}, "d": 1.5, "e": ["p", "q"]}}"#);
        let known = o.custom_fields();
        assert_eq!(known.len(), 4);
        assert!(matches!(&known[0], (name, Some(CustomValue::Text(text))) if name == "a" && text == "x"));
        assert!(matches!(&known[1], (name, None) if name == "b"));
        assert_eq!(o.rest(), [("custom_fields".to_owned(), r#"{"c":{"deep":1}}"#.to_owned())]);
    }

    /// JSON leaves open what a name means that is there twice; parsers take the last one.
    #[test]
    fn of_two_fields_of_a_name_the_last_one_counts() {
        let mut o = read(r#"{"id": 1, "a": "x", "\u0069d": 2, "a": {"b": 1}}"#);
        assert_eq!((o.id("id"), o.text("a")), (Some(2), None));
        assert_eq!(o.rest(), [("a".to_owned(), r#"{"b":1}"#.to_owned())]);
    }

    #[test]
    fn what_is_no_object_or_no_json_is_not_read() {
        for json in ["", "[]", "7", r#"{"a": 1"#, r#"{"a": }"#, r#"{"a": 1} more"#, "{\"a\": \"\u{1}\"}"] {
            assert!(Object::read(json.as_bytes()).is_none(), "{json}");
        }
        assert!(Object::list(b"[{}, 7]").is_none());
    }
}
