//! Why a call was not carried out, sorted by who can put it right.

mod harmless;

use serde_json::Value;
use thiserror::Error;

use crate::sandbox::SandboxError;
use crate::sandbox::contract::ToolError;
pub(crate) use harmless::{LONGEST_STORY, harmless};

/// Why a call was not carried out. What it displays is for the agent; [`CallError::log`] is for the log.
#[derive(Debug, Error)]
pub enum CallError {
    /// There is no tool of this name.
    #[error("there is no tool {0:?}")]
    UnknownTool(String),
    /// The tool says why, by the cases of the contract.
    #[error("{error}")]
    Tool {
        /// What the tool says.
        error: ToolError,
        /// What the host saw beside it, for the log; empty if nothing.
        story: String,
    },
    /// The plugin or the host broke, and nothing had been changed. Nothing about it is for the agent to know.
    #[error("the tool broke inside the host; its operator finds the reason in the log")]
    Broken(#[source] SandboxError),
}

impl From<ToolError> for CallError {
    fn from(error: ToolError) -> Self {
        Self::Tool { error, story: String::new() }
    }
}

/// Who can put an error right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The agent that called: with other arguments, later, or by looking first.
    Agent,
    /// The account's owner, or an administrator of the helpdesk.
    Owner,
    /// Freshdesk, by coming back to order.
    Freshdesk,
    /// Whoever runs the host.
    Us,
}

/// Who can put each case of the contract's error right.
const BLAME: [(&str, Blame); 10] = [
    ("invalid_input", Blame::Agent),
    ("not_connected", Blame::Owner),
    ("revoked", Blame::Owner),
    ("forbidden", Blame::Owner),
    ("not_found", Blame::Agent),
    ("conflict", Blame::Agent),
    ("rate_limited", Blame::Agent),
    ("outcome_unknown", Blame::Agent),
    ("unavailable", Blame::Freshdesk),
    ("unexpected", Blame::Freshdesk),
];

/// The outcome of a call of a tool that there is not.
pub(crate) const UNKNOWN_TOOL: &str = "unknown_tool";

/// The outcome of a call in which the plugin or the host broke.
pub(crate) const BROKEN: &str = "broken";

/// What a case carries that is for the log: numbers, and words of Freshdesk's or the contract's. The rest repeats what the
/// agent or Freshdesk wrote.
const LOGGED: [&str; 5] = ["status", "code", "reason", "retry_after", "request_id"];

impl CallError {
    /// How the call ended, as one of few words: the case of the contract's error, or which side broke.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::UnknownTool(_) => UNKNOWN_TOOL,
            Self::Broken(_) => BROKEN,
            Self::Tool { error, .. } => {
                BLAME.iter().find(|(case, _)| *case == error.case).map_or(BROKEN, |(case, _)| case)
            }
        }
    }

    /// Who can put it right.
    pub fn blame(&self) -> Blame {
        match self {
            Self::UnknownTool(_) => Blame::Agent,
            Self::Broken(_) => Blame::Us,
            Self::Tool { error, .. } => {
                let row = BLAME.iter().find(|(case, _)| *case == error.case);
                row.map_or(Blame::Us, |(_, blame)| *blame)
            }
        }
    }

    /// What happened, for the log: the outcome, what is known of it in numbers and words, and what the host saw. Nothing that
    /// an agent, a customer or Freshdesk wrote is in it.
    pub fn log(&self) -> String {
        match self {
            Self::UnknownTool(_) => "there is no such tool".to_owned(),
            Self::Broken(error) => error.to_string(),
            Self::Tool { error, story } => {
                let facts =
                    LOGGED.iter().filter_map(|name| Some(format!("{name} {}", fact(error.detail.get(*name)?)?)));
                let story = Some(harmless(story, LONGEST_STORY)).filter(|story| !story.is_empty());
                let facts: Vec<_> = facts.chain(story).collect();
                let outcome = self.outcome();
                if facts.is_empty() { outcome.to_owned() } else { format!("{outcome} ({})", facts.join("; ")) }
            }
        }
    }
}

/// A number, or a text that is one word, such as a code or an id of a request.
fn fact(value: &Value) -> Option<String> {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let word = |text: &&str| (1..=64).contains(&text.len()) && text.bytes().all(sign);
    value.as_u64().map(|number| number.to_string()).or_else(|| value.as_str().filter(word).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::contract::Contract;

    #[test]
    fn the_log_has_nothing_that_an_agent_a_customer_or_freshdesk_wrote() {
        let log = |case: &str, detail: Value, story: &str| {
            let detail = detail.as_object().cloned().unwrap_or_default();
            let error = ToolError { case: case.to_owned(), message: "CANARY: jane@example.com".to_owned(), detail };
            CallError::Tool { error, story: story.to_owned() }.log()
        };
        let problems = json!({"problems": [{"field": "CANARY", "message": "not CANARY", "code": "missing_field"}]});
        assert_eq!(log("invalid_input", problems, ""), "invalid_input");
        assert_eq!(
            log("not_connected", json!({"connect_url": "https://example.com/connect/CANARY"}), ""),
            "not_connected"
        );
        let surprise =
            json!({"status": 418, "detail": "CANARY", "request_id": "ab-12", "code": "CANARY of a customer"});
        assert_eq!(log("unexpected", surprise, ""), "unexpected (status 418; request_id ab-12)");
        assert_eq!(log("rate_limited", json!({"retry_after": 3}), "no turn"), "rate_limited (retry_after 3; no turn)");
        assert_eq!(log("CANARY", json!({}), ""), BROKEN);
        assert!(!CallError::UnknownTool("CANARY".to_owned()).log().contains("CANARY"));
    }

    #[test]
    fn every_case_of_the_contract_has_someone_who_can_put_it_right() {
        let mut cases: Vec<_> = Contract::load().unwrap().error_cases();
        let mut rows: Vec<_> = BLAME.iter().map(|(case, _)| (*case).to_owned()).collect();
        cases.sort();
        rows.sort();
        assert_eq!(rows, cases);
    }
}
