//! Reads what Freshdesk says when it refuses a request: `docs/freshdesk.md` §3. Its texts are not trusted to be JSON.

use crate::bindings::freshdesk::tools::types::{
    Conflict, Error, InvalidInput, Problem, RateLimit, Refusal, RefusalReason, Surprise,
};
use crate::object::Object;

/// A response whose status is not a success.
pub(crate) struct Refused<'a> {
    pub(crate) code: u16,
    pub(crate) write: bool,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Turns a refusal into the contract's error.
pub(crate) fn read(refused: &Refused<'_>) -> Error {
    let said = Said::read(refused.body);
    match refused.code {
        400 => Error::InvalidInput(InvalidInput { problems: said.problems("Freshdesk refused the request") }),
        401 => Error::Revoked,
        // Freshdesk does not document it, but a Retry-After promises that waiting helps.
        403 if refused.retry_after.is_some() => rate_limited(refused.retry_after),
        403 => Error::Forbidden(Refusal { reason: reason(said.code.as_deref()), code: said.code }),
        404 => Error::NotFound,
        405 | 409 => Error::Conflict(Conflict {
            user_id: said.user_id,
            problems: said.problems("the state of the record forbids this"),
        }),
        413 | 414 | 431 => request_too_long(),
        429 => rate_limited(refused.retry_after),
        408 | 500.. if refused.write => Error::OutcomeUnknown,
        408 | 500.. => Error::Unavailable,
        code => Error::Unexpected(Surprise {
            status: Some(code),
            detail: said.code.unwrap_or_else(|| "no tool of this plugin expects this status".to_owned()),
            request_id: refused.request_id.clone(),
        }),
    }
}

/// The refusal of a host that did not let the request out.
pub(crate) fn by_policy() -> Error {
    Error::Forbidden(Refusal { reason: RefusalReason::Policy, code: None })
}

/// A request longer than its way to Freshdesk takes, or than Freshdesk does. It was not executed.
pub(crate) fn request_too_long() -> Error {
    let message = "the request is too long to be sent: shorten its texts".to_owned();
    Error::InvalidInput(InvalidInput { problems: vec![Problem { field: String::new(), message, code: None }] })
}

/// An answer longer than anything Freshdesk sends.
pub(crate) fn too_long(status: Option<u16>) -> Error {
    let detail = "the answer is longer than 8 MiB, more than Freshdesk sends".to_owned();
    Error::Unexpected(Surprise { status, detail, request_id: None })
}

fn rate_limited(retry_after: Option<&str>) -> Error {
    Error::RateLimited(RateLimit { retry_after: retry_after.and_then(|seconds| seconds.trim().parse().ok()) })
}

/// What would have to change, by Freshdesk's code (`docs/freshdesk.md` §3.2).
fn reason(code: Option<&str>) -> RefusalReason {
    match code {
        Some("access_denied" | "inaccessible_field") => RefusalReason::Role,
        Some("require_feature") => RefusalReason::Plan,
        Some("max_agents_reached") => RefusalReason::Seats,
        Some("account_suspended") => RefusalReason::Suspended,
        Some("password_lockout" | "password_expired") => RefusalReason::Locked,
        _ => RefusalReason::Unknown,
    }
}

/// What a refusal's body says: a validation object, a flat `{code, message}`, a lone message, or nothing readable.
#[derive(Default)]
struct Said {
    errors: Vec<Problem>,
    user_id: Option<u64>,
    code: Option<String>,
    message: Option<String>,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let Some(mut object) = Object::read(body) else { return Self::default() };
        let mut said = Self { code: object.text("code"), message: object.text("message"), ..Self::default() };
        for mut error in object.objects("errors").unwrap_or_default() {
            if let Some(mut more) = error.object("additional_info") {
                said.user_id = said.user_id.or(more.id("user_id"));
            }
            said.errors.push(Problem {
                field: error.text("field").unwrap_or_default(),
                message: error.text("message").unwrap_or_default(),
                code: error.text("code"),
            });
        }
        said
    }

    /// The problems it names; where it names none, its message or `otherwise` as the one about the whole request.
    fn problems(self, otherwise: &str) -> Vec<Problem> {
        if !self.errors.is_empty() {
            return self.errors;
        }
        let message = self.message.unwrap_or_else(|| otherwise.to_owned());
        vec![Problem { field: String::new(), message, code: self.code }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, body: &str) -> Error {
        read(&Refused { code, write: true, request_id: None, retry_after: None, body: body.as_bytes() })
    }

    #[test]
    fn a_validation_object_names_every_field() {
        let body = r#"{"description":"Validation failed","errors":[
            {"field":"subject","message":"It should be a/an String","code":"missing_field"},
            {"field":"priority","message":"It should be one of these values: '1,2,3,4'","code":"invalid_value"}]}"#;
        let Error::InvalidInput(InvalidInput { problems }) = refused(400, body) else { unreachable!() };
        let fields: Vec<_> = problems.iter().map(|p| (p.field.as_str(), p.code.as_deref())).collect();
        assert_eq!(fields, [("subject", Some("missing_field")), ("priority", Some("invalid_value"))]);
    }

    #[test]
    fn a_duplicate_says_with_whom() {
        let body = r#"{"description":"Validation failed","errors":[{"field":"email","additional_info":{"user_id":501001204038},
            "message":"It should be a unique value","code":"duplicate_value"}]}"#;
        let Error::Conflict(conflict) = refused(409, body) else { unreachable!() };
        assert_eq!(conflict.user_id, Some(501_001_204_038));
        assert_eq!(conflict.problems[0].field, "email");
    }

    #[test]
    fn a_405_without_code_is_a_conflict_with_its_message() {
        let Error::Conflict(conflict) = refused(405, r#"{"message":"PUT method is not allowed."}"#) else {
            unreachable!()
        };
        assert_eq!(
            (conflict.problems[0].message.as_str(), &conflict.problems[0].code),
            ("PUT method is not allowed.", &None)
        );
    }

    #[test]
    fn every_code_of_a_403_has_a_reason() {
        for (code, expected) in [
            ("access_denied", RefusalReason::Role),
            ("require_feature", RefusalReason::Plan),
            ("max_agents_reached", RefusalReason::Seats),
            ("account_suspended", RefusalReason::Suspended),
            ("password_lockout", RefusalReason::Locked),
            ("ssl_required", RefusalReason::Unknown),
        ] {
            let Error::Forbidden(refusal) = refused(403, &format!(r#"{{"code":"{code}","message":"no"}}"#)) else {
                unreachable!()
            };
            assert_eq!((refusal.reason, refusal.code.as_deref()), (expected, Some(code)));
        }
    }

    #[test]
    fn a_throttle_is_read_from_its_header_whatever_its_body() {
        let throttled = |code, retry_after, body: &str| {
            let body = body.as_bytes();
            match read(&Refused { code, write: false, request_id: None, retry_after, body }) {
                Error::RateLimited(limit) => limit.retry_after,
                _ => Some(u32::MAX),
            }
        };
        assert_eq!(throttled(429, Some("34"), "<html>slow down"), Some(34));
        assert_eq!(throttled(429, Some("soon"), ""), None);
        assert_eq!(throttled(429, None, "{}"), None);
        assert_eq!(throttled(403, Some("5"), ""), Some(5));
    }

    #[test]
    fn bodies_that_are_no_json_are_never_fatal() {
        for body in ["", "<html>Bad gateway</html>", r#"{"errors":[{"fi"#, "[]", r#"{"errors":"many","code":7}"#] {
            assert!(matches!(refused(400, body), Error::InvalidInput(_)));
            assert!(matches!(refused(401, body), Error::Revoked));
            assert!(matches!(refused(403, body), Error::Forbidden(_)));
            assert!(matches!(refused(404, body), Error::NotFound));
            assert!(matches!(refused(409, body), Error::Conflict(_)));
            assert!(matches!(refused(415, body), Error::Unexpected(_)));
            assert!(matches!(refused(302, body), Error::Unexpected(_)));
        }
    }

    /// B16: 500 is a server's error like every later number.
    #[test]
    fn b16_500_is_unavailable_to_a_read_and_unknown_to_a_write() {
        for code in [500, 502, 503, 504, 599] {
            assert!(matches!(refused(code, "<html>"), Error::OutcomeUnknown));
            let read = read(&Refused { code, write: false, request_id: None, retry_after: None, body: b"" });
            assert!(matches!(read, Error::Unavailable));
        }
    }
}
