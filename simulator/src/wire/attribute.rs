//! What an endpoint takes: tables of attributes with their types, and the check of a body against one.

use serde_json::Value;

use super::body::Fields;
use super::custom_field;
use super::errors::FieldError;
use super::moment;
use crate::state::{CustomField, Helpdesk};

/// The type of an attribute, or the values it may have.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Email,
    Number,
    Truth,
    Moment,
    Emails,
    /// Strings of at most 32 characters.
    Tags,
    Numbers,
    Object,
    Objects,
    /// Files, which JSON cannot carry.
    Files,
    /// One of these numbers.
    Choice(&'static [u64]),
    /// One of the account's ticket statuses.
    Status,
    /// One of the account's ticket types.
    TicketType,
    /// The account's own fields of tickets.
    TicketFields,
    /// The account's own fields of contacts.
    ContactFields,
}

/// When an attribute must be there.
#[derive(Clone, Copy, PartialEq)]
enum Presence {
    /// Whenever a record is made.
    Always,
    /// Whenever a record is made and the helpdesk is strict.
    Strict,
    /// Never, but it cannot be null.
    Never,
    /// Never, and null clears it.
    Clearable,
}

/// One attribute of an endpoint.
pub(crate) struct Attribute {
    name: &'static str,
    kind: Kind,
    presence: Presence,
}

/// An attribute that a create must name.
pub(crate) const fn needed(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, presence: Presence::Always }
}

/// An attribute that a create must name when the helpdesk is strict.
pub(crate) const fn usual(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, presence: Presence::Strict }
}

/// An attribute that may be left out but not be null.
pub(crate) const fn settable(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, presence: Presence::Never }
}

/// An attribute that may be left out or be null.
pub(crate) const fn clearable(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, presence: Presence::Clearable }
}

/// Whether a body makes a record or changes one.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

/// Lists everything that is wrong with a body: what is missing, what is unknown, what has a wrong type or value.
pub(crate) fn check(table: &[Attribute], purpose: Purpose, fields: &Fields, helpdesk: &Helpdesk) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for name in fields.object().keys() {
        if !table.iter().any(|attribute| attribute.name == name) {
            errors.push(FieldError::unknown(name));
        }
    }
    for attribute in table {
        match fields.object().get(attribute.name) {
            None => errors.extend(attribute.absence(purpose, helpdesk)),
            Some(value) => errors.extend(attribute.complaints(value, purpose, helpdesk)),
        }
    }
    errors
}

impl Attribute {
    /// What is wrong when it is not sent.
    fn absence(&self, purpose: Purpose, helpdesk: &Helpdesk) -> Vec<FieldError> {
        let creating = purpose == Purpose::Create;
        let demanded = self.presence == Presence::Always || (self.presence == Presence::Strict && helpdesk.strict);
        match custom_fields(self.kind, helpdesk) {
            Some(definitions) if creating => custom_field::missing(definitions, None),
            _ if creating && demanded => {
                vec![FieldError::new(self.name, "missing_field", self.kind.expected(helpdesk))]
            }
            _ => Vec::new(),
        }
    }

    /// What is wrong with the value that is sent.
    fn complaints(&self, value: &Value, purpose: Purpose, helpdesk: &Helpdesk) -> Vec<FieldError> {
        if value.is_null() && self.presence == Presence::Clearable {
            return Vec::new();
        }
        if let (Some(definitions), Value::Object(values)) = (custom_fields(self.kind, helpdesk), value) {
            let mut errors = custom_field::wrong(definitions, values);
            if purpose == Purpose::Create {
                errors.extend(custom_field::missing(definitions, Some(values)));
            }
            return errors;
        }
        let demanded = matches!(self.presence, Presence::Always | Presence::Strict);
        if demanded && value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return vec![FieldError::value(self.name, "It should not be blank as this is a mandatory field")];
        }
        self.kind.complaint(self.name, value, helpdesk).into_iter().collect()
    }
}

/// The definitions behind a kind that stands for the account's own fields.
fn custom_fields(kind: Kind, helpdesk: &Helpdesk) -> Option<&[CustomField]> {
    match kind {
        Kind::TicketFields => Some(&helpdesk.ticket_fields),
        Kind::ContactFields => Some(&helpdesk.contact_fields),
        _ => None,
    }
}

impl Kind {
    /// What is wrong with a value that is not made of custom fields.
    fn complaint(self, name: &str, value: &Value, helpdesk: &Helpdesk) -> Option<FieldError> {
        if !self.is_type_of(value) {
            let message = match self {
                Kind::Files => self.expected(helpdesk),
                _ => format!("Value set is of type {}.{}", type_name(value), self.expected(helpdesk)),
            };
            return Some(FieldError::new(name, "datatype_mismatch", message));
        }
        (!self.holds(value, helpdesk)).then(|| FieldError::value(name, self.expected(helpdesk)))
    }

    /// Whether the value has the right JSON type. A number in a string has not.
    fn is_type_of(self, value: &Value) -> bool {
        let all = |test: fn(&Value) -> bool| value.as_array().is_some_and(|values| values.iter().all(test));
        match self {
            Kind::Text | Kind::Email | Kind::Moment | Kind::TicketType => value.is_string(),
            Kind::Number | Kind::Choice(_) | Kind::Status => value.is_u64() || value.is_i64(),
            Kind::Truth => value.is_boolean(),
            Kind::Emails | Kind::Tags => all(Value::is_string),
            Kind::Numbers => all(|value| value.is_u64() || value.is_i64()),
            Kind::Object | Kind::TicketFields | Kind::ContactFields => value.is_object(),
            Kind::Objects => all(Value::is_object),
            Kind::Files => false,
        }
    }

    /// Whether a value of the right type is one of those that may be.
    fn holds(self, value: &Value, helpdesk: &Helpdesk) -> bool {
        let all = |test: fn(&str) -> bool| {
            value.as_array().is_some_and(|values| values.iter().filter_map(Value::as_str).all(test))
        };
        match self {
            Kind::Email => value.as_str().is_some_and(is_email),
            Kind::Moment => value.as_str().is_some_and(|text| moment::read(text).is_some()),
            Kind::Number => value.as_u64().is_some_and(|number| number > 0),
            Kind::Numbers => value.as_array().is_some_and(|values| values.iter().all(Value::is_u64)),
            Kind::Emails => all(is_email),
            Kind::Tags => all(|tag| tag.chars().count() <= 32),
            Kind::Choice(choices) => value.as_u64().is_some_and(|number| choices.contains(&number)),
            Kind::Status => value.as_u64().is_some_and(|number| helpdesk.statuses.contains_key(&number)),
            Kind::TicketType => helpdesk.ticket_types.iter().any(|own| value == own.as_str()),
            _ => true,
        }
    }

    /// What the value should have been, in Freshdesk's words as far as they are known.
    fn expected(self, helpdesk: &Helpdesk) -> String {
        let wanted = match self {
            Kind::Text => "String",
            Kind::Number => "Positive Integer",
            Kind::Truth => "Boolean",
            Kind::Moment => "combined date and time ISO8601",
            Kind::Emails | Kind::Numbers | Kind::Objects => "Array",
            Kind::Object | Kind::TicketFields | Kind::ContactFields => "key/value pair",
            Kind::Email => return "It should be in the 'valid email address' format".to_owned(),
            Kind::Tags => return "It should only contain elements that have maximum of 32 characters".to_owned(),
            Kind::Files => return "It should contain elements of type valid file format only".to_owned(),
            Kind::Choice(choices) => return one_of(choices.iter().map(u64::to_string)),
            Kind::Status => return one_of(helpdesk.statuses.keys().map(u64::to_string)),
            Kind::TicketType => return one_of(helpdesk.ticket_types.iter().cloned()),
        };
        format!("It should be a/an {wanted}")
    }
}

/// The sentence that lists what a value may be.
pub(crate) fn one_of(values: impl Iterator<Item = String>) -> String {
    format!("It should be one of these values: '{}'", values.collect::<Vec<_>>().join(","))
}

/// The name of a JSON type in Freshdesk's words.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(number) if number.is_f64() => "Float",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "key/value pair",
    }
}

/// Whether a text looks like an e-mail address.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    !name.is_empty() && domain.contains('.') && !domain.starts_with('.') && !text.contains([' ', '<', '>', ','])
}
