//! JSON Schemas (draft 2020-12) of the contract's types, in as few bytes as say it.

use serde_json::{Map, Value, json};

use super::shape::{Choice, Integer, Record, Shape, Word};

/// What a schema is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// What a caller may send: exactly what the reader accepts.
    Input,
    /// What a caller gets: true of all that the writer writes, and open to what Freshdesk adds.
    Output,
}

/// The schema of a request.
pub(super) fn input(record: &Record) -> Value {
    Value::Object(record_schema(record, Side::Input))
}

/// The schema of an answer.
pub(super) fn output(record: &Record) -> Value {
    Value::Object(record_schema(record, Side::Output))
}

/// The schema of any shape.
fn schema(shape: &Shape, side: Side) -> Map<String, Value> {
    match shape {
        Shape::Bool => keywords(json!({ "type": "boolean" })),
        Shape::Integer(width) => integer(*width, side),
        Shape::Decimal => keywords(json!({ "type": "number" })),
        Shape::Text => keywords(json!({ "type": "string" })),
        Shape::Json => Map::new(),
        Shape::Option(inner) => match side {
            Side::Input => or_null(schema(inner, side)),
            Side::Output => schema(inner, side),
        },
        Shape::List(item) => list(item, side),
        Shape::Map(value) => match side {
            Side::Input => keywords(json!({ "type": "object", "additionalProperties": schema(value, side) })),
            Side::Output => keywords(json!({ "type": "object" })),
        },
        Shape::Record(record) => record_schema(record, side),
        Shape::Choice(choice) => choice_schema(choice, side),
    }
}

/// An object with the record's fields. A request takes no others.
fn record_schema(record: &Record, side: Side) -> Map<String, Value> {
    let fields = match side {
        Side::Input => record.fields.iter().collect(),
        Side::Output => record.properties(),
    };
    let mut properties = Map::new();
    for field in &fields {
        let mut property = schema(&field.shape, side);
        property.insert("description".into(), field.doc.as_str().into());
        properties.insert(field.name.clone(), property.into());
    }
    let required: Vec<_> = fields.iter().filter(|field| !field.optional()).map(|field| field.name.as_str()).collect();
    let mut object = keywords(json!({ "type": "object", "properties": properties }));
    if !required.is_empty() {
        object.insert("required".into(), required.into());
    }
    if side == Side::Input {
        object.insert("additionalProperties".into(), false.into());
    }
    object
}

/// A whole number; of a request, with its range.
fn integer(width: Integer, side: Side) -> Map<String, Value> {
    match side {
        Side::Input => keywords(json!({ "type": "integer", "minimum": width.min(), "maximum": greatest(width) })),
        Side::Output => keywords(json!({ "type": "integer" })),
    }
}

/// The greatest number of a width in the fewest bytes: 1e19 is exactly the greatest of 64 bits.
fn greatest(width: Integer) -> Value {
    match width {
        Integer::U64 => (width.max() as f64).into(),
        _ => width.max().into(),
    }
}

/// An array; of words in a request, also a string of them with commas between.
fn list(item: &Shape, side: Side) -> Map<String, Value> {
    let items = schema(item, side);
    match item.words() {
        Some(words) if side == Side::Input => {
            let word = words.iter().map(|word| word.name.as_str()).collect::<Vec<_>>().join("|");
            let pattern = format!("^ *({word}) *(, *({word}) *)*$");
            keywords(json!({ "type": ["array", "string"], "items": items, "pattern": pattern }))
        }
        _ => keywords(json!({ "type": "array", "items": items })),
    }
}

/// Words, payloads, or either of them.
fn choice_schema(choice: &Choice, side: Side) -> Map<String, Value> {
    let decimals = choice.payloads.iter().any(|(_, shape)| matches!(shape, Shape::Decimal));
    let payloads = choice.payloads.iter().map(|(_, shape)| shape);
    let mut payloads: Vec<_> = payloads
        .filter(|shape| !(decimals && matches!(shape, Shape::Integer(_))))
        .map(|shape| schema(shape, side))
        .collect();
    if choice.words.is_empty() {
        return merged(payloads);
    }
    let integers = choice.payloads.iter().any(|(_, shape)| matches!(shape, Shape::Integer(_)));
    let words = words_schema(&choice.words, side == Side::Input && !integers);
    if payloads.is_empty() {
        return words;
    }
    payloads.insert(0, words);
    keywords(json!({ "anyOf": payloads }))
}

/// One of some words, or of Freshdesk's numbers for them.
fn words_schema(words: &[Word], numbers: bool) -> Map<String, Value> {
    let mut values: Vec<Value> = words.iter().map(|word| word.name.as_str().into()).collect();
    if numbers {
        values.extend(words.iter().filter_map(|word| word.number).map(Value::from));
    }
    keywords(json!({ "enum": values }))
}

/// One schema for payloads of different types: each keyword applies to its own type only.
fn merged(payloads: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut all = Map::new();
    let mut types = Vec::new();
    for mut payload in payloads {
        types.extend(payload.remove("type"));
        all.append(&mut payload);
    }
    all.insert("type".into(), types.into());
    all
}

/// The same schema, which takes null too.
fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Array(any_of)) = schema.get_mut("anyOf") {
        if let Some(Value::Object(first)) = any_of.first_mut() {
            *first = or_null(std::mem::take(first));
        }
    } else if let Some(Value::Array(values)) = schema.get_mut("enum") {
        if !values.contains(&Value::Null) {
            values.push(Value::Null);
        }
    } else if let Some(types) = schema.get_mut("type") {
        let mut kinds = match types.take() {
            Value::Array(kinds) => kinds,
            kind => vec![kind],
        };
        if !kinds.contains(&json!("null")) {
            kinds.push("null".into());
        }
        *types = kinds.into();
    }
    schema
}

/// The keywords of a schema written as JSON.
fn keywords(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(keywords) => keywords,
        _ => Map::new(),
    }
}
