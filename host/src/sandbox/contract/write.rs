//! Values of the contract as JSON. The values come out of the sandbox: any of them may be other than the contract says.

use serde_json::{Map, Number, Value};
use wasmtime::component::Val;

use super::error::Mismatch;
use super::shape::{Choice, Integer, Record, Shape};

/// The name under which an object has what Freshdesk sent under the name of a typed field.
const COLLIDED: &str = "extra";

/// Writes a value. None is nothing, and so is a list's or a map's none.
pub(super) fn write(shape: &Shape, val: &Val) -> Result<Option<Value>, Mismatch> {
    let written = match (shape, val) {
        (Shape::Bool, Val::Bool(flag)) => Value::Bool(*flag),
        (Shape::Text, Val::String(text)) => Value::String(text.clone()),
        (Shape::Json, Val::String(text)) => return Ok(parsed(text)),
        (Shape::Decimal, Val::Float64(number)) => match Number::from_f64(*number) {
            Some(number) => Value::Number(number),
            None => return Err(Mismatch::of("a finite number")),
        },
        (Shape::Integer(width), _) => match integer(val) {
            Some((of, number)) if of == *width => Value::Number(number),
            _ => return Err(Mismatch::of("a whole number of the right width")),
        },
        (Shape::Option(_), Val::Option(None)) => return Ok(None),
        (Shape::Option(inner), Val::Option(Some(val))) => return write(inner, val),
        (Shape::List(item), Val::List(items)) => list(item, items)?,
        (Shape::Map(value), Val::List(pairs)) => {
            let mut object = Map::new();
            each_pair(value, pairs, |key, value| object.extend([(key, value)]))?;
            Value::Object(object)
        }
        (Shape::Record(record), _) => Value::Object(object(record, val)?),
        (Shape::Choice(choice), Val::Enum(case)) if !choice.variant => word(choice, case)?,
        (Shape::Choice(choice), Val::Variant(case, None)) if choice.variant => word(choice, case)?,
        (Shape::Choice(choice), Val::Variant(case, Some(val))) => {
            let payload = choice.payloads.iter().find(|(name, _)| name == case);
            let (_, payload) = payload.ok_or(Mismatch::of("a case with a payload"))?;
            return write(payload, val);
        }
        _ => return Err(Mismatch::of(name(shape))),
    };
    Ok(Some(written))
}

/// Writes a record as one object with everything that is spread into it.
pub(super) fn object(record: &Record, val: &Val) -> Result<Map<String, Value>, Mismatch> {
    let mut object = Map::new();
    let mut extras = Vec::new();
    fields(record, val, &mut object, &mut extras)?;
    if !extras.is_empty() {
        let typed: Vec<_> = record.properties().into_iter().map(|field| field.name.as_str()).collect();
        let mut collided = Map::new();
        for (key, value) in extras {
            let taken = key == COLLIDED || typed.contains(&key.as_str());
            if taken { &mut collided } else { &mut object }.entry(key).or_insert(value);
        }
        if !collided.is_empty() {
            object.insert(COLLIDED.into(), collided.into());
        }
    }
    Ok(object)
}

/// Writes the typed fields of a record and of the records spread into it, and collects the extra ones.
fn fields(
    record: &Record,
    val: &Val,
    object: &mut Map<String, Value>,
    extras: &mut Vec<(String, Value)>,
) -> Result<(), Mismatch> {
    let Val::Record(vals) = val else { return Err(Mismatch::of("a record")) };
    let names = || record.fields.iter().map(|field| &field.wit);
    if !vals.iter().map(|(name, _)| name).eq(names()) {
        return Err(Mismatch::of("a record with other fields"));
    }
    for (field, (_, val)) in record.fields.iter().zip(vals) {
        let written = match (&field.shape, val) {
            (Shape::Record(inner), _) if field.spread => fields(inner, val, object, extras),
            (Shape::Map(value), Val::List(pairs)) if field.spread => {
                each_pair(value, pairs, |key, value| extras.push((key, value)))
            }
            (shape, _) => write(shape, val).map(|written| {
                object.extend(written.map(|value| (field.name.clone(), value)));
            }),
        };
        written.map_err(|mismatch| mismatch.below(&field.name))?;
    }
    Ok(())
}

/// Writes the items that are not none.
fn list(item: &Shape, items: &[Val]) -> Result<Value, Mismatch> {
    let written =
        items.iter().enumerate().map(|(i, val)| write(item, val).map_err(|mismatch| mismatch.below(&i.to_string())));
    Ok(Value::Array(written.filter_map(Result::transpose).collect::<Result<_, _>>()?))
}

/// Hands out the keys and values of a list of pairs, those with a none left out.
fn each_pair(shape: &Shape, pairs: &[Val], mut take: impl FnMut(String, Value)) -> Result<(), Mismatch> {
    for pair in pairs {
        let Val::Tuple(pair) = pair else { return Err(Mismatch::of("a pair")) };
        let [Val::String(key), val] = pair.as_slice() else { return Err(Mismatch::of("a pair")) };
        if let Some(value) = write(shape, val).map_err(|mismatch| mismatch.below(key))? {
            take(key.clone(), value);
        }
    }
    Ok(())
}

/// Writes a case without a payload.
fn word(choice: &Choice, case: &str) -> Result<Value, Mismatch> {
    let word = choice.words.iter().find(|word| word.wit == case);
    word.map(|word| Value::String(word.name.clone())).ok_or(Mismatch::of("a case without a payload"))
}

/// A whole number with its width.
fn integer(val: &Val) -> Option<(Integer, Number)> {
    Some(match val {
        Val::U8(number) => (Integer::U8, (*number).into()),
        Val::U16(number) => (Integer::U16, (*number).into()),
        Val::U32(number) => (Integer::U32, (*number).into()),
        Val::U64(number) => (Integer::U64, (*number).into()),
        Val::S64(number) => (Integer::S64, (*number).into()),
        _ => return None,
    })
}

/// The longest JSON text of a guest that is parsed, in bytes; parsed, it takes up to forty times as much. A longer one is
/// given as the text it is.
const LONGEST_JSON: usize = 1 << 20;

/// The value a JSON text tells, or the text itself when it is not JSON. Null is nothing.
fn parsed(text: &str) -> Option<Value> {
    if text.len() > LONGEST_JSON {
        return Some(Value::String(text.to_owned()));
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) => None,
        Ok(value) => Some(value),
        Err(_) => Some(Value::String(text.to_owned())),
    }
}

/// What a shape's values are.
fn name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "a flag",
        Shape::Integer(_) | Shape::Decimal => "a number",
        Shape::Text | Shape::Json => "a string",
        Shape::Option(_) => "an option",
        Shape::List(_) | Shape::Map(_) => "a list",
        Shape::Record(_) => "a record",
        Shape::Choice(_) => "a case",
    }
}
