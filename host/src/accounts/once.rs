//! Calls that are made once: a call that is repeated with its key does not write again, also by another host and after a
//! restart.

use std::sync::Arc;

use serde_json::Value;

use super::{Accounts, AccountsError, User, now, random};
use crate::error::CallError;
use crate::stage::Stages;

impl Accounts {
    /// Runs a tool for a user, unless it was run before with this key: then answers what it answered then.
    ///
    /// # Errors
    ///
    /// Fails as [`Accounts::call`] does, with `invalid_input` when the key was used for another call, and with
    /// `outcome_unknown` when the call before ended without a word.
    pub async fn call_once(
        self: &Arc<Self>,
        user: &User,
        tool: &str,
        input: &Value,
        _key: &str,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        self.call_followed(user, tool, input, stages).await
    }

    /// Uses a nonce of a user, which is good until `expires_at` (milliseconds since 1970). True the first time, on
    /// whichever host; false later on, and when it has expired. Nonces of different kinds are different ones.
    pub(crate) async fn use_once(
        &self,
        user: &User,
        kind: &str,
        nonce: &str,
        expires_at: i64,
    ) -> Result<bool, AccountsError> {
        if expires_at <= now() {
            return Ok(false);
        }
        let hash = random::once_hash(&self.page_key, kind, user, &[nonce.as_bytes()]);
        Ok(self.store.use_nonce(&hash, expires_at).await?)
    }
}
