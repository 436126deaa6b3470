//! What of an answer is kept: the fields that were chosen, or those that agents act on.

use serde_json::{Map, Value};

use super::parameters::{Detail, Parameters};

/// What of a record in a list is enough to choose one.
const OF_EACH: [&str; 22] = [
    "id",
    "subject",
    "status",
    "priority",
    "responder_id",
    "name",
    "email",
    "contact",
    "requester",
    "company",
    "stats",
    "ticket_scope",
    "agent_type",
    "occasional",
    "deactivated",
    "description",
    "description_text",
    "body",
    "body_text",
    "incoming",
    "private",
    "created",
];

/// What of a record is worth reading; all other fields are Freshdesk's own matters, or shown by `detail` full.
const OF_ONE: [&str; 46] = [
    "id",
    "url",
    "subject",
    "status",
    "priority",
    "source",
    "type",
    "requester_id",
    "responder_id",
    "group_id",
    "company_id",
    "tags",
    "custom_fields",
    "due_by",
    "created_at",
    "updated_at",
    "description",
    "description_text",
    "body",
    "body_text",
    "requester",
    "company",
    "stats",
    "conversations",
    "more_conversations",
    "user_id",
    "incoming",
    "private",
    "from_email",
    "to_emails",
    "cc_emails",
    "name",
    "email",
    "phone",
    "mobile",
    "unique_external_id",
    "job_title",
    "contact",
    "contact_id",
    "ticket_scope",
    "occasional",
    "deactivated",
    "role_ids",
    "group_ids",
    "skill_ids",
    "ticket_id",
];

/// What says where a page stands in its list.
pub(super) const PAGING: [&str; 2] = ["has_more", "next_page"];

/// The list of records of an answer that is a page of a list.
pub(super) fn list_of(answer: &Map<String, Value>) -> Option<String> {
    answer.contains_key(PAGING[0]).then_some(())?;
    answer.iter().find(|(_, value)| value.is_array()).map(|(name, _)| name.clone())
}

/// An answer with what is kept of it.
pub(super) fn select(mut answer: Map<String, Value>, by: &Parameters) -> Map<String, Value> {
    let Some(list) = list_of(&answer) else {
        return match &by.fields {
            Some(fields) => chosen(answer, fields),
            None => detailed(answer, by.detail, &OF_ONE),
        };
    };
    let items = answer.get_mut(&list).map(Value::take);
    let Some(Value::Array(items)) = items else { return answer };
    let each = |item| match (item, &by.fields) {
        (Value::Object(record), Some(fields)) => Value::Object(chosen(record, fields)),
        (Value::Object(record), None) => Value::Object(detailed(record, by.detail, &OF_EACH)),
        (other, _) => other,
    };
    let items = items.into_iter().map(each).collect();
    if by.detail == Detail::Summary {
        answer.retain(|name, _| *name == list || PAGING.contains(&name.as_str()));
    }
    answer.insert(list, items);
    answer
}

/// A record with the fields of these names; its id comes always.
fn chosen(record: Map<String, Value>, fields: &[String]) -> Map<String, Value> {
    let wanted = |name: &str| name == "id" || fields.iter().any(|field| field == name);
    let mut kept = Map::new();
    for (name, value) in record {
        let below: Vec<String> =
            fields.iter().filter_map(|field| field.strip_prefix(&name)?.strip_prefix('.')).map(str::to_owned).collect();
        if wanted(&name) {
            kept.insert(name, value);
        } else if !below.is_empty() {
            kept.insert(name, chosen_below(value, &below));
        }
    }
    kept
}

fn chosen_below(value: Value, fields: &[String]) -> Value {
    match value {
        Value::Object(record) => Value::Object(chosen(record, fields)),
        Value::Array(items) => items.into_iter().map(|item| chosen_below(item, fields)).collect(),
        other => other,
    }
}

/// A record as its detail says: in a summary the known fields that say something, without the records' own text twice.
fn detailed(record: Map<String, Value>, detail: Detail, known: &[&str]) -> Map<String, Value> {
    if detail == Detail::Full {
        return record;
    }
    let html = ["description", "body"].into_iter().filter(|name| record.get(*name).is_some_and(Value::is_string));
    let twice: Vec<String> = html.map(|name| format!("{name}_text")).collect();
    let kept = record
        .into_iter()
        .filter(|(name, value)| known.contains(&name.as_str()) && !says_nothing(value) && !twice.contains(name));
    kept.map(|(name, value)| (name, summary(value))).collect()
}

/// The records within a record, in the same way. What a helpdesk defines for itself is kept.
fn summary(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(summary).collect(),
        Value::Object(record) if record.contains_key("id") => Value::Object(detailed(record, Detail::Summary, &OF_ONE)),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(_, value)| !says_nothing(value))
                .map(|(name, value)| (name, summary(value)))
                .collect(),
        ),
        other => other,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
