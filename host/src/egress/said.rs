//! What a write carries: what its caller said, all of it, and nothing else. A plugin that would write another text, copy in
//! another reader or make another agent than it was asked for is stopped here.

use serde_json::{Map, Value};

use super::{Errand, routes};

/// Fields in which Freshdesk has numbers for the contract's words (`docs/freshdesk.md` §5). Numbers without a word are said as
/// they are.
const WORDS: [(&str, &[(&str, u64)]); 5] = [
    ("priority", &[("low", 1), ("medium", 2), ("high", 3), ("urgent", 4)]),
    ("status", &[("open", 2), ("pending", 3), ("resolved", 4), ("closed", 5)]),
    (
        "source",
        &[("email", 1), ("portal", 2), ("phone", 3), ("chat", 7), ("feedback_widget", 9), ("outbound_email", 10)],
    ),
    ("ticket_scope", &[("global", 1), ("group", 2), ("restricted", 3)]),
    ("agent_type", &[("support_agent", 1), ("field_agent", 2), ("collaborator", 3)]),
];

/// What a new ticket has where its caller says nothing: most helpdesks' forms want it said (`docs/freshdesk.md` §7.1).
const DEFAULTS: [(&str, u64); 2] = [("priority", 1), ("status", 2)];

/// Whether the body of a write says what the errand's caller said.
pub(super) fn carries(body: &Map<String, Value>, errand: &Errand) -> bool {
    let more = |name: &str, value: &Value| {
        errand.function == "ticket-create"
            && DEFAULTS.iter().any(|(default, number)| *default == name && *value == *number)
    };
    let all_was_said = body.iter().all(|(name, value)| match errand.said.get(name) {
        Some(said) => means(name, value, said),
        None => more(name, value),
    });
    // Null clears where it can, and else says nothing.
    let mut said = errand.said.iter().filter(|(name, value)| !value.is_null() && !routes::is_in_path(errand, name));
    all_was_said && said.all(|(name, _)| body.contains_key(name))
}

/// Whether a value of a body is what was said in the contract's words.
fn means(name: &str, value: &Value, said: &Value) -> bool {
    let words = WORDS.iter().find(|(of, _)| *of == name).map(|(_, words)| *words);
    match (words, said) {
        (Some(words), Value::String(said)) => words.iter().any(|(word, number)| word == said && *value == *number),
        _ => same(value, said),
    }
}

/// The same JSON, where a number may be written in several ways. What is null may be left out.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
                && other.iter().all(|(name, value)| value.is_null() || one.contains_key(name))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn says(function: &str, said: Value, body: Value) -> bool {
        let (Value::Object(said), Value::Object(body)) = (said, body) else { panic!("no objects") };
        let ids = vec![("ticket-id".to_owned(), 7), ("company-id".to_owned(), 8)];
        carries(&body, &Errand { function: function.to_owned(), ids, said })
    }

    #[test]
    fn what_was_said_is_carried() {
        let said = json!({"ticket_id": 7, "status": "closed", "priority": "urgent", "source": 1001, "tags": ["a"],
            "group_id": null, "due_by": null, "custom_fields": {"cf_a": 1, "cf_b": null, "cf_c": ["x"]}});
        let body = json!({"status": 5, "priority": 4, "source": 1001, "tags": ["a"], "group_id": null,
            "custom_fields": {"cf_a": 1.0, "cf_b": null, "cf_c": ["x"]}});
        assert!(says("ticket-update", said, body));
    }

    #[test]
    fn nothing_else_is_carried() {
        let said = json!({"ticket_id": 7, "body": "Hi", "cc_emails": ["a@x.com"]});
        let honest = json!({"body": "Hi", "cc_emails": ["a@x.com"]});
        assert!(says("tickets-reply", said.clone(), honest.clone()));
        for (name, value) in [
            ("body", json!("Ho")),
            ("body", json!(["Hi"])),
            ("cc_emails", json!(["a@x.com", "evil@x.com"])),
            ("cc_emails", json!(["evil@x.com"])),
            ("cc_emails", json!([])),
            ("cc_emails", json!("a@x.com")),
            ("bcc_emails", json!(["evil@x.com"])),
            ("bcc_emails", Value::Null),
            ("ticket_id", json!(8)),
            ("status", json!(2)),
        ] {
            let mut body = honest.clone();
            body[name] = value;
            assert!(!says("tickets-reply", said.clone(), body.clone()), "{body}");
        }
    }

    #[test]
    fn all_of_it_is_carried() {
        let said = json!({"ticket_id": 7, "company_id": 8, "subject": "S"});
        assert!(says("ticket-update", said.clone(), json!({"company_id": 8, "subject": "S"})));
        assert!(!says("ticket-update", said.clone(), json!({"subject": "S"})));
        assert!(!says("ticket-update", said, json!({"company_id": 8})));
        let said = json!({"custom_fields": {"cf_a": 1, "cf_b": "x"}});
        assert!(!says("contact-create", said, json!({"custom_fields": {"cf_a": 1}})));
    }

    #[test]
    fn a_word_has_its_number() {
        for (name, words) in WORDS {
            for (word, number) in words {
                assert!(says("agent-create", json!({name: word}), json!({name: number})));
                assert!(!says("agent-create", json!({name: word}), json!({name: number + 1})));
                assert!(!says("agent-create", json!({name: word}), json!({name: word})));
            }
        }
        assert!(!says("agent-create", json!({}), json!({"priority": 1})));
        assert!(says("ticket-create", json!({}), json!({"priority": 1, "status": 2})));
        assert!(!says("ticket-create", json!({}), json!({"priority": 4})));
        assert!(!says("ticket-create", json!({}), json!({"source": 1})));
    }

    /// Ids are compared to their last digit, which a number with a point does not have.
    #[test]
    fn ids_are_exact() {
        let said = json!({"role_ids": [9_007_199_254_740_993_u64]});
        assert!(says("agent-create", said.clone(), json!({"role_ids": [9_007_199_254_740_993_u64]})));
        assert!(!says("agent-create", said, json!({"role_ids": [9_007_199_254_740_992_u64]})));
    }
}
