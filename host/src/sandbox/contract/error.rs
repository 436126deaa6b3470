//! Why a call was not carried out: the cases of the contract's one `error`, and what is wrong with a request or a value.

use serde_json::{Map, Value, json};
use thiserror::Error;
use wasmtime::component::Val;
use wit_parser::{Resolve, Type, TypeDefKind};

use crate::error::{LONGEST_STORY, harmless};

use super::shape::{Record, Shape, definition};
use super::{ContractError, words, write};

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct Problem {
    /// Its path, such as `custom_fields.cf_plan` or `cc_emails[1]`; empty for the whole request.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A value out of the sandbox that is not of its type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the plugin's answer is not of its type: {expected} was expected at `{at}`")]
pub struct Mismatch {
    at: String,
    expected: &'static str,
}

impl Mismatch {
    /// A mismatch at the value itself.
    pub(super) fn of(expected: &'static str) -> Self {
        Self { at: String::new(), expected }
    }

    /// The same mismatch, seen from the value that has this one under a name.
    pub(super) fn below(mut self, name: &str) -> Self {
        // The guest chooses some of the names.
        let name: String = name.chars().take(60).flat_map(char::escape_debug).collect();
        self.at = if self.at.is_empty() { name } else { format!("{name}.{}", self.at) };
        self
    }
}

/// Why a tool did not do what it was asked, by the contract's cases.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{case}: {}", harmless(message, LONGEST_STORY))]
pub struct ToolError {
    /// The case, such as `rate_limited`.
    pub case: String,
    /// What the contract says about the case, or the text it carries.
    pub message: String,
    /// What else the case carries.
    pub detail: Map<String, Value>,
}

impl ToolError {
    /// The error as one object: `error` is the case, beside `message` and the detail.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("error".into(), self.case.as_str().into());
        object.insert("message".into(), self.message.as_str().into());
        for (name, value) in &self.detail {
            object.entry(name).or_insert_with(|| value.clone());
        }
        Value::Object(object)
    }
}

/// The cases of the contract's `error`.
#[derive(Clone, Debug)]
pub(super) struct Errors {
    cases: Vec<Case>,
}

/// A case of the contract's `error`.
#[derive(Clone, Debug)]
struct Case {
    /// Its name in the contract.
    wit: String,
    /// What the contract says about it.
    message: String,
    /// What it carries.
    payload: Payload,
}

/// What a case carries.
#[derive(Clone, Debug)]
enum Payload {
    /// Nothing.
    None,
    /// The message.
    Message,
    /// The detail.
    Detail(Record),
}

impl Errors {
    /// The cases of a variant whose payloads are texts and records.
    pub(super) fn of(resolve: &Resolve, ty: &Type) -> Result<Self, ContractError> {
        match definition(resolve, ty).map(|def| &def.kind) {
            Some(TypeDefKind::Variant(variant)) => {
                let cases = variant.cases.iter().map(|case| Case::of(resolve, case));
                Ok(Self { cases: cases.collect::<Result<_, _>>()? })
            }
            _ => Err(ContractError::unsupported("an error that is not a variant")),
        }
    }

    /// The names of the cases in JSON.
    pub(super) fn cases(&self) -> Vec<String> {
        self.cases.iter().map(|case| words::snake_case(&case.wit)).collect()
    }

    /// The error of a case by its name in JSON. A case that the contract does not have says nothing but its name.
    pub(super) fn error(&self, case: &str, detail: Map<String, Value>) -> ToolError {
        let known = self.cases.iter().find(|known| words::snake_case(&known.wit) == case);
        let message = known.map_or(case, |known| &known.message);
        let message = match specifics(&detail) {
            specifics if specifics.is_empty() => message.to_owned(),
            specifics => format!("{message} ({specifics})"),
        };
        ToolError { case: case.to_owned(), message, detail }
    }

    /// Reads the error out of its value.
    pub(super) fn read(&self, val: &Val) -> Result<ToolError, Mismatch> {
        let Val::Variant(name, carried) = val else { return Err(Mismatch::of("an error")) };
        let case = self.cases.iter().find(|case| case.wit == *name).ok_or(Mismatch::of("a case of error"))?;
        let name = words::snake_case(name);
        match (&case.payload, carried.as_deref()) {
            (Payload::None, None) => Ok(self.error(&name, Map::new())),
            (Payload::Message, Some(Val::String(text))) => {
                Ok(ToolError { case: name, message: text.clone(), detail: Map::new() })
            }
            (Payload::Detail(record), Some(val)) => Ok(self.error(&name, write::object(record, val)?)),
            _ => Err(Mismatch::of("a payload of error").below(&name)),
        }
    }
}

impl Case {
    /// A case and what the contract says about it.
    fn of(resolve: &Resolve, case: &wit_parser::Case) -> Result<Self, ContractError> {
        let payload = match case.ty.as_ref().map(|ty| Shape::of(resolve, ty)).transpose()? {
            None => Payload::None,
            Some(Shape::Text) => Payload::Message,
            Some(Shape::Record(record)) => Payload::Detail(record),
            Some(_) => return Err(ContractError::unsupported(format!("the payload of `error.{}`", case.name))),
        };
        Ok(Self { wit: case.name.clone(), message: words::fold(case.docs.contents.as_deref()), payload })
    }
}

/// What a detail says, in one line, for readers who are shown the message alone.
fn specifics(detail: &Map<String, Value>) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let problems = detail.get("problems").and_then(Value::as_array).into_iter().flatten();
    let problems = problems.map(|problem| match (plain(&problem["field"]), plain(&problem["message"])) {
        (field, message) if field.is_empty() => message,
        (field, message) => format!("{field}: {message}"),
    });
    let others = detail.iter().filter(|(name, _)| *name != "problems");
    let others = others.map(|(name, value)| format!("{name}: {}", plain(value)));
    problems.chain(others).collect::<Vec<_>>().join("; ")
}

/// Problems as the contract's `invalid-input` carries them.
pub(super) fn problems(problems: &[Problem]) -> Map<String, Value> {
    let problems = problems.iter().map(|problem| json!({ "field": problem.field, "message": problem.message }));
    Map::from_iter([("problems".to_owned(), problems.collect())])
}
