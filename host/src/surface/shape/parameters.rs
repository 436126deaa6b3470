//! The parameters by which a caller says how an answer is to look. They are the surface's: no tool knows them.

use serde_json::{Map, Value, json};

use crate::sandbox::contract::Problem;

/// Names of the parameters.
pub(super) const NAMES: [&str; 3] = [FIELDS, DETAIL, MAX_BYTES];
const FIELDS: &str = "fields";
const DETAIL: &str = "detail";
const MAX_BYTES: &str = "max_bytes";

/// Most fields that can be chosen.
const MOST_FIELDS: usize = 50;

/// Bytes of an answer, both copies together: what a model is told at least, by default, and at most.
const FEWEST: u64 = 1000;
const USUAL: u64 = 24_000;
const MOST: u64 = 1_000_000;

/// How much of an answer is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Detail {
    /// What an agent acts on, with text in place of HTML.
    #[default]
    Summary,
    /// All that Freshdesk answered.
    Full,
}

/// How an answer is to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// The fields of each record; those of `detail` when nothing is said.
    pub(super) fields: Option<Vec<String>>,
    pub(super) detail: Detail,
    /// Bytes of both copies.
    pub(super) max_bytes: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { fields: None, detail: Detail::default(), max_bytes: usize_of(USUAL) }
    }
}

/// Adds the parameters to the schema of a tool's arguments.
pub(super) fn add(schema: &mut Value) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let fields = "Fields of each record to answer, such as requester.email; id comes always.";
    let some = format!("^ *[^ ,][^,]*(, *[^ ,][^,]*){{0,{}}}$", MOST_FIELDS - 1);
    let detail = "summary when left out: what to act on, HTML as text.";
    let bytes = format!("Bytes of the answer at most; {USUAL} when left out.");
    let added = [
        (
            FIELDS,
            json!({
                "type": ["array", "string", "null"], "items": {"type": "string", "pattern": "[^ ]"},
                "minItems": 1, "maxItems": MOST_FIELDS, "pattern": some, "description": fields,
            }),
        ),
        (DETAIL, json!({"enum": ["summary", "full", null], "description": detail})),
        (MAX_BYTES, json!({"type": ["integer", "null"], "minimum": FEWEST, "maximum": MOST, "description": bytes})),
    ];
    properties.extend(added.map(|(name, schema)| (name.to_owned(), schema)));
}

/// Takes the parameters out of a call's arguments.
pub(super) fn take(input: &mut Map<String, Value>) -> Result<Parameters, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut given = |name: &str| input.shift_remove(name).filter(|value| !value.is_null());
    let [fields, detail, bytes] = NAMES.map(&mut given);
    let mut refuse = |field: &str, message: String| {
        problems.push(Problem { field: field.to_owned(), message });
    };
    let mut parameters = Parameters::default();
    match detail.as_ref().map(Value::as_str) {
        None | Some(Some("summary")) => {}
        Some(Some("full")) => parameters.detail = Detail::Full,
        Some(_) => refuse(DETAIL, "must be summary or full".to_owned()),
    }
    match bytes.as_ref().map(whole) {
        None => {}
        Some(Some(bytes)) if (FEWEST..=MOST).contains(&bytes) => parameters.max_bytes = usize_of(bytes),
        Some(_) => refuse(MAX_BYTES, format!("must be a whole number from {FEWEST} to {MOST}")),
    }
    if let Some(fields) = fields {
        match names(&fields) {
            Some(names) => parameters.fields = Some(names),
            None => refuse(
                FIELDS,
                format!("must be 1 to {MOST_FIELDS} names, in a list or with commas between, such as subject,status"),
            ),
        }
    }
    if problems.is_empty() { Ok(parameters) } else { Err(problems) }
}

/// A whole number, which may be written with a point.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|n| n as u64))
}

/// The names in a list, or in a text with commas between.
fn names(value: &Value) -> Option<Vec<String>> {
    let names: Option<Vec<&str>> = match value {
        Value::String(text) => Some(text.split(',').collect()),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let names: Vec<_> = names?.into_iter().map(|name| name.trim_matches(' ').to_owned()).collect();
    ((1..=MOST_FIELDS).contains(&names.len()) && names.iter().all(|name| !name.is_empty())).then_some(names)
}

fn usize_of(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(input: Value) -> Result<Parameters, Vec<String>> {
        let Value::Object(mut input) = input else { unreachable!() };
        take(&mut input).map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn what_is_left_out_or_null_is_usual() {
        for input in [json!({}), json!({"fields": null, "detail": null, "max_bytes": null})] {
            assert_eq!(taken(input), Ok(Parameters::default()));
        }
    }

    #[test]
    fn what_is_given_is_taken_off() {
        let Value::Object(mut input) = json!({"page": 2, "detail": "full", "max_bytes": 1000.0, "fields": "a, b.c"})
        else {
            unreachable!()
        };
        let fields = Some(vec!["a".to_owned(), "b.c".to_owned()]);
        assert_eq!(take(&mut input).ok(), Some(Parameters { fields, detail: Detail::Full, max_bytes: 1000 }));
        assert_eq!(Value::Object(input), json!({"page": 2}));
    }

    #[test]
    fn all_that_is_wrong_is_named_together() {
        let input = json!({"detail": "short", "max_bytes": 999, "fields": []});
        assert_eq!(taken(input), Err(["detail", "max_bytes", "fields"].map(str::to_owned).to_vec()));
        for fields in [json!(1), json!([1]), json!([""]), json!(vec!["a"; 51]), json!("a,,b"), json!({"a": 1})] {
            assert_eq!(taken(json!({"fields": fields})), Err(vec!["fields".to_owned()]));
        }
        for bytes in [json!(1_000_001), json!(-1), json!("1000"), json!(1000.5)] {
            assert_eq!(taken(json!({"max_bytes": bytes})), Err(vec!["max_bytes".to_owned()]));
        }
    }
}
