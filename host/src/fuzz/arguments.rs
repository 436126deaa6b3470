//! The arguments of the ten tools: the reader accepts exactly what the published schema does.

use std::sync::LazyLock;

use jsonschema::{Validator, draft202012};
use serde_json::{Map, Number, Value};

use super::draw::Draw;
use crate::sandbox::contract::{Contract, Tool};

/// The contract, and a validator of each tool's schema.
static TOOLS: LazyLock<(Contract, Vec<Validator>)> = LazyLock::new(|| {
    let contract = Contract::load().expect("the contract is sound");
    let validator = |tool: &Tool| draft202012::new(tool.input_schema()).expect("the schema is sound");
    let validators = contract.tools().iter().map(validator).collect();
    (contract, validators)
});

/// Whole numbers beyond this are not exact when they are written with a point.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Checks what these bytes decide: a tool, and its arguments, either as text or by a walk over its schema.
pub fn arguments(data: &[u8]) {
    let (contract, validators) = &*TOOLS;
    let mut draw = Draw::new(data);
    let (index, as_text) = (draw.below(contract.tools().len()), draw.byte().is_multiple_of(2));
    let (tool, validator) = (&contract.tools()[index], &validators[index]);
    let input = match as_text {
        true => match serde_json::from_slice(draw.rest()) {
            Ok(input) => input,
            Err(_) => return,
        },
        false => fitting(&mut draw, tool.input_schema(), 4),
    };
    let read = contract.read(tool, &input);
    let valid = validator.is_valid(&input);
    match &read {
        Ok(request) => {
            assert!(valid, "{} reads {input}, which is not of its schema", tool.name());
            // No id is rounded on its way.
            for (field, id) in Contract::ids(request) {
                let sent = &input[field.replace('-', "_")];
                let exact = sent.as_f64().is_some_and(|sent| sent <= EXACT && sent == id as f64);
                assert!(
                    sent.as_u64() == Some(id) || sent.as_u64().is_none() && exact,
                    "{field}: {sent} is read as {id}"
                );
            }
        }
        Err(problems) => {
            // A schema does not see how a number is written.
            assert!(!valid || has_rounded(&input), "{} does not read {input}: {problems:?}", tool.name());
            assert!((1..=100).contains(&problems.len()), "{} problems", problems.len());
            assert!(problems.iter().all(|problem| !problem.message.is_empty()));
            let told: Vec<_> =
                contract.invalid_input(problems).detail["problems"].as_array().cloned().unwrap_or_default();
            assert_eq!(told.len(), problems.len());
        }
    }
    // Null and nothing are the same, but where null clears; unknown fields are told, whatever else there is.
    if let Value::Object(fields) = &input {
        let mut more = fields.clone();
        more.insert("no_such_field".to_owned(), Value::Null);
        let refused = contract.read(tool, &more.into()).expect_err("an unknown field is read");
        assert!(refused.len() == 100 || refused.iter().any(|problem| problem.field == "no_such_field"), "{refused:?}");
    }
}

/// Whether there is a whole number in it that is written with a point, and too great to be exact.
fn has_rounded(value: &Value) -> bool {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().is_some_and(|number| number.abs() > EXACT),
        Value::Array(items) => items.iter().any(has_rounded),
        Value::Object(fields) => fields.values().any(has_rounded),
        _ => false,
    }
}

/// JSON that is of a schema, or almost, as the bytes decide.
fn fitting(draw: &mut Draw<'_>, schema: &Value, deep: usize) -> Value {
    if draw.below(16) == 15 || deep == 0 {
        return junk(draw, deep);
    }
    if let Some(any_of) = schema["anyOf"].as_array() {
        let one = draw.below(any_of.len());
        return fitting(draw, &any_of[one], deep);
    }
    if let Some(values) = schema["enum"].as_array() {
        let one = draw.below(values.len());
        return values[one].clone();
    }
    match &schema["type"] {
        Value::Array(kinds) => {
            let one = draw.below(kinds.len());
            of_kind(draw, &kinds[one], schema, deep)
        }
        kind => of_kind(draw, kind, schema, deep),
    }
}

/// JSON of one of the kinds that schemas name.
fn of_kind(draw: &mut Draw<'_>, kind: &Value, schema: &Value, deep: usize) -> Value {
    match kind.as_str() {
        Some("boolean") => (draw.below(2) == 1).into(),
        Some("number" | "integer") => number(draw),
        Some("string") => match schema["items"]["enum"].as_array() {
            Some(words) => {
                let some: Vec<_> = (0..draw.below(4)).map(|_| words[draw.below(words.len())].as_str()).collect();
                let some: Vec<_> = some.into_iter().flatten().collect();
                some.join(draw.one_of(&[",", ", ", " ,", ",,", "\n", " "])).into()
            }
            None => draw.text(60).into(),
        },
        Some("array") => (0..draw.below(4)).map(|_| fitting(draw, &schema["items"], deep - 1)).collect(),
        Some("object") => object(draw, schema, deep),
        Some("null") => Value::Null,
        _ => junk(draw, deep),
    }
}

/// An object with some of the properties of a schema: those that are required most often, the others seldom.
fn object(draw: &mut Draw<'_>, schema: &Value, deep: usize) -> Value {
    let mut object = Map::new();
    if let Some(properties) = schema["properties"].as_object() {
        let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        for (name, property) in properties {
            if draw.below(8) < if required(name) { 7 } else { 2 } {
                object.insert(name.clone(), fitting(draw, property, deep - 1));
            }
        }
    }
    if schema["additionalProperties"].is_object() {
        for _ in 0..draw.below(4) {
            object.insert(draw.text(10), fitting(draw, &schema["additionalProperties"], deep - 1));
        }
    }
    object.into()
}

/// A number, those where something changes often.
fn number(draw: &mut Draw<'_>) -> Value {
    let whole = |number: u64| Value::Number(number.into());
    match draw.below(8) {
        0..3 => whole(draw.below(12) as u64),
        3 => whole(draw.one_of(&[
            255,
            256,
            65_535,
            65_536,
            u32::MAX.into(),
            1 << 32,
            i64::MAX as u64,
            1 << 63,
            u64::MAX,
        ])),
        4 => whole(draw.number()),
        5 => Value::from(-draw.one_of(&[0, 1, 128, i64::MAX])),
        6 => (draw.below(40) as f64 / 4.0).into(),
        _ => Number::from_f64(f64::from_bits(draw.number())).map_or(Value::Null, Value::Number),
    }
}

/// Any JSON.
fn junk(draw: &mut Draw<'_>, deep: usize) -> Value {
    match draw.below(if deep == 0 { 4 } else { 6 }) {
        0 => Value::Null,
        1 => (draw.below(2) == 1).into(),
        2 => number(draw),
        3 => draw.text(20).into(),
        4 => (0..draw.below(4)).map(|_| junk(draw, deep - 1)).collect(),
        _ => Value::Object((0..draw.below(4)).map(|_| (draw.text(10), junk(draw, deep - 1))).collect()),
    }
}
