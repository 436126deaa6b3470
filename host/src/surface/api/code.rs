//! What can be wrong: a code a case, with its status, what it means, and what to do.

/// A code. The cases of the contract's error are among them, by their own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    InvalidRequest,
    Unauthorized,
    ForbiddenToken,
    UnknownAccount,
    UnknownToken,
    UnknownConfirmation,
    UnknownTool,
    UnknownPath,
    WrongMethod,
    TooSlow,
    Busy,
    TooLarge,
    UnsupportedMediaType,
    Refused,
    TooManyRequests,
    Broken,
    InvalidInput,
    NotConnected,
    Revoked,
    Forbidden,
    NotFound,
    Conflict,
    RateLimited,
    OutcomeUnknown,
    Unavailable,
    Unexpected,
}

/// What there is to say of a code.
pub(super) struct Row {
    /// Its name.
    pub(super) name: &'static str,
    /// The status of the answer.
    pub(super) status: u16,
    /// What it means, the same each time.
    pub(super) title: &'static str,
    /// What to do, and which members the answer has beside those that all have.
    pub(super) advice: &'static str,
}

/// A row of the table.
const fn row(name: &'static str, status: u16, title: &'static str, advice: &'static str) -> Row {
    Row { name, status, title, advice }
}

impl Code {
    /// All codes, in the order of the page: the API's own, then the contract's.
    pub(super) const ALL: [Self; 26] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::ForbiddenToken,
        Self::UnknownAccount,
        Self::UnknownToken,
        Self::UnknownConfirmation,
        Self::UnknownTool,
        Self::UnknownPath,
        Self::WrongMethod,
        Self::TooSlow,
        Self::Busy,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Refused,
        Self::TooManyRequests,
        Self::Broken,
        Self::InvalidInput,
        Self::NotConnected,
        Self::Revoked,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::RateLimited,
        Self::OutcomeUnknown,
        Self::Unavailable,
        Self::Unexpected,
    ];

    /// The code of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.row().name == name)
    }

    /// The table. A state of the account that its user can mend is 409; what Freshdesk did is 502, 503 or 504, as gateways
    /// say it; 422 is for what is well-formed and still cannot be.
    pub(super) const fn row(self) -> Row {
        match self {
            Self::InvalidRequest => row(
                "invalid_request",
                400,
                "The request is not as described",
                "`problems` names each field and what would be right. Nothing was done.",
            ),
            Self::Unauthorized => row(
                "unauthorized",
                401,
                "No valid token",
                "Send `Authorization: Bearer` and a token that has not ended and was not revoked.",
            ),
            Self::ForbiddenToken => row(
                "forbidden_token",
                403,
                "The token may not do this",
                "It is for one user, or for some of the tools. Use a token of the whole tenant.",
            ),
            Self::UnknownAccount => {
                row("unknown_account", 404, "There is no such account", "Make it first, by `POST /v1/accounts`.")
            }
            Self::UnknownToken => row(
                "unknown_token",
                404,
                "There is no such token",
                "`GET /v1/tokens` lists them; one that is revoked already is gone.",
            ),
            Self::UnknownConfirmation => row(
                "unknown_confirmation",
                422,
                "Nothing waits for this confirmation",
                "It has ended, was used, or is for another user. Make a new link.",
            ),
            Self::UnknownTool => row("unknown_tool", 404, "There is no such tool", "`GET /v1/tools` lists them."),
            Self::UnknownPath => row("unknown_path", 404, "There is nothing here", "`GET /v1/docs` has all paths."),
            Self::WrongMethod => {
                row("wrong_method", 405, "Not by this method", "The header `Allow` names those that there are.")
            }
            Self::TooSlow => {
                row("too_slow", 408, "The body came too slowly", "Send it within 10 seconds. Nothing was done.")
            }
            Self::Busy => {
                row("busy", 409, "Others change the same thing now", "Send the request again. Nothing was done.")
            }
            Self::TooLarge => row("too_large", 413, "The body is too large", "Send at most 1 MiB. Nothing was done."),
            Self::UnsupportedMediaType => row(
                "unsupported_media_type",
                415,
                "The body is no JSON",
                "Send `Content-Type: application/json`. Nothing was done.",
            ),
            Self::Refused => row(
                "refused",
                422,
                "It cannot be as it was asked for",
                "`detail` says why and what to do. Nothing was done.",
            ),
            Self::TooManyRequests => row(
                "too_many_requests",
                429,
                "Too many wrong tokens came from this address",
                "Wait for the seconds in `retry_after`, which is also the header `Retry-After`.",
            ),
            Self::Broken => {
                row("broken", 500, "Something broke inside the host", "Its operator finds the reason in the log.")
            }
            Self::InvalidInput => row(
                "invalid_input",
                422,
                "The tool or Freshdesk refused the arguments",
                "`problems` names each field and what would be right. Nothing was changed: mend them and call again.",
            ),
            Self::NotConnected => row(
                "not_connected",
                409,
                "The user has no Freshdesk account connected",
                "Give the user `connect_url`, or make a link where it is absent; then call again.",
            ),
            Self::Revoked => row(
                "revoked",
                409,
                "Freshdesk refuses the user's key",
                "The user has to connect again: give them `connect_url`, or make a link where it is absent.",
            ),
            Self::Forbidden => row(
                "forbidden",
                403,
                "Freshdesk forbids it to this user",
                "`reason` says what somebody has to change there first: `role`, `plan`, `seats`, `suspended`, `locked`, \
                 `policy`, or `unknown`.",
            ),
            Self::NotFound => row(
                "not_found",
                404,
                "Freshdesk has nothing under this id",
                "Look for it, as by `freshdesk_tickets_list`. Deleted records are not found either.",
            ),
            Self::Conflict => row(
                "conflict",
                409,
                "Freshdesk has it already, or its state forbids the change",
                "`problems` names the fields; `user_id` is who has the value, where Freshdesk says it.",
            ),
            Self::RateLimited => row(
                "rate_limited",
                429,
                "The helpdesk's calls are used up",
                "Wait for the seconds in `retry_after`, which is also the header `Retry-After`, and call again. Nothing was \
                 executed.",
            ),
            Self::OutcomeUnknown => row(
                "outcome_unknown",
                504,
                "The change may have been made or not",
                "Freshdesk's answer never came. Look before you repeat it; no client may repeat it by itself.",
            ),
            Self::Unavailable => row(
                "unavailable",
                503,
                "Freshdesk or the host's store does not answer now",
                "Nothing was changed: try again later.",
            ),
            Self::Unexpected => row(
                "unexpected",
                502,
                "Freshdesk answered something unknown",
                "`freshdesk_status` and `freshdesk_detail` say what, and `request_id` is for Freshdesk's support.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::contract::Contract;

    #[test]
    fn every_case_of_the_contract_has_a_code_of_its_name() {
        let cases = Contract::load().unwrap().error_cases();
        assert_eq!(cases.len(), 10);
        for case in cases {
            assert!(Code::named(&case).is_some(), "{case}");
        }
    }

    #[test]
    fn codes_are_named_once_and_are_all_in_the_list() {
        for (at, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, at, "{}", code.row().name);
            assert_eq!(Code::named(code.row().name), Some(code));
        }
    }
}
