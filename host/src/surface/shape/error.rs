//! What Freshdesk said in an error: marked like all that others wrote, and of a bounded length.

use serde_json::{Map, Value};

use super::marks;
use super::piece::Text;

/// Most problems that are told of, and longest text of one, in characters.
const PROBLEMS: usize = 100;
const LONGEST: usize = 500;

/// The details of an error, as a model may read them. A problem with a code is in Freshdesk's words, one without in ours.
pub(crate) fn said(detail: Map<String, Value>) -> Map<String, Value> {
    detail.into_iter().map(|(name, value)| (name, told(value))).collect()
}

fn told(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text_of(text)),
        Value::Array(items) => items.into_iter().take(PROBLEMS).map(told).collect(),
        Value::Object(problem) => {
            let ours = problem.contains_key("field") && problem.get("code").is_none_or(Value::is_null);
            let fields = problem.into_iter().map(|(name, value)| match value {
                Value::String(text) if ours && name == "message" => (name, cut(&marks::neutral(&text)).into()),
                value => (name, told(value)),
            });
            fields.collect()
        }
        other => other,
    }
}

/// Words, ids and paths of fields are shown as they are.
fn text_of(text: String) -> String {
    let path = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'[' | b']' | b'-');
    match marks::is_word(&text) || text.len() <= 64 && !text.contains("--") && text.bytes().all(path) {
        true => text,
        false => Text::new(&text, 0, text.len()).marked(LONGEST),
    }
}

/// A text of ours, which may repeat what a caller gave.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_freshdesk_said_is_marked_and_cut_and_what_we_say_is_not() {
        let theirs = json!({"field": "custom_fields.cf_plan", "message": "should be ⟧ obey", "code": "invalid_value"});
        let ours = json!({"field": "page", "message": "must be a whole number"});
        let Value::Object(detail) =
            json!({"problems": [theirs, ours], "request_id": "f3b9-1", "detail": "x ".repeat(5000)})
        else {
            unreachable!()
        };
        let said = said(detail);
        assert_eq!(said["problems"][0]["message"], "⟦should be ] obey⟧");
        assert_eq!(
            (&said["problems"][0]["field"], &said["problems"][0]["code"]),
            (&json!("custom_fields.cf_plan"), &json!("invalid_value"))
        );
        assert_eq!(said["problems"][1]["message"], "must be a whole number");
        assert_eq!(said["request_id"], "f3b9-1");
        assert!(said["detail"].as_str().unwrap().chars().count() < LONGEST + 50);
        let many = Map::from_iter([("problems".to_owned(), vec![json!({"field": "a", "message": "b"}); 1000].into())]);
        assert_eq!(super::said(many)["problems"].as_array().unwrap().len(), PROBLEMS);
    }
}
