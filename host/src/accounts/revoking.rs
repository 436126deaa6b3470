//! Revoking: when Freshdesk refuses a key, it is asked once more, and then it is the account's owner's turn.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tracing::warn;

use super::events::{Reason, change};
use super::{Accounts, AccountsError, State, User, locked};
use crate::account::Account;
use crate::error::CallError;
use crate::host::Host;
use crate::store::Store;
use crate::store::records::AccountRow;

/// A key: whose, and its version.
pub(super) type Version = (User, i64);

/// Time that what Freshdesk said is believed for without asking again: for calls that were refused at the same time.
const BELIEVED: Duration = Duration::from_secs(10);

/// Asking whether a key is refused. Who comes while that is out waits for the same answer.
pub(super) struct Check {
    begun: Instant,
    verdict: OnceCell<Verdict>,
}

/// What became of a key that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is not the account's key any more: the account is revoked, connected anew, or removed.
    Gone,
    /// It is the account's key still: Freshdesk takes it, or does not say.
    Kept,
}

/// What it takes to ask.
struct Asking {
    host: Arc<Host>,
    store: Store,
    row: AccountRow,
    account: Arc<Account>,
}

impl Accounts {
    /// What a caller is told whose call Freshdesk refused the key of.
    pub(super) async fn key_refused(&self, row: &AccountRow, account: &Arc<Account>, story: String) -> CallError {
        let check = self.check((row.user.clone(), row.version));
        let asking = Asking {
            host: Arc::clone(&self.host),
            store: self.store.clone(),
            row: row.clone(),
            account: Arc::clone(account),
        };
        // In a task of its own, which goes on when the caller does not wait for it.
        let asked = tokio::spawn({
            let check = Arc::clone(&check);
            async move { *check.verdict.get_or_init(|| asking.verdict()).await }
        });
        match asked.await {
            Ok(Verdict::Gone) => match self.store.account(&row.user).await {
                Ok(now) if now.as_ref().is_none_or(|now| now.state != State::Active) => {
                    locked(&self.kept).pop(&row.user);
                    self.refuse(now.as_ref()).await
                }
                // Connected anew meanwhile: the next call goes out with the new key.
                _ => self.unavailable(story),
            },
            _ => self.unavailable(format!("{story}; Freshdesk refused the key, and then did not")),
        }
    }

    /// The check of this key that is out, or was a moment ago; else a new one.
    fn check(&self, version: Version) -> Arc<Check> {
        let mut checks = locked(&self.checks);
        if let Some(check) = checks.get(&version)
            && (!check.verdict.initialized() || check.begun.elapsed() < BELIEVED)
        {
            return Arc::clone(check);
        }
        let check = Arc::new(Check { begun: Instant::now(), verdict: OnceCell::new() });
        checks.put(version, Arc::clone(&check));
        check
    }
}

impl Asking {
    async fn verdict(self) -> Verdict {
        let user = &self.row.user;
        match self.ask().await {
            Ok(verdict) => verdict,
            Err(why) => {
                warn!(tenant = user.tenant(), account = self.row.id, %why, "a refused key was not revoked");
                Verdict::Kept
            }
        }
    }

    async fn ask(&self) -> Result<Verdict, AccountsError> {
        let (user, version) = (&self.row.user, self.row.version);
        let current =
            |row: Option<AccountRow>| row.is_some_and(|row| row.state == State::Active && row.version == version);
        if !current(self.store.account(user).await?) {
            return Ok(Verdict::Gone);
        }
        match self.host.who(&self.account).await {
            Err(CallError::Tool { error, .. }) if error.case == "revoked" => {}
            Ok(_) => return Ok(Verdict::Kept),
            Err(why) => return Err(why.into()),
        }
        let detail = json!({"helpdesk": self.row.helpdesk, "version": version});
        let (event, entry) =
            change(&self.row, Some(State::Active), State::Revoked, Reason::KeyRefused, self.store.now(), detail)?;
        if self.store.revoke(user, version, &event, entry).await? {
            warn!(tenant = user.tenant(), account = self.row.id, version, "Freshdesk refuses the key: revoked");
        }
        Ok(Verdict::Gone)
    }
}
