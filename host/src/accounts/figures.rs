//! What `cargo bench` needs to see of accounts, and nobody else.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::json;

use super::connecting::of_account;
use super::events::entry;
use super::{Accounts, AccountsError, User};
use crate::vault::Place;

/// Times of one key.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From the question for the account to its key, open.
    pub all: Duration,
    /// Of that, the noting of the key's use in the trail.
    pub noting: Duration,
}

impl Accounts {
    /// A key as it is stored for the first version of a user's account: wrapped data key and sealed key.
    #[doc(hidden)]
    pub fn sealed(&self, user: &User, key: &str) -> Result<(Vec<u8>, Vec<u8>), AccountsError> {
        let place = Place { version: 1, ..of_account(user) };
        let sealed = self.vault.seal(&place, &SecretString::from(key))?;
        Ok((sealed.data_key, sealed.secret))
    }

    /// Reads a user's account and opens its key, as a call does before its request leaves. The noting is timed apart from
    /// that, by one more entry.
    #[doc(hidden)]
    pub async fn times(&self, user: &User) -> Result<Times, AccountsError> {
        let begun = Instant::now();
        let row = self.row(user).await?;
        let account = self.kept(&row).ok_or(AccountsError::Missing("key"))?;
        let key = account.key("ticket-get").map_err(|why| AccountsError::refused(why.to_string()))?;
        let all = begun.elapsed();
        drop(key);
        let begun = Instant::now();
        let detail = json!({"function": "ticket-get", "version": row.version, "helpdesk": row.helpdesk});
        self.store.note(entry("key.used", user, self.store.now(), detail))?;
        Ok(Times { all, noting: begun.elapsed() })
    }
}
