//! Reading the trail of what was done with accounts and keys.

use super::{Accounts, AccountsError};
use crate::store::records::{TrailReport, TrailRow};

impl Accounts {
    /// A page of the trail, newest first: of a tenant or of all; those before `before`, a row's time, host and number.
    pub(crate) async fn trail(
        &self,
        tenant: Option<&str>,
        before: Option<(i64, String, i64)>,
        limit: i64,
    ) -> Result<Vec<TrailRow>, AccountsError> {
        Ok(self.store.trail(tenant, before, limit).await?)
    }

    /// Reads all chains and tells what is wrong with them; nothing when nothing is.
    pub(crate) async fn verify_trail(&self) -> Result<TrailReport, AccountsError> {
        Ok(self.store.verify_trail(&self.audit_key).await?)
    }
}
