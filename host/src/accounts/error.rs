//! Why something was not done.

use thiserror::Error;

use crate::error::CallError;
use crate::store::StoreError;
use crate::vault::VaultError;

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
    Call(Box<CallError>),
    /// The root keys do not open what the store holds.
    #[error(
        "the store is sealed by root key {wanted}, and the root keys given do not open it: give those that it was made \
         with, or restore their backup"
    )]
    WrongRootKeys {
        /// The id of the root key that is needed.
        wanted: String,
        /// What the vault says.
        #[source]
        why: VaultError,
    },
    /// The account changed again and again while it was to be changed.
    #[error("the account is being changed by others: try again")]
    Busy,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}

impl AccountsError {
    /// A refusal with this reason.
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// Why a link is of no use. To whoever holds it, unknown, expired and used ones look alike.
#[derive(Debug, Error)]
pub(crate) enum LinkError {
    /// It is unknown, expired, used, or gave way to another.
    #[error("this link cannot be used")]
    Gone,
    /// Its tries are used up.
    #[error("this link has had its five tries")]
    Dead,
    /// The host cannot tell.
    #[error(transparent)]
    Broken(#[from] AccountsError),
}

/// Why a key was not taken. Each has its own sentence on the page.
#[derive(Debug, Error)]
pub(crate) enum OfferError {
    /// The link is of no use.
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
    OtherHelpdesk {
        /// The label of the one that is expected.
        expected: String,
    },
    /// Freshdesk refuses the key.
    #[error("wrong key")]
    WrongKey {
        /// How many keys can still be tried.
        left: i64,
    },
    /// Freshdesk has no such helpdesk.
    #[error("no such helpdesk")]
    NoHelpdesk,
    /// The plan has no API, or the key's owner may not use it.
    #[error("forbidden")]
    Forbidden {
        /// Freshdesk's code, such as `require_feature`, when it gave one.
        code: Option<String>,
    },
    /// The key's owner is not who is expected: by e-mail, or the person connected before.
    #[error("another person")]
    OtherPerson,
    /// Freshdesk does not answer, or has no turn left, or too many keys are being tried.
    #[error("unavailable")]
    Unavailable {
        /// Seconds after which to try again, where that is known.
        retry_after: Option<u64>,
    },
}

/// Why a candidate was not confirmed.
#[derive(Debug, Error)]
pub(crate) enum ConfirmError {
    /// The link is of no use.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// There is nobody to confirm: the key has to be given first.
    #[error("nothing to confirm")]
    Nothing,
    /// The code is not the one that the tenant shows.
    #[error("wrong code")]
    WrongCode {
        /// How often a code can still be tried.
        left: i64,
    },
    /// The account changed in between.
    #[error("changed in between")]
    Changed,
}

impl From<CallError> for AccountsError {
    fn from(why: CallError) -> Self {
        Self::Call(Box::new(why))
    }
}

impl From<StoreError> for LinkError {
    fn from(why: StoreError) -> Self {
        Self::Broken(why.into())
    }
}

impl From<AccountsError> for OfferError {
    fn from(why: AccountsError) -> Self {
        Self::Link(why.into())
    }
}

impl From<StoreError> for OfferError {
    fn from(why: StoreError) -> Self {
        Self::Link(why.into())
    }
}

impl From<AccountsError> for ConfirmError {
    fn from(why: AccountsError) -> Self {
        Self::Link(why.into())
    }
}

impl From<StoreError> for ConfirmError {
    fn from(why: StoreError) -> Self {
        Self::Link(why.into())
    }
}
