//! An issuer that the operator trusts: its tokens (RFC 7519) say who calls, for the one tenant that the operator names.

use std::path::PathBuf;
use std::sync::Arc;

use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::Value;
use thiserror::Error;
use tracing::debug;

use super::keys::{Keys, Times};
use super::source::Source;
use super::{Unknown, crypto};
use crate::accounts::{Accounts, AccountsError, Caller, User};
use crate::egress::{InvalidTarget, Target};

/// What clocks may differ by, in seconds.
const LEEWAY: f64 = 30.0;

/// An issuer of tokens, and what they are good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSettings {
    /// Its name, as its tokens have it in `iss`: a URL.
    pub issuer: String,
    /// Whom its tokens have to be for: one of these is in `aud`. With none it is the address of `/mcp`.
    pub audiences: Vec<String>,
    /// The tenant whose users its tokens speak for, by `sub`.
    pub tenant: String,
    /// Where its keys are.
    pub keys: KeySource,
}

/// Where an issuer's keys are, as a JSON Web Key Set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// At an `https://` URL with a public address, or an `http://` one of this machine.
    Url(String),
    /// In a file, which is read again like a URL is: for issuers that the host does not reach.
    File(PathBuf),
}

/// Why an issuer cannot be trusted. The texts are for the operator.
#[derive(Debug, Error)]
pub enum InvalidIssuer {
    /// Its name is no URL.
    #[error("the issuer {name:?} is none: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The URL of its keys is none.
    #[error("the URL of the issuer's keys is none: {0}")]
    Url(String),
    /// The keys in the file cannot be read.
    #[error("the issuer's keys cannot be read from {}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The tenant is none, or the store does not answer.
    #[error("the issuer's tenant {tenant:?} is not known: {why}")]
    Tenant {
        /// The tenant's id.
        tenant: String,
        /// What is wrong.
        #[source]
        why: AccountsError,
    },
}

/// An issuer.
pub(super) struct Issuer {
    name: String,
    tenant: String,
    audiences: Vec<String>,
    keys: Arc<Keys>,
}

impl Issuer {
    /// Looks whether the settings can be, and reads keys that are in a file. Those at a URL are read when they are needed.
    pub(super) async fn open(
        accounts: &Accounts,
        settings: &IssuerSettings,
        resource: &str,
        times: Times,
    ) -> Result<Self, InvalidIssuer> {
        crypto::install();
        let IssuerSettings { issuer: name, audiences, tenant, keys } = settings;
        let wrong = |why: InvalidTarget| InvalidIssuer::Name { name: name.clone(), why: why.to_string() };
        Target::parse(name, true).map_err(wrong)?;
        let unknown = |why| InvalidIssuer::Tenant { tenant: tenant.clone(), why };
        accounts.tenant(tenant).await.map_err(unknown)?;
        let source = match keys {
            KeySource::Url(url) => {
                let target = Target::parse(url, true).map_err(|why| InvalidIssuer::Url(why.to_string()))?;
                Source::Url(target, accounts.host().dialer())
            }
            KeySource::File(path) => Source::File(path.clone()),
        };
        if let Source::File(path) = &source {
            let unread = |why: super::source::Unread| InvalidIssuer::File { path: path.clone(), why: why.to_string() };
            source.read().await.map_err(unread)?;
        }
        let own = || vec![resource.to_owned()];
        let audiences = if audiences.is_empty() { own() } else { audiences.clone() };
        Ok(Self { name: name.clone(), tenant: tenant.clone(), audiences, keys: Keys::new(source, times) })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Who shows this token at this moment, in milliseconds since 1970.
    pub(super) async fn who_is(&self, token: &str, now: i64) -> Result<Caller, Unknown> {
        let header = decode_header(token).map_err(wrong)?;
        // A token that asks to be understood in a way that nobody here knows is not understood (RFC 7515 §4.1.11).
        if !crypto::accepts(header.alg) || header.crit.is_some() {
            return Err(Unknown::Wrong);
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?;
        let mut validation = Validation::new(header.alg);
        // The library asks this machine's clock.
        validation.validate_exp = false;
        validation.set_issuer(&[&self.name]);
        validation.set_audience(&self.audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Value>(token, &key, &validation).map_err(wrong)?.claims;
        if !is_of_now(&claims, now) {
            debug!("an issuer's token has ended, or has not begun");
            return Err(Unknown::Wrong);
        }
        // An issuer is one text; the library would take a list of them.
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("iss").and(text("sub")).ok_or(Unknown::Wrong)?;
        let user = User::new(&self.tenant, subject).map_err(|why| {
            debug!(%why, "the subject of an issuer's token is no identifier");
            Unknown::Wrong
        })?;
        Ok(Caller {
            tenant: user.tenant().to_owned(),
            identifier: Some(user.identifier().to_owned()),
            token: self.name.clone(),
            tools: None,
        })
    }
}

/// Whether a token has begun and not ended, give or take what clocks differ by.
fn is_of_now(claims: &Value, now: i64) -> bool {
    let now = now as f64 / 1000.0;
    let ends = claims["exp"].as_f64();
    let begins = claims.get("nbf").map_or(Some(f64::MIN), Value::as_f64);
    ends.is_some_and(|end| now - LEEWAY <= end) && begins.is_some_and(|begin| begin <= now + LEEWAY)
}

/// Why a token is refused goes to the log: who shows it learns only that it is.
fn wrong(why: jsonwebtoken::errors::Error) -> Unknown {
    debug!(%why, "an issuer's token was refused");
    Unknown::Wrong
}
