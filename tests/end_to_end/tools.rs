//! What is true of each answer.

use std::sync::LazyLock;

use freshdesk_host::contract::Contract;
use freshdesk_tests::World;
use jsonschema::draft202012;
use serde_json::Value;

/// Runs a tool that succeeds. Its answer has no null and is as the tool's output schema says.
pub(crate) async fn answer(world: &World, tool: &str, input: Value) -> Value {
    let answer = world.call(tool, input).await.unwrap();
    is_published(tool, &answer);
    answer
}

/// An answer has no null and is as the tool's output schema says.
pub(crate) fn is_published(tool: &str, answer: &Value) {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::load().unwrap());
    let schema = CONTRACT.tool(&format!("freshdesk_{tool}")).unwrap().output_schema();
    let problems: Vec<_> = draft202012::new(schema).unwrap().iter_errors(answer).map(|e| e.to_string()).collect();
    assert!(problems.is_empty(), "{tool}: {problems:?} in {answer}");
    assert!(!has_null(answer), "{tool}: {answer}");
}

/// Whether there is a null anywhere, be it as text.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text == "null",
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

/// These fields of an object, those that it lacks as null.
pub(crate) fn only(object: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| ((*field).to_owned(), object[*field].clone())).collect()
}

/// The text of a moment, as Freshdesk shows it.
pub(crate) fn shown(moment: freshdesk_simulator::Moment) -> String {
    let (date, time) = (moment.date(), moment.time());
    format!("{date}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
}
