//! Reader, writer and schemas agree, whatever they are given.

use std::cell::Cell;

use jsonschema::{Validator, draft202012};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Map;

use super::super::shape::{Choice, Integer, Record, Shape};
use super::*;

/// How many requests each tool is asked to read.
const REQUESTS: u32 = 5000;

/// How many answers of each tool are written.
const ANSWERS: u32 = 300;

/// A test of this many cases, which leaves no files behind.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// A validator of a schema.
fn validator(schema: &Value) -> Validator {
    draft202012::new(schema).unwrap()
}

#[test]
fn the_reader_accepts_exactly_what_the_schema_does() {
    let contract = contract();
    for tool in contract.tools() {
        let schema = validator(tool.input_schema());
        let shape = Shape::Record(tool.request.clone());
        let (accepted, refused) = (Cell::new(0), Cell::new(0));
        let request =
            prop_oneof![3 => sent(tool.input_schema(), true), 5 => sent(tool.input_schema(), false), 2 => junk()];
        let outcome = runner(REQUESTS).run(&request, |request| {
            let read = contract.read(tool, &request);
            prop_assert_eq!(read.is_ok(), schema.is_valid(&request), "{:?}", read);
            let count = if read.is_ok() { &accepted } else { &refused };
            count.set(count.get() + 1);
            if let Ok(val) = read {
                let typed = super::super::write::write(&shape, &val);
                prop_assert!(typed.is_ok(), "{:?}", typed);
            }
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", tool.name()));
        let (accepted, refused) = (accepted.get(), refused.get());
        println!("{}: {accepted} accepted, {refused} refused", tool.name());
        assert!(accepted.min(refused) >= REQUESTS / 5, "{}: {accepted} accepted, {refused} refused", tool.name());
    }
}

#[test]
fn what_is_written_is_as_its_schema_says() {
    let contract = contract();
    for tool in contract.tools() {
        let schema = validator(tool.output_schema());
        let outcome = runner(ANSWERS).run(&record_val(&tool.answer), |answer| {
            let result = Val::Result(Ok(Some(Box::new(answer))));
            let written = contract.write(tool, &result).unwrap().unwrap();
            prop_assert!(schema.is_valid(&written), "{:?}", schema.validate(&written).err());
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", tool.name()));
    }
}

/// JSON for a schema: of it throughout if it is to be sound, and otherwise with something wrong here and there.
fn sent(schema: &Value, sound: bool) -> BoxedStrategy<Value> {
    let fitting = fitting(schema, sound);
    if sound { fitting } else { prop_oneof![5 => fitting, 1 => junk()].boxed() }
}

/// JSON of one of the alternatives that a schema allows.
fn fitting(schema: &Value, sound: bool) -> BoxedStrategy<Value> {
    if let Some(any_of) = schema["anyOf"].as_array() {
        return union(any_of.iter().map(|schema| sent(schema, sound)));
    }
    if let Some(values) = schema["enum"].as_array() {
        return select(values.clone()).prop_perturb(|value, mut rng| as_float(value, rng.random())).boxed();
    }
    match &schema["type"] {
        Value::Array(kinds) => union(kinds.iter().map(|kind| of_kind(kind, schema, sound))),
        kind => of_kind(kind, schema, sound),
    }
}

/// JSON of one kind.
fn of_kind(kind: &Value, schema: &Value, sound: bool) -> BoxedStrategy<Value> {
    match kind.as_str().unwrap() {
        "null" => Just(Value::Null).boxed(),
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "number" => numbers(),
        "integer" => whole_numbers(&schema["maximum"]),
        "string" if schema.get("pattern").is_some() => words(&schema["items"]["enum"]),
        "string" => any::<String>().prop_map(Value::from).boxed(),
        "array" => prop::collection::vec(sent(&schema["items"], sound), 0..3).prop_map(Value::from).boxed(),
        "object" => match &schema["properties"] {
            Value::Object(properties) => object(properties, &schema["required"], sound),
            _ => {
                let entries =
                    prop::collection::hash_map("[a-z_é.]{0,8}", sent(&schema["additionalProperties"], sound), 0..3);
                entries.prop_map(|entries| Value::Object(entries.into_iter().collect())).boxed()
            }
        },
        other => panic!("{other}"),
    }
}

/// An object with some of the properties; if it is not to be sound, perhaps without a required or with an unknown one.
fn object(properties: &Map<String, Value>, required: &Value, sound: bool) -> BoxedStrategy<Value> {
    let required = |name: &String| required.as_array().is_some_and(|names| names.contains(&json!(name)));
    let entry = |(name, schema): (&String, &Value)| {
        let entry = sent(schema, sound).prop_map({
            let name = name.clone();
            move |value| Some((name.clone(), value))
        });
        match required(name) {
            true if sound => entry.boxed(),
            true => prop_oneof![19 => entry, 1 => Just(None)].boxed(),
            false => prop_oneof![entry, Just(None)].boxed(),
        }
    };
    let entries: Vec<_> = properties.iter().map(entry).collect();
    let unknown =
        if sound { Just(None).boxed() } else { prop::option::weighted(0.1, ("[a-z_é]{0,8}", junk())).boxed() };
    let all = (entries, unknown);
    all.prop_map(|(entries, unknown)| Value::Object(entries.into_iter().chain([unknown]).flatten().collect())).boxed()
}

/// Any JSON, often something that is almost right.
fn junk() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        numbers(),
        whole_numbers(&json!(5)),
        any::<String>().prop_map(Value::from),
        select(vec![
            "",
            ",",
            "1",
            "2",
            "open",
            "Open",
            "open ",
            "low",
            "stats,",
            "stats, requester",
            "stats\n",
            "null"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,4}", inner, 0..3)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Any number, those at the edges of the widths often. Not the whole ones that are written with a point and are too great to
/// be exact: a schema does not see how a number is written, and the reader refuses them.
fn numbers() -> BoxedStrategy<Value> {
    let edges = [-1.0, 0.5, 255.0, 4294967295.0, 4294967296.0, 9007199254740991.0, 1.0000000000000002e19, 1e300];
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1000.0..1000.0_f64).prop_map(Value::from),
        select(edges.to_vec()).prop_map(Value::from),
        select(vec![u64::MAX, 10_000_000_000_000_000_001, 1 << 63, (1 << 53) + 1]).prop_map(Value::from),
        select(vec![i64::MIN, -1, 0, 1, i64::MAX]).prop_map(Value::from),
    ]
    .boxed()
}

/// Whole numbers up to one, and it itself.
fn whole_numbers(most: &Value) -> BoxedStrategy<Value> {
    let most = most.as_f64().unwrap() as u64;
    let number = prop_oneof![8 => (0..=most.min(1 << 50)).prop_map(Value::from), 1 => Just(most.into())];
    (number, any::<bool>()).prop_map(|(number, float)| as_float(number, float)).boxed()
}

/// A number as it is or with a fraction of zero.
fn as_float(value: Value, float: bool) -> Value {
    match value.as_f64() {
        Some(number) if float && number < 9e15 => number.into(),
        _ => value,
    }
}

/// Some words with commas between, and spaces around those.
fn words(words: &Value) -> BoxedStrategy<Value> {
    let words: Vec<_> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
    let spaced = ("[ ]{0,2}", select(words), "[ ]{0,2}").prop_map(|(before, word, after)| before + &word + &after);
    prop::collection::vec(spaced, 1..4).prop_map(|words| words.join(",").into()).boxed()
}

/// One of several strategies.
fn union<T: std::fmt::Debug + 'static>(all: impl Iterator<Item = BoxedStrategy<T>>) -> BoxedStrategy<T> {
    prop::strategy::Union::new(all).boxed()
}

/// Values of a shape.
fn val(shape: &Shape) -> BoxedStrategy<Val> {
    match shape {
        Shape::Bool => any::<bool>().prop_map(Val::Bool).boxed(),
        Shape::Integer(width) => integer_val(*width),
        Shape::Decimal => any::<f64>().prop_map(Val::Float64).boxed(),
        Shape::Text => any::<String>().prop_map(Val::String).boxed(),
        Shape::Json => {
            prop_oneof![junk().prop_map(|value| text(&value.to_string())), ".{0,5}".prop_map(Val::String)].boxed()
        }
        Shape::Option(inner) => prop_oneof![val(inner).prop_map(some), Just(Val::Option(None))].boxed(),
        Shape::List(item) => prop::collection::vec(val(item), 0..3).prop_map(Val::List).boxed(),
        Shape::Map(value) => {
            let key = prop_oneof![
                select(vec!["id", "status", "extra", "ticket", "query"]).prop_map(text),
                ".{0,5}".prop_map(Val::String)
            ];
            let pair = (key, val(value)).prop_map(|(key, value)| Val::Tuple(vec![key, value]));
            prop::collection::vec(pair, 0..4).prop_map(Val::List).boxed()
        }
        Shape::Record(record) => record_val(record),
        Shape::Choice(choice) => choice_val(choice),
    }
}

/// Values of a record.
fn record_val(record: &Record) -> BoxedStrategy<Val> {
    let names: Vec<_> = record.fields.iter().map(|field| field.wit.clone()).collect();
    let vals: Vec<_> = record.fields.iter().map(|field| val(&field.shape)).collect();
    vals.prop_map(move |vals| Val::Record(names.iter().cloned().zip(vals).collect())).boxed()
}

/// Values of a choice.
fn choice_val(choice: &Choice) -> BoxedStrategy<Val> {
    let words = choice.words.iter().map(|word| match choice.variant {
        true => Just(Val::Variant(word.wit.clone(), None)).boxed(),
        false => Just(Val::Enum(word.wit.clone())).boxed(),
    });
    let payloads = choice.payloads.iter().map(|(name, payload)| {
        let name = name.clone();
        val(payload).prop_map(move |payload| case(&name, payload)).boxed()
    });
    union(words.chain(payloads))
}

/// Whole numbers of a width.
fn integer_val(width: Integer) -> BoxedStrategy<Val> {
    match width {
        Integer::U8 => any::<u8>().prop_map(Val::U8).boxed(),
        Integer::U16 => any::<u16>().prop_map(Val::U16).boxed(),
        Integer::U32 => any::<u32>().prop_map(Val::U32).boxed(),
        Integer::U64 => any::<u64>().prop_map(Val::U64).boxed(),
        Integer::S64 => any::<i64>().prop_map(Val::S64).boxed(),
    }
}
