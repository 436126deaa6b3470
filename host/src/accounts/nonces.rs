//! Nonces, which are used once, whichever host is asked.

use super::{Accounts, AccountsError, User, random};

impl Accounts {
    /// Uses a nonce of a user, which is good until `expires_at` (milliseconds since 1970). True the first time, on
    /// whichever host; false later on, and when it has expired. Nonces of different kinds are different ones.
    pub(crate) async fn use_once(
        &self,
        user: &User,
        kind: &str,
        nonce: &str,
        expires_at: i64,
    ) -> Result<bool, AccountsError> {
        if expires_at <= self.now() {
            return Ok(false);
        }
        let hash = random::once_hash(&self.shared_key, kind, user, &[nonce.as_bytes()]);
        Ok(self.store.use_nonce(&hash, expires_at).await?)
    }

    /// Whether a nonce of a user was used, on whichever host, and is good still.
    pub(crate) async fn was_used(&self, user: &User, kind: &str, nonce: &str) -> Result<bool, AccountsError> {
        let hash = random::once_hash(&self.shared_key, kind, user, &[nonce.as_bytes()]);
        Ok(self.store.is_used(&hash).await?)
    }
}
