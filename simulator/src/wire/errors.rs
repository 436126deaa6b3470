//! The shapes in which Freshdesk refuses: three of JSON and two that are empty (`docs/freshdesk.md §3`).

use http::Method;
use serde_json::{Value, json};

use super::message::Answer;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// 400: attributes or query parameters are wrong, all of them listed.
    Invalid(Vec<FieldError>),
    /// 409: attributes collide with another record.
    Conflict(Vec<FieldError>),
    /// One error as `{code, message}`.
    Single {
        /// The HTTP status.
        status: u16,
        /// The code.
        code: &'static str,
        /// The text.
        message: String,
    },
    /// 404, empty.
    NotFound,
    /// 405: a message without a code.
    Verb {
        /// The verb that came.
        sent: Method,
        /// Those that would do.
        allowed: Vec<&'static str>,
    },
    /// 406. Its body is not documented.
    NotAcceptable,
    /// 429 with the seconds to wait. Its body is not documented.
    Exhausted(u64),
}

/// What is wrong with one attribute.
#[derive(Debug, PartialEq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Whom a unique value belongs to already.
    pub(crate) user_id: Option<u64>,
}

impl FieldError {
    /// An error with a code and a message.
    pub(crate) fn new(field: &str, code: &'static str, message: impl Into<String>) -> FieldError {
        FieldError { field: field.to_owned(), code, message: message.into(), user_id: None }
    }

    /// The endpoint does not know the attribute.
    pub(crate) fn unknown(field: &str) -> FieldError {
        FieldError::new(field, "invalid_field", "Unexpected/invalid field in request")
    }

    /// The value is of the right type and still wrong.
    pub(crate) fn value(field: &str, message: impl Into<String>) -> FieldError {
        FieldError::new(field, "invalid_value", message)
    }

    /// Another person has this value.
    pub(crate) fn duplicate(field: &str, user_id: u64) -> FieldError {
        FieldError {
            user_id: Some(user_id),
            ..FieldError::new(field, "duplicate_value", "It should be a unique value")
        }
    }

    fn json(&self) -> Value {
        let mut error = json!({ "field": self.field, "message": self.message, "code": self.code });
        if let Some(user_id) = self.user_id {
            error["additional_info"] = json!({ "user_id": user_id });
        }
        error
    }
}

impl Refusal {
    /// A 400 that lists what is wrong.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Refusal {
        Refusal::Invalid(errors)
    }

    /// A 400 with a list, unless there is nothing to list.
    pub(crate) fn unless_empty(errors: Vec<FieldError>) -> Result<(), Refusal> {
        if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
    }

    /// A 400 with one error.
    pub(crate) fn malformed(code: &'static str, message: &str) -> Refusal {
        Refusal::Single { status: 400, code, message: message.to_owned() }
    }

    /// A 403.
    pub(crate) fn forbidden(code: &'static str, message: &str) -> Refusal {
        Refusal::Single { status: 403, code, message: message.to_owned() }
    }

    /// The 403 of an agent without the right.
    pub(crate) fn access_denied() -> Refusal {
        Refusal::forbidden("access_denied", "You are not authorized to perform this action.")
    }

    /// The 401 of a missing or wrong key.
    pub(crate) fn unauthorized() -> Refusal {
        let message = "You have to be logged in to perform this action.".to_owned();
        Refusal::Single { status: 401, code: "invalid_credentials", message }
    }

    /// A 405.
    pub(crate) fn verb(sent: &Method, allowed: Vec<&'static str>) -> Refusal {
        Refusal::Verb { sent: sent.clone(), allowed }
    }

    /// The answer that tells it.
    pub(crate) fn answer(self) -> Answer {
        match self {
            Refusal::Invalid(errors) => validation(400, &errors),
            Refusal::Conflict(errors) => validation(409, &errors),
            Refusal::Single { status, code, message } => {
                Answer::json(status, &json!({ "code": code, "message": message }))
            }
            Refusal::NotFound => Answer::empty(404),
            Refusal::Verb { sent, allowed } => {
                let allowed = allowed.join(", ");
                let message = format!("{sent} method is not allowed. It should be one of these method(s): {allowed}");
                Answer::json(405, &json!({ "message": message })).with("allow", &allowed)
            }
            Refusal::NotAcceptable => Answer::json(406, &json!({ "message": "Only application/json is spoken here." })),
            Refusal::Exhausted(seconds) => {
                let message = "You have exceeded the limit of requests per minute";
                Answer::json(429, &json!({ "message": message })).with("retry-after", &seconds.to_string())
            }
        }
    }
}

fn validation(status: u16, errors: &[FieldError]) -> Answer {
    let errors: Vec<Value> = errors.iter().map(FieldError::json).collect();
    Answer::json(status, &json!({ "description": "Validation failed", "errors": errors }))
}
