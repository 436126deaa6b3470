//! Calls: a tool runs with the key of the user's account, which stays sealed until a request is about to leave with it.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use freshdesk_label::Label;
use serde_json::{Map, Value, json};

use super::connecting::of_account;
use super::events::entry;
use super::{Accounts, State, User, locked};
use crate::account::{Account, ApiKey, Keeper, NoKey};
use crate::error::CallError;
use crate::stage::Stages;
use crate::store::Store;
use crate::store::records::AccountRow;
use crate::vault::{Place, Sealed, Vault};

/// Accounts that are kept between calls, as many as connections are.
pub(super) const KEPT: NonZeroUsize = NonZeroUsize::new(1000).expect("a thousand is not zero");

/// An account whose connections are kept, good for one key.
pub(super) struct Kept {
    account: Arc<Account>,
    key: Arc<SealedKey>,
}

/// A key that is opened for one request at a time, after its use was noted in the trail.
struct SealedKey {
    store: Store,
    vault: Arc<Vault>,
    user: User,
    version: i64,
    helpdesk: String,
    /// Wrapped anew when root keys are rotated; the secret itself stays as it is.
    sealed: Mutex<Sealed>,
}

struct Opening(Arc<SealedKey>);

impl Keeper for Opening {
    fn key(&self, function: &str) -> Result<Arc<ApiKey>, NoKey> {
        let key = &self.0;
        let detail = json!({"function": function, "version": key.version, "helpdesk": key.helpdesk});
        let noted = key.store.note(entry("key.used", &key.user, key.store.now(), detail));
        noted.map_err(|why| NoKey(format!("its use was not noted: {why}")))?;
        let place = Place { version: key.version, ..of_account(&key.user) };
        let secret = key.vault.open(&place, &locked(&key.sealed)).map_err(|why| NoKey(why.to_string()))?;
        Ok(Arc::new(ApiKey::of_secret(secret)))
    }

    fn still(&self) -> Pin<Box<dyn Future<Output = Result<(), NoKey>> + Send + '_>> {
        Box::pin(async {
            let key = &self.0;
            let row = key.store.account(&key.user).await.map_err(|why| NoKey(why.to_string()))?;
            let same = row.filter(|row| row.state == State::Active && row.version == key.version);
            let sealed = same.and_then(|row| row.key);
            let sealed = sealed.ok_or_else(|| NoKey("it was taken back while the request waited".to_owned()))?;
            *locked(&key.sealed) = sealed;
            Ok(())
        })
    }
}

impl Accounts {
    /// Runs a tool for a user, and answers JSON as the tool's output schema says. What it writes is looked for where its
    /// answer is lost, within what is left of the call's time.
    ///
    /// # Errors
    ///
    /// Fails with [`CallError::Tool`]: `not_connected` and `revoked` before anything leaves, with a `connect_url` where
    /// the account has a proof of its own; and as the host's calls do. When Freshdesk refuses the key and refuses it
    /// again when it is asked whose it is, the account is revoked.
    pub async fn call(self: &Arc<Self>, user: &User, tool: &str, input: &Value) -> Result<Value, CallError> {
        self.call_followed(user, tool, input, None).await
    }

    /// The same, for somebody who looks how far the call has come, and may call it off.
    ///
    /// # Errors
    ///
    /// Fails as [`Accounts::call`] does; a call that is called off fails, and nothing of it has left.
    pub async fn call_followed(
        self: &Arc<Self>,
        user: &User,
        tool: &str,
        input: &Value,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        match self.host.writes(tool) {
            Some(true) => self.write(user, tool, input, stages).await,
            _ => {
                let (row, account) = self.active(user).await?;
                self.call_with(&row, &account, tool, input, stages).await
            }
        }
    }

    /// The account of a user, with which to call.
    pub(super) async fn active(&self, user: &User) -> Result<(AccountRow, Arc<Account>), CallError> {
        let row = self.store.account(user).await.map_err(|why| self.unavailable(why.to_string()))?;
        let Some((row, account)) = row.as_ref().and_then(|row| Some((row.clone(), self.kept(row)?))) else {
            return Err(self.refuse(row.as_ref()).await);
        };
        Ok((row, account))
    }

    /// Runs a tool with an account.
    pub(super) async fn call_with(
        &self,
        row: &AccountRow,
        account: &Arc<Account>,
        tool: &str,
        input: &Value,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        match self.host.call_followed(account, tool, input, stages).await {
            Err(CallError::Tool { error, story }) if error.case == "revoked" => {
                Err(self.key_refused(row, account, story).await)
            }
            result => result,
        }
    }

    /// The account to call with; none unless it is active.
    pub(super) fn kept(&self, row: &AccountRow) -> Option<Arc<Account>> {
        let sealed = row.key.as_ref().filter(|_| row.state == State::Active)?;
        let helpdesk = Label::parse(row.helpdesk.as_deref()?).ok()?;
        let mut kept = locked(&self.kept);
        if let Some(same) = kept.get(&row.user).filter(|kept| kept.key.is(row, sealed)) {
            *locked(&same.key.sealed) = sealed.clone();
            return Some(Arc::clone(&same.account));
        }
        let key = Arc::new(SealedKey {
            store: self.store.clone(),
            vault: Arc::clone(&self.vault),
            user: row.user.clone(),
            version: row.version,
            helpdesk: helpdesk.to_string(),
            sealed: Mutex::new(sealed.clone()),
        });
        let account = Arc::new(Account::kept(helpdesk, Box::new(Opening(Arc::clone(&key)))));
        kept.put(row.user.clone(), Kept { account: Arc::clone(&account), key });
        Some(account)
    }

    /// The host cannot do it now. The text is for the log.
    pub(super) fn unavailable(&self, story: String) -> CallError {
        self.host.tool_error("unavailable", Map::new(), story)
    }
}

impl SealedKey {
    /// Whether this is the account's key still, however it is wrapped by now.
    fn is(&self, row: &AccountRow, sealed: &Sealed) -> bool {
        let same_place = self.version == row.version && Some(&self.helpdesk) == row.helpdesk.as_ref();
        same_place && locked(&self.sealed).secret == sealed.secret
    }
}
