//! The API's own reader of schemas agrees with a validator of JSON Schema.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::client::DESCRIPTION;
use crate::surface::api::check;
use crate::surface::api::format::FORMATS;
use crate::surface::api::{accounts::AccountWish, execute::Execution, links::LinkWish, tokens::TokenWish};
use utoipa::PartialSchema;

/// A schema as handlers have it, and as the description shows it.
fn schemas(name: &str) -> (Value, Value) {
    let own = match name {
        "AccountWish" => AccountWish::schema(),
        "LinkWish" => LinkWish::schema(),
        "TokenWish" => TokenWish::schema(),
        _ => Execution::schema(),
    };
    (serde_json::to_value(own).unwrap(), DESCRIPTION["components"]["schemas"][name].clone())
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,5}",
        "[ -~]{0,8}",
        any::<String>(),
        prop::sample::select(vec![
            "user-42",
            "acme",
            "acme.freshdesk.com",
            "xn--a",
            "-a",
            "Acme",
            "jane@acme.example",
            "a@b@c",
            "@",
            " x",
            "x ",
            "a\u{202e}b",
            "a\tb",
            "\u{85}",
            "\u{a0}x",
            "",
            "é",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
        (90_usize..260).prop_map(|length| "x".repeat(length)),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => texts().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-5_i64..40_000_000).prop_map(Value::from),
        1 => prop::sample::select(vec![0.0, 1.0, 1.5, 60.0, 1e300, -1.0]).prop_map(Value::from),
        1 => prop::collection::vec(texts().prop_map(Value::from), 0..4).prop_map(Value::from),
        1 => prop::collection::hash_map("[a-z]{1,3}", texts(), 0..3).prop_map(|map| json!(map)),
    ]
}

fn bodies() -> impl Strategy<Value = (&'static str, Value)> {
    let names = prop::sample::select(vec!["AccountWish", "LinkWish", "TokenWish", "Execution"]);
    names.prop_flat_map(|name| {
        let (own, _) = schemas(name);
        let mut known: Vec<_> = own["properties"].as_object().unwrap().keys().cloned().collect();
        known.push("other".to_owned());
        let known = prop::sample::subsequence(known.clone(), 0..=known.len());
        known.prop_flat_map(move |fields| {
            let values = prop::collection::vec(values(), fields.len());
            values.prop_map(move |values| {
                (name, Value::Object(fields.iter().cloned().zip(values).collect::<Map<_, _>>()))
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_described_is_what_is_asked_for((name, body) in bodies()) {
        let (own, shown) = schemas(name);
        let shown = json!({"allOf": [without_tools(shown)], "components": DESCRIPTION["components"]});
        let valid = jsonschema::validator_for(&shown).unwrap().is_valid(&body);
        let problems = check::problems(&own, &mut body.clone());
        prop_assert_eq!(valid, problems.is_empty(), "{} {}: {:?}", name, body, problems);
    }

    #[test]
    fn a_formats_pattern_says_what_its_rule_does(text in texts()) {
        for format in &FORMATS {
            let pattern = jsonschema::validator_for(&json!({"pattern": format.pattern})).unwrap();
            // The rule of a key has its length in it; the pattern, too.
            prop_assert_eq!(pattern.is_valid(&json!(text)), (format.is)(&text), "{} {:?}", format.name, text);
        }
    }
}

/// The schema without the names of tools, of which this description has none.
fn without_tools(mut schema: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if fields.get("enum").is_some_and(|names| names == &json!([])) {
                    fields.remove("enum");
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut schema);
    schema
}
