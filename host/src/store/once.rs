//! What happens once: nonces, which are used once, and calls, which are made once.

use super::engine::{Change, sql};
use super::{Store, StoreError};

const USE_NONCE: &str = "INSERT INTO nonces (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const FORGET_NONCES: &str =
    "DELETE FROM nonces WHERE hash IN (SELECT hash FROM nonces WHERE expires_at <= $1 LIMIT $2)";

impl Store {
    /// Uses a nonce, which is remembered until `expires_at`; false when it was used before.
    pub(crate) async fn use_nonce(&self, hash: &[u8], expires_at: i64) -> Result<bool, StoreError> {
        self.change(Change::default().one(sql(USE_NONCE).with(hash).with(expires_at))).await
    }
}
