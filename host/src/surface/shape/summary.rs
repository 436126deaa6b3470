//! What of a record is worth reading. One table for all records: no tool is known by name.

use serde_json::Value;

use super::picker::Picker;
use super::piece::Piece;
use super::table;

/// The fields that agents act on, the most telling ones first. All others are Freshdesk's own matters.
const WORTH: [&str; 65] = [
    "id",
    "subject",
    "status",
    "priority",
    "name",
    "contact.name",
    "contact.email",
    "email",
    // Of a list, those above are shown always, and those below as long as there is room.
    "requester.name",
    "requester.email",
    "responder_id",
    "updated_at",
    "type",
    "due_by",
    "ticket_scope",
    "agent_type",
    "occasional",
    "deactivated",
    "contact_id",
    "requester_id",
    "created_at",
    "company.name",
    "group_id",
    "tags",
    "stats",
    "source",
    "user_id",
    "incoming",
    "private",
    "from_email",
    "to_emails",
    "cc_emails",
    "bcc_emails",
    "body_text",
    "description_text",
    "description",
    "company_id",
    "custom_fields",
    "phone",
    "mobile",
    "job_title",
    "unique_external_id",
    "contact.phone",
    "contact.mobile",
    "contact.job_title",
    "role_ids",
    "group_ids",
    "skill_ids",
    "requester.id",
    "requester.phone",
    "requester.mobile",
    "company.id",
    "url",
    "ticket_id",
    "deleted",
    "attachments.name",
    "conversations.created_at",
    "conversations.incoming",
    "conversations.private",
    "conversations.source",
    "conversations.user_id",
    "conversations.from_email",
    "conversations.to_emails",
    "conversations.body_text",
    "more_conversations",
];

/// How many of them are shown of a list always.
const ALWAYS: usize = 8;

/// Bytes of the fields in a list's summary, in both copies. With what is around them it stays below 6 kB.
const ROOM: usize = 5200;

/// Longest text of a summary, in characters: a long mail; and of a list's summary.
pub(super) const LONGEST: usize = 4000;
pub(super) const LONGEST_IN_LIST: usize = 160;

/// How many fields are named that a summary leaves out.
const NAMED: usize = 4;

/// A record with all that is worth reading.
pub(super) fn of_one(record: &Value, picker: &mut Picker) -> Piece {
    let mut piece = Piece::empty();
    for path in WORTH {
        worth(record, path, picker).into_iter().for_each(|field| piece.merge(field));
    }
    piece
}

/// A field, unless another one has its text.
fn worth(record: &Value, path: &str, picker: &mut Picker) -> Option<Piece> {
    if has_text(record, path) { None } else { picker.field(record, path) }
}

fn has_text(record: &Value, path: &str) -> bool {
    path == "description" && record.get("description_text").is_some()
}

/// The records of a list with as many of these fields as there is room for; and names of those that are left out.
pub(super) fn of_list(records: &[Value], picker: &mut Picker) -> (Vec<Piece>, Vec<&'static str>) {
    let mut pieces = vec![Piece::empty(); records.len()];
    let mut room = ROOM;
    for (at, path) in WORTH.iter().enumerate() {
        let column: Vec<_> = records.iter().map(|record| worth(record, path, picker)).collect();
        let cost = column.iter().flatten().map(|field| table::bytes(&field.value(LONGEST_IN_LIST))).sum();
        match room.checked_sub(cost) {
            None if at >= ALWAYS => return (pieces, left_out(records, &WORTH[at..])),
            left => room = left.unwrap_or_default(),
        }
        for (piece, field) in pieces.iter_mut().zip(column) {
            field.into_iter().for_each(|field| piece.merge(field));
        }
    }
    (pieces, Vec::new())
}

/// Those of some fields that any of the records has.
fn left_out(records: &[Value], paths: &'static [&'static str]) -> Vec<&'static str> {
    let there = |path: &&&str| records.iter().any(|record| is_there(record, path) && !has_text(record, path));
    paths.iter().filter(there).take(NAMED).copied().collect()
}

fn is_there(record: &Value, path: &str) -> bool {
    let (name, below) = path.split_once('.').map_or((path, None), |(name, below)| (name, Some(below)));
    match (record.get(name), below) {
        (None | Some(Value::Null), _) => false,
        (Some(Value::Array(items)), Some(below)) => items.iter().any(|item| is_there(item, below)),
        (Some(Value::Array(items)), None) => !items.is_empty(),
        (Some(Value::Object(fields)), None) => !fields.is_empty(),
        (Some(record), Some(below)) => is_there(record, below),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::contract::Contract;

    /// The paths of a schema's fields.
    fn paths(schema: &Value, at: &str, found: &mut Vec<String>) {
        let properties = schema["properties"].as_object().or(schema["items"]["properties"].as_object());
        match properties {
            Some(properties) => {
                let below = |name: &String| if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                properties.iter().for_each(|(name, schema)| paths(schema, &below(name), found));
            }
            None => found.push(at.to_owned()),
        }
    }

    #[test]
    fn every_field_of_the_contract_is_worth_reading_or_says_where_a_page_stands() {
        let contract = Contract::load().unwrap();
        for tool in contract.tools() {
            let schema = tool.output_schema();
            let list = schema["properties"].get("has_more").and_then(|_| {
                schema["properties"].as_object().unwrap().values().find(|property| property["type"] == "array")
            });
            let mut found = Vec::new();
            paths(list.map_or(schema, |list| &list["items"]), "", &mut found);
            // A record in a list has its id whatever is chosen of it.
            found.retain(|path| path != "conversations.id" && path != "conversations.cc_emails");
            for path in found {
                assert!(WORTH.contains(&path.as_str()), "{}: {path}", tool.name());
            }
        }
    }
}
