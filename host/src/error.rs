//! Why a call was not carried out, sorted by who can put it right.

use thiserror::Error;

use crate::sandbox::SandboxError;
use crate::sandbox::contract::ToolError;

/// Longest part of a log line that is not the host's own text, in characters.
pub(crate) const LONGEST_STORY: usize = 2000;

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

/// A text that is not the host's, without what a terminal would obey: control characters, and those that turn the direction
/// of writing. `longest` characters of it.
pub(crate) fn harmless(text: &str, longest: usize) -> String {
    let obeyed = |c: char| {
        c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(longest).map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
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

impl CallError {
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

    /// The whole story, for the log.
    pub fn log(&self) -> String {
        match self {
            Self::UnknownTool(_) => self.to_string(),
            Self::Tool { error, story } if story.is_empty() => error.to_string(),
            Self::Tool { error, story } => format!("{error} ({})", harmless(story, LONGEST_STORY)),
            Self::Broken(error) => error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_commands_no_terminal() {
        assert_eq!(harmless("a\u{1b}[31mb\nc\u{202e}d é 漢", 100), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d é 漢");
        assert_eq!(harmless("123456", 3), "123");
    }
    use crate::sandbox::contract::Contract;

    #[test]
    fn every_case_of_the_contract_has_someone_who_can_put_it_right() {
        let mut cases: Vec<_> = Contract::load().unwrap().error_cases();
        let mut rows: Vec<_> = BLAME.iter().map(|(case, _)| (*case).to_owned()).collect();
        cases.sort();
        rows.sort();
        assert_eq!(rows, cases);
    }
}
