//! Whether a value is as its schema says, and all that is not. It knows the keywords that the API's own schemas use, so that
//! what is described is what is asked for.

use serde_json::{Map, Number, Value};

use super::format;
use crate::sandbox::contract::Problem;

/// How many problems are told, about: more would not help the caller to mend the request, and each is longer than what makes it.
const MOST_PROBLEMS: usize = 100;

/// What is wrong with a value. A whole number that is written with a point is made one without, as JSON Schema takes it for one.
pub(super) fn problems(schema: &Value, value: &mut Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    look(schema, value, "", &mut problems);
    problems
}

fn look(schema: &Value, value: &mut Value, at: &str, found: &mut Vec<Problem>) {
    let mut wrong = |message: String| found.push(Problem { field: at.to_owned(), message });
    let kinds: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    if kinds.contains(&"integer") {
        make_whole(value);
    }
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind, value)) {
        let names: Vec<_> = kinds.iter().filter(|kind| **kind != "null").map(|kind| in_words(kind)).collect();
        return wrong(format!("is to be {}", names.join(" or ")));
    }
    match value {
        Value::String(text) => look_at_text(schema, text).into_iter().for_each(wrong),
        Value::Number(number) => look_at_number(schema, number).into_iter().for_each(wrong),
        Value::Array(items) => {
            let count = items.len() as u64;
            let (least, most) =
                (schema["minItems"].as_u64().unwrap_or(0), schema["maxItems"].as_u64().unwrap_or(u64::MAX));
            if !(least..=most).contains(&count) {
                wrong(format!("has {least} to {most} entries"));
            }
            for (number, item) in items.iter_mut().enumerate() {
                if found.len() >= MOST_PROBLEMS {
                    break;
                }
                look(&schema["items"], item, &format!("{at}[{number}]"), found);
            }
        }
        Value::Object(fields) => look_at_fields(schema, fields, at, found),
        Value::Null | Value::Bool(_) => {}
    }
}

fn look_at_fields(schema: &Value, fields: &mut Map<String, Value>, at: &str, found: &mut Vec<Problem>) {
    let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            found.push(Problem { field: below(name), message: "is missing".to_owned() });
        }
    }
    for (name, value) in fields {
        if found.len() >= MOST_PROBLEMS {
            break;
        }
        match schema["properties"].get(name) {
            Some(property) => look(property, value, &below(name), found),
            None if schema["additionalProperties"] == false => {
                let known: Vec<_> = schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
                let message = format!("is unknown here; known are {}", known.join(", "));
                found.push(Problem { field: below(name), message });
            }
            None => {}
        }
    }
}

fn look_at_text(schema: &Value, text: &str) -> Option<String> {
    if let Some(words) = schema["enum"].as_array()
        && !words.iter().any(|word| word == text)
    {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return Some(format!("is one of {}", words.join(", ")));
    }
    let length = text.chars().count() as u64;
    let (least, most) = (schema["minLength"].as_u64().unwrap_or(0), schema["maxLength"].as_u64().unwrap_or(u64::MAX));
    if !(least..=most).contains(&length) {
        return Some(format!("has {least} to {most} characters"));
    }
    let format = schema["format"].as_str().and_then(format::named)?;
    (!(format.is)(text)).then(|| format.says.to_owned())
}

fn look_at_number(schema: &Value, number: &Number) -> Option<String> {
    let number = number.as_f64()?;
    let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
    let fits = least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
    (!fits).then(|| match most {
        Some(most) => format!("is {} to {most}", least.unwrap_or(f64::MIN)),
        None => format!("is at least {}", least.unwrap_or(f64::MIN)),
    })
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

/// Writes 60.0 as 60.
fn make_whole(value: &mut Value) {
    /// The numbers of which all whole ones below are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(number) = value.as_f64()
        && value.is_f64()
        && number.fract() == 0.0
        && number.abs() <= EXACT
    {
        *value = Value::from(number as i64);
    }
}

fn in_words(kind: &str) -> &str {
    match kind {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "array" => "a list",
        _ => "an object",
    }
}
