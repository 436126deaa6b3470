//! Every answer that is no success: a problem document, by RFC 9457.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tracing::warn;
use utoipa::ToSchema;

use super::code::Code;
use crate::accounts::AccountsError;
use crate::error::CallError;
use crate::sandbox::contract::{Problem as FieldProblem, ToolError};
use crate::surface::caller::Unknown;
use crate::surface::rate::seconds;

/// The media type of problem documents.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Why something was not done.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    code: Code,
    detail: String,
    /// What else there is to say, by the code.
    members: Map<String, Value>,
    /// What the header `WWW-Authenticate` says; few have one.
    challenge: Option<Box<HeaderValue>>,
}

/// Why something was not done, by [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457). There may be more members, by the code:
/// `problems`, `retry_after`, `connect_url`, `reason`, and what else a tool's error carries. Members of Freshdesk's that are named
/// like one of these begin with `freshdesk_`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Document {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/v1/docs#unknown_account")]
    kind: String,
    /// What the code means, the same each time.
    #[schema(example = "There is no such account")]
    title: &'static str,
    /// The status of the answer.
    #[schema(example = 404)]
    status: u16,
    /// What happened this time, for who made the call: a person or a model.
    #[schema(example = "There is no account of this identifier.")]
    detail: String,
    /// The code, by which programs tell problems apart.
    #[schema(example = "unknown_account")]
    code: &'static str,
}

/// Members that all problems have.
const RESERVED: [&str; 5] = ["type", "title", "status", "detail", "code"];

impl Problem {
    /// The problem of a code, with what the table says of it.
    pub(super) fn of(code: Code) -> Self {
        let row = code.row();
        Self::saying(code, format!("{}. {}", row.title, row.advice))
    }

    /// The problem of a code, with what happened.
    pub(super) fn saying(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), members: Map::new(), challenge: None }
    }

    /// The problem of a request that is not as described.
    pub(super) fn invalid(problems: &[FieldProblem]) -> Self {
        let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let list = problems.iter().map(|problem| json!({"field": problem.field, "message": problem.message}));
        let mut problem = Self::saying(Code::InvalidRequest, texts.join("; "));
        problem.members.insert("problems".to_owned(), list.collect());
        problem
    }

    /// The problem of a request of which one field is wrong; the whole of it, where the field has no name.
    pub(super) fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(&[FieldProblem { field: field.to_owned(), message: message.into() }])
    }

    /// The problem of who is not known, with what the header `WWW-Authenticate` is to say.
    pub(super) fn unknown(why: &Unknown, challenge: HeaderValue) -> Self {
        match why {
            Unknown::Missing | Unknown::Wrong => {
                Self { challenge: Some(Box::new(challenge)), ..Self::saying(Code::Unauthorized, why.to_string()) }
            }
            Unknown::Busy(time) => Self::of(Code::TooManyRequests).after(*time),
            Unknown::Broken => Self::of(Code::Unavailable),
        }
    }

    /// The same problem, to come back after a time.
    fn after(mut self, time: Duration) -> Self {
        self.members.insert("retry_after".to_owned(), seconds(time).into());
        self
    }

    fn to_json(&self) -> Value {
        let row = self.code.row();
        let (title, status, code) = (row.title, row.status, row.name);
        let document = Document { kind: format!("/v1/docs#{code}"), title, status, detail: self.detail.clone(), code };
        let mut json = serde_json::to_value(document).unwrap_or_default();
        if let Value::Object(object) = &mut json {
            object.extend(self.members.clone());
        }
        json
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.row().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.members.get("retry_after").and_then(Value::as_u64) {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = &self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::clone(challenge));
        }
        (status, headers, self.to_json().to_string()).into_response()
    }
}

impl From<ToolError> for Problem {
    fn from(error: ToolError) -> Self {
        let code = Code::named(&error.case).unwrap_or(Code::Unexpected);
        let name = |name: String| match RESERVED.contains(&name.as_str()) {
            true => format!("freshdesk_{name}"),
            false => name,
        };
        let members = error.detail.into_iter().map(|(own, value)| (name(own), value)).collect();
        Self { code, detail: error.message, members, challenge: None }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Tool { error, .. } => error.into(),
            CallError::UnknownTool(_) => Self::of(Code::UnknownTool),
            CallError::Broken(_) => Self::of(Code::Broken),
        }
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        let code = match error {
            AccountsError::Refused(why) => return Self::saying(Code::Refused, why),
            AccountsError::Call(error) => return (*error).into(),
            AccountsError::Missing("token") => Code::UnknownToken,
            AccountsError::Missing("account") => Code::UnknownAccount,
            AccountsError::Missing("confirmation") => Code::UnknownConfirmation,
            AccountsError::Busy => Code::Busy,
            AccountsError::Store(why) => {
                warn!(%why, "the API cannot answer");
                Code::Unavailable
            }
            why => {
                warn!(why = %crate::egress::story(&why), "the API cannot answer");
                Code::Broken
            }
        };
        Self::of(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_tools_error_never_hide_those_of_all_problems() {
        let detail = json!({"status": 418, "detail": "odd", "code": "x", "reason": "plan"});
        let Value::Object(detail) = detail else { unreachable!() };
        let error = ToolError { case: "unexpected".to_owned(), message: "Said so.".to_owned(), detail };
        let json = Problem::from(error).to_json();
        assert_eq!(
            json,
            json!({
                "type": "/v1/docs#unexpected",
                "title": "Freshdesk answered something unknown",
                "status": 502,
                "detail": "Said so.",
                "code": "unexpected",
                "freshdesk_status": 418,
                "freshdesk_detail": "odd",
                "freshdesk_code": "x",
                "reason": "plan",
            })
        );
    }

    #[test]
    fn who_is_to_come_back_is_told_when_in_the_header_too() {
        let response =
            Problem::unknown(&Unknown::Busy(Duration::from_millis(1500)), HeaderValue::from_static("Bearer"));
        let response = response.into_response();
        assert_eq!((response.status().as_u16(), &response.headers()[RETRY_AFTER]), (429, &HeaderValue::from(2)));
    }
}
