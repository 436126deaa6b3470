//! The fields that an account defines for itself.

use serde_json::Value;

/// A custom field of tickets or contacts.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomField {
    /// The key: ticket fields begin with `cf_`, contact fields do not (`docs/freshdesk.md §6.4`).
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether a create must name it.
    pub required: bool,
}

/// What a custom field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// A string.
    Text,
    /// A whole number.
    Number,
    /// Any number.
    Decimal,
    /// True or false.
    Checkbox,
    /// A day, `YYYY-MM-DD` and nothing else.
    Date,
    /// One of these strings.
    Choice(Vec<String>),
}

impl CustomField {
    /// A field that may be left out.
    pub fn new(name: &str, kind: FieldKind) -> CustomField {
        CustomField { name: name.to_owned(), kind, required: false }
    }

    /// A drop-down with these choices, which may be left out.
    pub fn choice(name: &str, choices: &[&str]) -> CustomField {
        CustomField::new(name, FieldKind::Choice(choices.iter().map(|&choice| choice.to_owned()).collect()))
    }

    /// The value of an unset field.
    pub fn unset(&self) -> Value {
        match self.kind {
            FieldKind::Checkbox => Value::Bool(false),
            _ => Value::Null,
        }
    }
}
