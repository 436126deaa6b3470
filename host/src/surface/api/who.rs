//! Who calls, and what they may.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::Api;
use super::code::Code;
use super::problem::Problem;
use crate::accounts::{Caller, User};
use crate::surface::rate::Address;

/// Who calls, by the token that is shown.
pub(super) struct Who(pub(super) Caller);

impl FromRequestParts<Arc<Api>> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let from = Address::of_request(&parts.extensions, &parts.headers, api.proxies);
        let who = api.callers.who(&parts.headers, from).await;
        who.map(Self).map_err(|why| Problem::unknown(&why, api.callers.challenge(&why)))
    }
}

impl Who {
    /// The tenant, for who may do all that is the tenant's: a token that is for one user or for some tools may not make one
    /// that is for more.
    pub(super) fn tenant(&self) -> Result<&str, Problem> {
        match (&self.0.identifier, &self.0.tools) {
            (None, None) => Ok(&self.0.tenant),
            _ => Err(Problem::of(Code::ForbiddenToken)),
        }
    }

    /// The tenant's user of this identifier, for who may change all accounts.
    pub(super) fn user(&self, identifier: &str) -> Result<User, Problem> {
        self.tenant()?;
        self.own(identifier)
    }

    /// The tenant's user of this identifier, for who may speak for that user.
    pub(super) fn own(&self, identifier: &str) -> Result<User, Problem> {
        let user = User::new(&self.0.tenant, identifier);
        let user = user.map_err(|why| Problem::invalid_field("identifier", why.to_string()))?;
        if self.0.may(&user) { Ok(user) } else { Err(Problem::of(Code::ForbiddenToken)) }
    }
}
