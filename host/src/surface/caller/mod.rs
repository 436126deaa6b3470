//! Finds out who calls: by a token that the host made, or by a token of an issuer that the operator trusts.
//!
//! - `bearer` finds the token in a request.
//! - `issuer` verifies one of an issuer: by the right of its `keys`, which are read from a `source` as a `keyset`, with the
//!   `crypto` of ring.
//! - `metadata` tells clients who the issuer is.

mod bearer;
mod crypto;
mod issuer;
mod keys;
mod keyset;
mod metadata;
mod source;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use http::{HeaderMap, HeaderValue};
use thiserror::Error;
use tracing::warn;

use super::rate::{Address, Meter};
use crate::accounts::{Accounts, Caller};
use issuer::Issuer;
pub use issuer::{InvalidIssuer, IssuerSettings, KeySource};
use keys::Times;

/// Wrong tokens a minute: from one address, and in all. Nobody guesses one of 256 bits; a client that shows an old one in a
/// loop is told to wait.
const WRONG: u32 = 20;
const ALL_WRONG: u32 = 6000;

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
    issuer: Option<Issuer>,
    /// Counts wrong tokens.
    wrong: Meter,
    /// The challenges to who shows no token, and to who shows a wrong one.
    missing: HeaderValue,
    refused: HeaderValue,
}

impl Callers {
    /// Knows who has a token of these accounts' tenants.
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        let wrong = Meter::new(WRONG, ALL_WRONG);
        let missing = HeaderValue::from_static("Bearer");
        let refused = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        Self { accounts, issuer: None, wrong, missing, refused }
    }

    /// Knows, beside them, who has a token of this issuer.
    pub(crate) async fn trusting(accounts: Arc<Accounts>, settings: &IssuerSettings) -> Result<Self, InvalidIssuer> {
        Self::in_times(accounts, settings, Times::default()).await
    }

    async fn in_times(accounts: Arc<Accounts>, settings: &IssuerSettings, times: Times) -> Result<Self, InvalidIssuer> {
        let resource = metadata::resource(accounts.public_url());
        let issuer = Issuer::open(&accounts, settings, &resource, times).await?;
        let mut callers = Self::new(accounts);
        let address = metadata::address(callers.accounts.public_url());
        // A public URL has nothing in it that a header cannot have.
        if let Ok(value) = HeaderValue::from_str(&format!("Bearer resource_metadata=\"{address}\"")) {
            callers.missing = value;
        }
        let refused = format!("Bearer error=\"invalid_token\", resource_metadata=\"{address}\"");
        if let Ok(value) = HeaderValue::from_str(&refused) {
            callers.refused = value;
        }
        callers.issuer = Some(issuer);
        Ok(callers)
    }

    /// What a response to whoever is unknown has in `WWW-Authenticate`.
    pub(crate) fn challenge(&self, why: &Unknown) -> HeaderValue {
        if *why == Unknown::Missing { self.missing.clone() } else { self.refused.clone() }
    }

    /// Who sends a request with these headers from there. A token that is right is never refused for others that are wrong.
    pub(crate) async fn who(&self, headers: &HeaderMap, from: Address) -> Result<Caller, Unknown> {
        let known = match bearer::token(headers) {
            Ok(token) => self.who_is(token).await,
            Err(why) => Err(why),
        };
        match known {
            Err(Unknown::Wrong) => match self.wrong.take(from, Instant::now()) {
                Ok(()) => Err(Unknown::Wrong),
                Err(time) => Err(Unknown::Busy(time)),
            },
            known => known,
        }
    }

    async fn who_is(&self, token: &str) -> Result<Caller, Unknown> {
        let known = self.accounts.who_is(token).await.map_err(|why| {
            warn!(%why, "it cannot be told who calls");
            Unknown::Broken
        })?;
        match (known, &self.issuer) {
            (Some(caller), _) => Ok(caller),
            (None, Some(issuer)) => issuer.who_is(token, self.accounts.now()).await,
            (None, None) => Err(Unknown::Wrong),
        }
    }
}

/// What clients read that look for who issues tokens; nothing where there is no issuer.
pub(crate) fn router(callers: &Callers) -> Router {
    let resource = metadata::resource(callers.accounts.public_url());
    callers.issuer.as_ref().map_or_else(Router::new, |issuer| metadata::router(&resource, issuer.name()))
}
