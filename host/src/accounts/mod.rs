//! Connected accounts: whose Freshdesk a call is for, how users connect, and what happens when a key is refused.

mod user;

use std::sync::Arc;

use freshdesk_label::Label;
use serde_json::Value;
use thiserror::Error;

use crate::account::{ApiKey, Person};
use crate::error::CallError;
use crate::host::Host;
use crate::store::records::{AccountRow, LinkRow, TenantRow};
use crate::store::{Database, StoreError};
use crate::vault::{RootKeys, VaultError};
pub use user::{InvalidUser, State, User};

/// How accounts are kept.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Where.
    pub database: Database,
    /// By which root keys.
    pub root_keys: RootKeys,
    /// This process's name in the trail; one that no other running host has.
    pub host: String,
    /// Where users reach the connect page, such as `https://connect.example.com`; tenants may have their own.
    pub public_url: String,
}

/// Why accounts cannot be kept, or something was not done with one. What it displays may be shown to whoever asked.
#[derive(Debug, Error)]
pub enum AccountsError {
    /// The store did not answer.
    #[error("the store does not answer")]
    Store(#[from] StoreError),
    /// A secret was not sealed or opened.
    #[error("the vault does not open")]
    Vault(#[from] VaultError),
    /// The caller asked for something that cannot be; the text says what to do.
    #[error("{0}")]
    Refused(String),
    /// There is no such tenant, account, token or link.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// Freshdesk was asked whose key it is, and did not say.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What the operator says of an account when it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// What the operator calls it, and says about it.
    pub name: Option<String>,
    pub description: Option<String>,
    /// The e-mail by which Freshdesk has to know who connects.
    pub expected_email: Option<String>,
    /// The helpdesk that has to be connected.
    pub expected_helpdesk: Option<Label>,
}

/// How a new link shows that its holder is its user. At least one is needed, or an expected e-mail of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkWish {
    /// The e-mail that Freshdesk has to name; the account's expected one when nothing is said.
    pub email: Option<String>,
    /// Have the user type a code that the tenant shows; it is in the answer.
    pub code: bool,
    /// Send the user back here, where the tenant confirms.
    pub return_url: Option<String>,
    /// What the tenant wants to get back with that, at most 500 characters.
    pub return_state: Option<String>,
    /// Whether another helpdesk or person than before may be connected.
    pub allow_other: bool,
}

/// A link that was made. It is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// The address to send the user to.
    pub url: String,
    /// When it expires.
    pub expires_at: i64,
    /// The code to show to the user, where one was asked for.
    pub code: Option<String>,
}

/// An account, as everybody may see it.
pub type Record = AccountRow;

/// The accounts of many users.
pub struct Accounts;

/// What the page shows of a link.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) link: LinkRow,
    pub(crate) tenant: TenantRow,
    pub(crate) account: AccountRow,
    /// Where the link's user reaches the page: origin without a slash at the end.
    pub(crate) origin: String,
}

/// Why a link is of no use. To whoever holds it, unknown, expired and used ones look alike.
#[derive(Debug, Error)]
pub(crate) enum LinkError {
    #[error("this link cannot be used")]
    Gone,
    #[error("this link has had its five tries")]
    Dead,
    #[error(transparent)]
    Broken(#[from] AccountsError),
}

/// Why a key was not taken. Each has its own sentence on the page.
#[derive(Debug, Error)]
pub(crate) enum OfferError {
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The text is no helpdesk.
    #[error("no helpdesk")]
    Helpdesk(#[from] freshdesk_label::InvalidLabel),
    /// The text is no key.
    #[error("no key")]
    Key,
    /// It is not the helpdesk that the tenant expects, or that was connected before.
    #[error("another helpdesk")]
    OtherHelpdesk { expected: String },
    /// Freshdesk refuses the key.
    #[error("wrong key")]
    WrongKey { left: i64 },
    /// Freshdesk has no such helpdesk.
    #[error("no such helpdesk")]
    NoHelpdesk,
    /// The plan has no API, or the key's owner may not use it.
    #[error("forbidden")]
    Forbidden { code: Option<String> },
    /// The key's owner is not who is expected: by e-mail, or the person connected before.
    #[error("another person")]
    OtherPerson,
    /// Freshdesk does not answer, or has no turn left.
    #[error("unavailable")]
    Unavailable { retry_after: Option<u64> },
}

/// Why a candidate was not confirmed.
#[derive(Debug, Error)]
pub(crate) enum ConfirmError {
    #[error(transparent)]
    Link(#[from] LinkError),
    /// There is nobody to confirm: the key has to be given first.
    #[error("nothing to confirm")]
    Nothing,
    /// The code is not the one that the tenant shows.
    #[error("wrong code")]
    WrongCode { left: i64 },
    /// The account changed in between.
    #[error("changed in between")]
    Changed,
}

/// What a confirmation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmed {
    /// The account is active.
    Active(Box<AccountRow>),
    /// The browser is to go back to its tenant, which confirms.
    Return(String),
}

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::todo, unused_variables, clippy::unused_async, reason = "stub")]
impl Accounts {
    /// Opens the store and the vault. Refuses when the root keys are missing or not those by which the store is sealed.
    ///
    /// # Errors
    ///
    /// Fails with the reason.
    pub async fn open(host: Arc<Host>, keeping: &Keeping) -> Result<Arc<Self>, AccountsError> {
        todo!()
    }

    /// The user's account: the one there is, or a new one, pending. What `wish` says is set where it says something. The
    /// flag tells whether it is new. Fails when there is no such tenant.
    pub async fn get_or_create(&self, user: &User, wish: &Wish) -> Result<(Record, bool), AccountsError> {
        todo!()
    }

    pub async fn get(&self, user: &User) -> Result<Record, AccountsError> {
        todo!()
    }

    pub async fn list(&self, tenant: Option<&str>, after: Option<&User>, limit: u32) -> Result<Vec<Record>, AccountsError> {
        todo!()
    }

    /// Verifies a key and makes the account active, on the operator's own responsibility.
    pub async fn import(&self, user: &User, helpdesk: Label, key: ApiKey) -> Result<Record, AccountsError> {
        todo!()
    }

    pub async fn disconnect(&self, user: &User) -> Result<Record, AccountsError> {
        todo!()
    }

    /// Makes a link. The account has to exist.
    pub async fn link(&self, user: &User, wish: &LinkWish) -> Result<NewLink, AccountsError> {
        todo!()
    }

    /// The tenant says, from the user's own session, that this user did what the confirmation token stands for.
    pub async fn confirm(&self, user: &User, confirmation: &str) -> Result<Record, AccountsError> {
        todo!()
    }

    /// Runs a tool for a user.
    pub async fn call(&self, user: &User, tool: &str, input: &Value) -> Result<Value, CallError> {
        todo!()
    }

    // --- tenants and tokens (accounts/tenants.rs) -----------------------------------------------------------------
    // create_tenant, set_tenant, tenant, tenants; create_token (answers the token, once), tokens, revoke_token, who_is(token)

    // --- the page -------------------------------------------------------------------------------------------------
    /// What a link's page shows. Consumes nothing. Notes the first opening; a used link that is opened again is a loud entry.
    pub(crate) async fn visit(&self, token: &str) -> Result<Visit, LinkError> {
        todo!()
    }

    /// Verifies a key with Freshdesk and keeps it, sealed, with the link until it is confirmed. Answers whom it would connect.
    /// Counts as one of the link's tries when Freshdesk was asked and refused.
    pub(crate) async fn offer(&self, token: &str, helpdesk: &str, key: &str) -> Result<(Label, Person), OfferError> {
        todo!()
    }

    /// The user confirms whom the link is about to connect.
    pub(crate) async fn accept(&self, token: &str, code: Option<&str>) -> Result<Confirmed, ConfirmError> {
        todo!()
    }

    /// The key by which the page signs its forms and cookies, the same on all hosts.
    pub(crate) fn page_key(&self) -> &[u8; 32] {
        todo!()
    }
}
