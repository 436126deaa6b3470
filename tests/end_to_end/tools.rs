//! One good call of each tool, and what is true of each answer.

use std::sync::LazyLock;

use freshdesk_host::contract::Contract;
use freshdesk_tests::World;
use jsonschema::draft202012;
use serde_json::{Value, json};

/// A call that succeeds on the seed's helpdesk, and the request it makes.
pub(crate) struct Good {
    pub(crate) tool: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) input: Value,
}

impl Good {
    /// Whether the tool changes something.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether the tool answers a page of a list.
    pub(crate) fn lists(&self) -> bool {
        self.tool.ends_with("s_list")
    }

    /// What becomes of a call whose outcome the answer does not tell.
    pub(crate) fn lost(&self) -> &'static str {
        if self.writes() { "outcome_unknown" } else { "unavailable" }
    }

    /// What becomes of a call whose answer is not what the tool answers.
    pub(crate) fn strange(&self) -> &'static str {
        if self.writes() { "outcome_unknown" } else { "unexpected" }
    }
}

/// One call of each tool.
pub(crate) fn good() -> [Good; 10] {
    let good = |tool, method, path, input| Good { tool, method, path, input };
    let ticket = json!({"subject": "Hello", "description": "Hi", "email": "sarah@acmecorp.com"});
    [
        good("ticket_create", "POST", "/api/v2/tickets", ticket),
        good("ticket_get", "GET", "/api/v2/tickets/42817", json!({"ticket_id": 42817})),
        good("ticket_update", "PUT", "/api/v2/tickets/42817", json!({"ticket_id": 42817, "priority": "urgent"})),
        good("tickets_list", "GET", "/api/v2/tickets", json!({})),
        good("tickets_reply", "POST", "/api/v2/tickets/42817/reply", json!({"ticket_id": 42817, "body": "Hi"})),
        good("contact_create", "POST", "/api/v2/contacts", json!({"name": "New", "email": "new@example.com"})),
        good("agent_create", "POST", "/api/v2/agents", json!({"email": "nora@example.com", "ticket_scope": "global"})),
        good("agent_delete", "DELETE", "/api/v2/agents/158017000103", json!({"agent_id": 158_017_000_103_u64})),
        good("agents_list", "GET", "/api/v2/agents", json!({})),
        good("roles_list", "GET", "/api/v2/roles", json!({})),
    ]
}

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
