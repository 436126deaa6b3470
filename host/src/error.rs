//! Why a call was not carried out, sorted by who can put it right.

use thiserror::Error;

use crate::sandbox::SandboxError;
use crate::sandbox::contract::ToolError;

/// Why a call was not carried out. What it displays is for the agent; [`CallError::log`] is for the log.
#[derive(Debug, Error)]
pub enum CallError {
    /// There is no tool of this name.
    #[error("there is no tool {0:?}")]
    UnknownTool(String),
    /// The tool says why, by the cases of the contract.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The plugin or the host broke. Nothing about it is for the agent to know.
    #[error("the tool broke inside the host; its operator finds the reason in the log")]
    Broken(#[source] SandboxError),
}

/// Who can put an error right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The agent that called: with other arguments, or later.
    Agent,
    /// The account's owner, or an administrator of the helpdesk.
    Owner,
    /// Freshdesk, by coming back to order.
    Freshdesk,
    /// Whoever runs the host.
    Us,
}

impl CallError {
    /// Who can put it right.
    pub fn blame(&self) -> Blame {
        match self {
            Self::UnknownTool(_) => Blame::Agent,
            Self::Broken(_) => Blame::Us,
            Self::Tool(error) => match error.case.as_str() {
                "not_connected" | "revoked" | "forbidden" => Blame::Owner,
                "outcome_unknown" | "unavailable" | "unexpected" => Blame::Freshdesk,
                _ => Blame::Agent,
            },
        }
    }

    /// The whole story, for the log.
    pub fn log(&self) -> String {
        match self {
            Self::Broken(error) => format!("{error:#}"),
            other => other.to_string(),
        }
    }
}
