//! Finds out who calls: by a token that the host made, or by a token of an issuer that the operator trusts.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use thiserror::Error;

use super::rate::Address;
use crate::accounts::{Accounts, Caller};

/// Why it is not known who calls.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Unknown {
    /// No token was shown.
    #[error("no token was shown: send it as `Authorization: Bearer …`")]
    Missing,
    /// The token is none, has ended or was revoked, or is for somebody else.
    #[error("the token is not valid")]
    Wrong,
    /// Too many wrong tokens came from there; the time to wait.
    #[error("too many wrong tokens")]
    Busy(Duration),
    /// The host cannot tell now. The reason is in the log.
    #[error("the host cannot tell now")]
    Broken,
}

/// Knows callers by their tokens.
pub(crate) struct Callers {
    accounts: Arc<Accounts>,
}

impl Callers {
    /// Knows who has a token of these accounts' tenants.
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }

    /// What a response to whoever is unknown has in `WWW-Authenticate`.
    pub(crate) fn challenge(&self, why: &Unknown) -> HeaderValue {
        HeaderValue::from_static(if *why == Unknown::Wrong { "Bearer error=\"invalid_token\"" } else { "Bearer" })
    }

    /// Who sends a request with these headers from there.
    pub(crate) async fn who(&self, _headers: &HeaderMap, _from: Address) -> Result<Caller, Unknown> {
        let _ = &self.accounts;
        Err(Unknown::Missing)
    }
}
