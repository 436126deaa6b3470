//! What tenants are told of changes, and what the trail says about them.

use serde_json::{Value, json};

use super::{Accounts, AccountsError, State, User, random};
use crate::store::records::{AccountRow, Entry, EventRow};

/// Most events of a page.
const LONGEST_PAGE: u32 = 1000;

/// A change of an account's state, as its tenant is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, by which a repeated delivery is known; ids sort by time.
    pub id: String,
    /// Whose account changed.
    pub user: User,
    /// The account's id.
    pub account: String,
    /// The state before; none for an account that is new.
    pub old: Option<State>,
    /// The state since.
    pub new: State,
    /// The label of the helpdesk, where there is one.
    pub helpdesk: Option<String>,
    /// Why: `created`, `connected`, `reconnected`, `imported`, `key_refused` or `disconnected`.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let EventRow { id, user, account, old, new, helpdesk, reason, at, .. } = row;
        Self { id, user, account, old, new, helpdesk, reason, at }
    }
}

/// Why an account's state changed, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Created,
    Connected,
    Reconnected,
    Imported,
    KeyRefused,
    Disconnected,
}

impl Reason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Connected => "connected",
            Self::Reconnected => "reconnected",
            Self::Imported => "imported",
            Self::KeyRefused => "key_refused",
            Self::Disconnected => "disconnected",
        }
    }

    /// The kind of the trail's entry.
    const fn kind(self) -> &'static str {
        match self {
            Self::Created => "account.created",
            Self::Connected => "account.connected",
            Self::Reconnected => "account.reconnected",
            Self::Imported => "account.imported",
            Self::KeyRefused => "account.revoked",
            Self::Disconnected => "account.disconnected",
        }
    }
}

/// A change of state: the event that the tenant is told, and the entry for the trail. Both are stored with the change.
pub(super) fn change(
    account: &AccountRow,
    old: Option<State>,
    new: State,
    reason: Reason,
    at: i64,
    detail: Value,
) -> Result<(EventRow, Entry), AccountsError> {
    let event = EventRow {
        id: random::id_at("evt", at)?,
        user: account.user.clone(),
        account: account.id.clone(),
        old,
        new,
        helpdesk: account.helpdesk.clone(),
        reason: reason.as_str().to_owned(),
        at,
        attempts: 0,
    };
    let mut all = json!({"account": account.id, "old": old.map(State::as_str), "new": new.as_str()});
    if let (Value::Object(all), Value::Object(detail)) = (&mut all, detail) {
        all.extend(detail);
    }
    Ok((event, entry(reason.kind(), &account.user, at, all)))
}

/// An entry for the trail about a user.
pub(super) fn entry(kind: &'static str, user: &User, at: i64, detail: Value) -> Entry {
    let (tenant, identifier) = (user.tenant().to_owned(), user.identifier().to_owned());
    Entry { at, kind, tenant, identifier, detail }
}

/// An entry for the trail about a tenant.
pub(super) fn of_tenant(kind: &'static str, tenant: &str, at: i64, detail: Value) -> Entry {
    Entry { at, kind, tenant: tenant.to_owned(), identifier: String::new(), detail }
}

impl Accounts {
    /// A tenant's events by the order of their happening: those after the one of this id. A thousand at most; events of
    /// a month ago are forgotten.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn events(&self, tenant: &str, after: Option<&str>, limit: u32) -> Result<Vec<Event>, AccountsError> {
        let limit = limit.clamp(1, LONGEST_PAGE);
        let rows = self.store.events(tenant, after, limit.into()).await?;
        Ok(rows.into_iter().map(Event::from).collect())
    }
}
