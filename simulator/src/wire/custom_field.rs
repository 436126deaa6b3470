//! Fields that an account has defined: how values are checked, and how a record shows them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::attribute::{one_of, type_name};
use super::errors::FieldError;
use super::moment;
use crate::state::{CustomField, FieldKind};

/// Complains about values of unknown fields and about wrong values.
pub(crate) fn wrong(definitions: &[CustomField], values: &Map<String, Value>) -> Vec<FieldError> {
    let complaint = |(name, value): (&String, &Value)| match definitions.iter().find(|field| field.name == *name) {
        None => Some(FieldError::unknown(&path(name))),
        Some(field) if value.is_null() && !field.required => None,
        Some(field) => complaint(field, value),
    };
    values.iter().filter_map(complaint).collect()
}

/// Complains about required fields that are not among the values.
pub(crate) fn missing(definitions: &[CustomField], values: Option<&Map<String, Value>>) -> Vec<FieldError> {
    let absent = |field: &&CustomField| values.is_none_or(|values| !values.contains_key(&field.name));
    let required = definitions.iter().filter(|field| field.required).filter(absent);
    required.map(|field| FieldError::new(&path(&field.name), missing_code(field), expected(field))).collect()
}

/// Every defined field with its value or with that of an unset field.
pub(crate) fn shown(definitions: &[CustomField], values: &BTreeMap<String, Value>) -> Value {
    let field =
        |field: &CustomField| (field.name.clone(), values.get(&field.name).cloned().unwrap_or_else(|| field.unset()));
    Value::Object(definitions.iter().map(field).collect())
}

/// Takes over the values that are sent; null unsets a field.
pub(crate) fn apply(values: &mut BTreeMap<String, Value>, sent: Option<&Value>) {
    for (name, value) in sent.and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            values.remove(name);
        } else {
            values.insert(name.clone(), value.clone());
        }
    }
}

fn path(name: &str) -> String {
    format!("custom_fields.{name}")
}

/// A drop-down that is missing is reported like one with a wrong value.
fn missing_code(field: &CustomField) -> &'static str {
    match field.kind {
        FieldKind::Choice(_) => "invalid_value",
        _ => "missing_field",
    }
}

fn complaint(field: &CustomField, value: &Value) -> Option<FieldError> {
    let name = path(&field.name);
    let typed = match field.kind {
        FieldKind::Text | FieldKind::Date | FieldKind::Choice(_) => value.is_string(),
        FieldKind::Number => value.is_i64() || value.is_u64(),
        FieldKind::Decimal => value.is_number(),
        FieldKind::Checkbox => value.is_boolean(),
    };
    if !typed {
        let message = format!("Value set is of type {}.{}", type_name(value), expected(field));
        return Some(FieldError::new(&name, "datatype_mismatch", message));
    }
    let holds = match &field.kind {
        FieldKind::Choice(choices) => choices.iter().any(|choice| value == choice.as_str()),
        FieldKind::Date => value.as_str().is_some_and(|text| moment::day(text).is_some()),
        _ => true,
    };
    (!holds).then(|| FieldError::value(&name, expected(field)))
}

fn expected(field: &CustomField) -> String {
    match &field.kind {
        FieldKind::Text => "It should be a/an String".to_owned(),
        FieldKind::Number => "It should be a/an Integer".to_owned(),
        FieldKind::Decimal => "It should be a/an Number".to_owned(),
        FieldKind::Checkbox => "It should be a/an Boolean".to_owned(),
        FieldKind::Date => "It should be in the 'YYYY-MM-DD' format".to_owned(),
        FieldKind::Choice(choices) => one_of(choices.iter().cloned()),
    }
}
