//! JSON that has become of another type or shape somewhere.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::schedule::Dice;

/// How deep the deepest nesting goes: past what readers of JSON follow, which is about a hundred.
const DEEP: usize = 400;

/// The body with one value changed, as the number decides; none where it is no JSON.
pub(super) fn warped(body: &[u8], number: u64) -> Option<Bytes> {
    let mut root: Value = serde_json::from_slice(body).ok()?;
    let mut dice = Dice::new(number);
    // The whole of it now and then, since it is one of some hundred values.
    if dice.below(8) == 0 {
        return Some(Bytes::from(other_shape(root, &mut dice)));
    }
    let chosen = dice.below(count(&root));
    change(&mut root, &mut { chosen }, &mut dice);
    Some(Bytes::from(root.to_string()))
}

/// The whole answer in another shape.
fn other_shape(root: Value, dice: &mut Dice) -> String {
    match dice.below(7) {
        0 => "null".to_owned(),
        1 => String::new(),
        2 => format!("{}1{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        3 => json!([root]).to_string(),
        4 => json!({"data": root}).to_string(),
        5 => root.to_string() + "]",
        _ => Value::String(root.to_string()).to_string(),
    }
}

/// How many values there are, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value that is reached after so many others.
fn change(value: &mut Value, left: &mut usize, dice: &mut Dice) -> bool {
    if *left == 0 {
        *value = of_another_type(value, dice);
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change(item, left, dice)),
        Value::Object(fields) => fields.values_mut().any(|field| change(field, left, dice)),
        _ => false,
    }
}

/// Something of another type than the value.
fn of_another_type(value: &Value, dice: &mut Dice) -> Value {
    let others = [
        Value::Null,
        json!(true),
        json!(-7),
        json!(0.5),
        json!("wrong"),
        json!([]),
        json!([[value]]),
        json!({}),
        json!({"": {"id": null}}),
        Value::Object(Map::from_iter([("x".repeat(300), json!(u64::MAX))])),
    ];
    let kind = std::mem::discriminant(value);
    let others: Vec<_> = others.into_iter().filter(|other| std::mem::discriminant(other) != kind).collect();
    others[dice.below(others.len())].clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_becomes_another_type_and_all_others_stay() {
        let body = br#"{"id":7,"tags":["a","b"],"stats":{"closed_at":null}}"#;
        let texts: std::collections::BTreeSet<_> = (0..500).filter_map(|number| warped(body, number)).collect();
        assert!(texts.len() > 40, "{}", texts.len());
        assert!(texts.iter().all(|text| text != &body[..]));
        // What is of the right type is what it was.
        for text in &texts {
            let Ok(Value::Object(fields)) = serde_json::from_slice(text) else { continue };
            assert!(fields.get("id").is_none_or(|id| !id.is_u64() || id == 7), "{fields:?}");
        }
        assert_eq!(warped(body, 3), warped(body, 3));
        assert_eq!(warped(b"<html>", 3), None);
    }
}
