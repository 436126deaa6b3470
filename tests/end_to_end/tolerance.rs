//! Whatever Freshdesk answers, a tool reads what it knows, keeps the rest, and never breaks.

use freshdesk_tests::{Good, World, everywhere, good};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::hostile::{holds, tireless};
use crate::tools::is_published;

/// How many answers each tool reads in each world.
const CASES: u32 = 60;

/// The keys of Freshdesk's objects that the contract has a type for, and some that it has none for.
#[rustfmt::skip]
const KEYS: [&str; 60] = [
    "id", "url", "subject", "status", "priority", "source", "type", "requester_id", "responder_id", "group_id",
    "company_id", "tags", "custom_fields", "due_by", "created_at", "updated_at", "description_text", "requester",
    "company", "stats", "conversations", "more_conversations", "user_id", "body_text", "incoming", "private",
    "from_email", "to_emails", "replied_to", "cc_emails", "name", "email", "phone", "mobile", "unique_external_id",
    "job_title", "contact", "ticket_scope", "occasional", "deactivated", "role_ids", "group_ids", "skill_ids",
    "description", "agent_type", "contact_id", "org_contact_id", "extra", "ticket", "agent", "page", "query",
    "has_more", "next_page", "attachments", "spam", "deleted", "error", "Übung", "",
];

/// Any JSON, with numbers of all sizes and with objects that have known keys.
fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        (0..12_u64).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
    ];
    let texts = ["", "open", "support_agent", "2026-11-22T09:30:00Z", "<b>", "7", "\u{0}"].map(Value::from);
    let leaf = prop_oneof![
        2 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        4 => number,
        3 => select(texts.to_vec()),
        1 => any::<String>().prop_filter("a text that reads null is told from none", |text| text != "null").prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = select(KEYS.map(str::to_owned).to_vec());
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key, inner, 0..5).prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// An object with many of the known keys, most of the time with an id.
fn any_object() -> impl Strategy<Value = Map<String, Value>> {
    let keys = subsequence(KEYS.to_vec(), 10..KEYS.len());
    let object = keys.prop_flat_map(|keys| {
        let names = keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        vec(any_json(), keys.len()).prop_map(move |values| names.iter().cloned().zip(values).collect::<Map<_, _>>())
    });
    (object, prop::option::weighted(0.8, 1..u64::MAX)).prop_map(|(mut object, id)| {
        object.extend(id.map(|id| ("id".to_owned(), id.into())));
        object
    })
}

/// A value without the nulls and the empty lists and objects in it.
fn full(value: &Value) -> Option<Value> {
    let value = match value {
        Value::Array(items) => Value::Array(items.iter().filter_map(full).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().filter_map(|(name, value)| Some((name.clone(), full(value)?))).collect())
        }
        value => value.clone(),
    };
    let empty = value.is_null() || value == json!([]) || value == json!({});
    (!empty).then_some(value)
}

/// Everything that Freshdesk said is in the answer under its name, or under `extra` where it is not of that name's type.
fn is_kept(said: &Map<String, Value>, answer: &Value) {
    for (name, value) in said {
        let Some(value) = full(value) else { continue };
        // The documentation's name for the recipients of a reply.
        let renamed = name == "replied_to" && answer["to_emails"] == value;
        let there = [&answer[name], &answer["extra"][name]];
        assert!(renamed || there.iter().any(|there| !there.is_null()), "{name} is lost: {value}");
    }
}

/// Reads one answer of each tool.
async fn is_read(world: &World, call: &Good, said: &Map<String, Value>) {
    let body = if call.lists() { json!([said, said]) } else { json!(said) };
    world.forget();
    world.answers(200, &[("content-type", "application/json")], &body.to_string());
    let result = world.call(call.tool, call.input.clone()).await;
    world.request();
    if !said.get("id").is_some_and(Value::is_u64) {
        assert_eq!(result.unwrap_err().case, call.strange(), "an object without an id");
        return;
    }
    let answer = result.unwrap();
    is_published(call.tool, &answer);
    let items = call.lists().then(|| answer[call.tool.trim_end_matches("_list")].as_array().unwrap());
    items
        .map_or_else(|| vec![&answer], |items| items.iter().collect())
        .into_iter()
        .for_each(|item| is_kept(said, item));
}

/// B20: no value of Freshdesk's breaks a tool. What is of another type than the contract's is kept beside.
#[test]
fn b20_no_value_is_fatal_and_none_is_lost() {
    everywhere(async |world: World| {
        tireless(&world);
        for call in good().into_iter().filter(|call| call.tool != "agent_delete") {
            holds(CASES, any_object(), async |said| is_read(&world, &call, &said).await);
        }
    });
}

/// B20: neither is any text that is not even JSON, or no text at all.
#[test]
fn b20_no_bytes_are_fatal() {
    everywhere(async |world: World| {
        tireless(&world);
        let deep = "[".repeat(100_000);
        for body in [deep.as_str(), &format!("{{\"id\":1,\"a\":{deep}"), "{\"id\":1e999}", "\u{feff}{\"id\":1}"] {
            for call in good().into_iter().filter(|call| call.tool != "agent_delete") {
                world.answers(200, &[], body);
                assert_eq!(world.call(call.tool, call.input.clone()).await.unwrap_err().case, call.strange());
            }
        }
        let calls = good();
        // Our host would come back later to a throttle, and try again what Freshdesk failed at.
        let statuses: Vec<_> = (200..500_u16).filter(|status| ![403, 408, 429].contains(status)).collect();
        let answers = (select(statuses), vec(any::<u8>(), 0..60), 0..calls.len());
        holds(10 * CASES, answers, async |(status, bytes, call)| {
            let call = &calls[call];
            world.forget();
            let body = String::from_utf8_lossy(&bytes);
            world.answers(status, &[("content-type", "application/json"), ("retry-after", &body)], &body);
            let _ = world.call(call.tool, call.input.clone()).await;
            world.request();
        });
    });
}

/// B8, B20: numbers that are no case of an enum are kept beside, those of a helpdesk's own are the value.
#[test]
fn b8_b20_numbers_beyond_the_contract_are_kept() {
    everywhere(async |world: World| {
        let said = json!({"id": 1, "status": 1_000, "source": 13, "priority": 9, "type": 5, "tags": [1],
            "custom_fields": {"cf_a": {"deep": [1, null]}, "cf_b": 18_446_744_073_709_551_615_u64, "cf_c": 1.25},
            "requester": {"name": "no id"}, "stats": {"closed_at": 7}});
        world.answers(200, &[], &said.to_string());
        let ticket = world.call("ticket_get", json!({"ticket_id": 1})).await.unwrap();
        is_published("ticket_get", &ticket);
        assert_eq!((&ticket["status"], &ticket["source"]), (&json!(1_000), &json!(13)));
        assert_eq!((&ticket["tags"], &ticket["custom_fields"]), (&json!([]), &json!({"cf_c": 1.25})));
        let kept = json!({"priority": 9, "type": 5, "tags": [1],
            "custom_fields": {"cf_a": {"deep": [1]}, "cf_b": 18_446_744_073_709_551_615_u64},
            "requester": {"name": "no id"}, "stats": {"closed_at": 7}});
        assert_eq!(ticket["extra"], kept);
    });
}
