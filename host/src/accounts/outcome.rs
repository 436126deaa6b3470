//! What is remembered of a call that was made once: its answer, or why it was refused, as one text.

use serde_json::{Map, Value, json};

use crate::error::CallError;
use crate::sandbox::contract::ToolError;

/// Largest answer that is remembered whole, in bytes: a ticket with a long conversation takes a tenth of it.
const LARGEST: usize = 256 << 10;

/// Errors that stay what they are when the same call is made again. The others say that nothing was done, and that it may
/// be done later; but for the one that says that nobody knows.
const FINAL: [&str; 4] = ["conflict", "forbidden", "not_found", "unexpected"];

/// The error that says that nobody knows what was done.
pub(super) const UNKNOWN: &str = "outcome_unknown";

/// How an answer that is too large is made smaller: the longest texts, in characters, and the longest lists that stay. What
/// identifies the record that was written is a number or a short text.
const SMALLER: [(usize, usize); 3] = [(10_000, 1000), (1000, 100), (100, 10)];

/// Whether nobody knows what a call has done.
pub(super) fn is_unknown(result: &Result<Value, CallError>) -> bool {
    matches!(result, Err(CallError::Tool { error, .. }) if error.case == UNKNOWN)
}

/// What is remembered of what a call came to; none where it may be made again, or nobody knows.
pub(super) fn remembered(result: &Result<Value, CallError>) -> Option<String> {
    match result {
        Ok(answer) => Some(bounded(answer)),
        Err(CallError::Tool { error, .. }) if FINAL.contains(&error.case.as_str()) => {
            let ToolError { case, message, detail } = error;
            let whole = json!({"error": case, "message": message, "detail": detail}).to_string();
            let bare = || json!({"error": case, "message": "", "detail": {}}).to_string();
            Some(if whole.len() <= LARGEST { whole } else { bare() })
        }
        Err(_) => None,
    }
}

/// Reads what is remembered; none when it is nothing of the kind.
pub(super) fn read(text: &str) -> Option<Result<Value, CallError>> {
    let Ok(Value::Object(mut kept)) = serde_json::from_str(text) else { return None };
    if let Some(answer) = kept.remove("answer") {
        return Some(Ok(answer));
    }
    let word = |name: &str| kept.get(name).and_then(Value::as_str).map(str::to_owned);
    let (case, message) = (word("error")?, word("message")?);
    let detail = kept.get("detail").and_then(Value::as_object).cloned()?;
    Some(Err(ToolError { case, message, detail }.into()))
}

fn bounded(answer: &Value) -> String {
    let text = json!({"answer": answer}).to_string();
    if text.len() <= LARGEST {
        return text;
    }
    let mut smaller = answer.clone();
    for (longest, most) in SMALLER {
        cut(&mut smaller, longest, most);
        let text = json!({"answer": smaller}).to_string();
        if text.len() <= LARGEST {
            return text;
        }
    }
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    let plain: Map<_, _> = smaller
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| plain(value))
        .take(1000)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    json!({"answer": plain}).to_string()
}

/// Cuts long texts and long lists.
fn cut(value: &mut Value, longest: usize, most: usize) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(longest) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => {
            values.truncate(most);
            values.iter_mut().for_each(|value| cut(value, longest, most));
        }
        Value::Object(fields) => fields.values_mut().for_each(|value| cut(value, longest, most)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(case: &str) -> CallError {
        let detail = Map::from_iter([("code".to_owned(), "x".into())]);
        ToolError { case: case.to_owned(), message: "why".to_owned(), detail }.into()
    }

    #[test]
    fn an_answer_comes_back_as_it_was() {
        let answer =
            json!({"id": 18_446_744_073_709_551_615_u64, "b": 0.1, "a": null, "text": "é\0\"", "list": [1, {}]});
        let read = read(&remembered(&Ok(answer.clone())).unwrap()).unwrap().unwrap();
        assert_eq!(read.to_string(), answer.to_string());
    }

    #[test]
    fn what_stays_refused_is_remembered_and_what_may_be_done_later_is_not() {
        for case in FINAL {
            let Some(Err(CallError::Tool { error: told, .. })) = read(&remembered(&Err(error(case))).unwrap()) else {
                panic!("{case} is lost");
            };
            let CallError::Tool { error, .. } = error(case) else { panic!("no error") };
            assert_eq!(told, error);
        }
        for case in ["invalid_input", "not_connected", "revoked", "rate_limited", "unavailable", UNKNOWN] {
            assert_eq!(remembered(&Err(error(case))), None, "{case}");
            assert_eq!(is_unknown(&Err(error(case))), case == UNKNOWN);
        }
        assert_eq!(remembered(&Err(CallError::UnknownTool("x".to_owned()))), None);
    }

    #[test]
    fn every_case_of_the_contract_is_decided_about() {
        let cases = crate::sandbox::contract::Contract::load().unwrap().error_cases();
        assert!(
            FINAL.iter().all(|case| cases.contains(&(*case).to_owned())) && cases.len() == FINAL.len() + 6,
            "{cases:?}"
        );
    }

    #[test]
    fn a_large_answer_keeps_what_identifies_it() {
        let long = "é".repeat(200_000);
        let texts = json!({"id": 7, "subject": "Refund", "description": long, "extra": {"description_text": long}});
        let texts = remembered(&Ok(texts)).unwrap();
        assert!(texts.len() <= LARGEST);
        let texts = read(&texts).unwrap().unwrap();
        assert_eq!((&texts["id"], &texts["subject"]), (&json!(7), &json!("Refund")));
        assert_eq!(texts["description"].as_str().unwrap().chars().count(), 10_001);

        let list: Vec<_> = (0..100_000).map(|number| json!({"id": number, "x": "y".repeat(20)})).collect();
        let list = read(&remembered(&Ok(json!({"id": 8, "list": list}))).unwrap()).unwrap().unwrap();
        assert_eq!((&list["id"], list["list"].as_array().unwrap().len()), (&json!(8), 1000));

        let many: Map<_, _> = (0..50_000).map(|number| (format!("field_{number}"), json!("x"))).collect();
        let many = remembered(&Ok(json!({"id": 9, "many": many}))).unwrap();
        assert_eq!(read(&many).unwrap().unwrap(), json!({"id": 9}));
    }

    #[test]
    fn what_is_no_outcome_is_not_read() {
        for text in ["", "[]", "{}", "{\"error\":1}", "{\"error\":\"conflict\",\"message\":\"x\"}"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
