//! Why a request got no answer.

use thiserror::Error;

use super::budget::NoTurn;
use super::policy::Denied;
use super::{LONGEST_ANSWER, LONGEST_REQUEST, Redactor, story};
use crate::account::NoKey;

/// Why a request got no answer.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    /// It was not let out.
    #[error("not let out: {0}")]
    Denied(#[from] Denied),
    /// It was longer than [`LONGEST_REQUEST`].
    #[error("the request is longer than {LONGEST_REQUEST} bytes")]
    TooLong,
    /// The plugin did not finish it.
    #[error("the request broke off: {0}")]
    BrokenOff(String),
    /// The helpdesk's budget had no turn for it within the call's time.
    #[error(transparent)]
    NoTurn(#[from] NoTurn),
    /// Whoever keeps the key did not hand it out.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// No connection came about, so that nothing was sent.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The connection was found closed before anything was sent.
    #[error("the connection had closed: {0}")]
    Unsent(String),
    /// The connection failed after something may have been sent.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer was longer than [`LONGEST_ANSWER`].
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    AnswerTooLong,
    /// The answer was encoded, though it was asked for as it is.
    #[error("the answer is encoded as {0:?}, which was not asked for")]
    Encoded(String),
}

impl Refused {
    pub(super) fn unreachable(why: hyper::Error) -> Self {
        Self::Unreachable(story(&why))
    }

    /// The same without the key: what answers in Freshdesk's place can repeat it in what a connection ends with, and in a
    /// header.
    pub(super) fn harmless(self, redactor: &Redactor) -> Self {
        let without = |text: String| String::from_utf8_lossy(&redactor.body(text.into())).into_owned();
        match self {
            Self::Unreachable(why) => Self::Unreachable(without(why)),
            Self::Unsent(why) => Self::Unsent(without(why)),
            Self::NoAnswer(why) => Self::NoAnswer(without(why)),
            Self::Encoded(how) => Self::Encoded(without(how)),
            other => other,
        }
    }

    /// Whether the request surely did not leave.
    pub(super) fn before_leaving(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unsent(_))
    }
}
