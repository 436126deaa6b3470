//! What tenants are told of changes, and what the trail says about them.

use serde_json::{Value, json};

use super::{Accounts, AccountsError, State, User, random};
use crate::store::records::{AccountRow, Entry, EventRow};

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
    /// A tenant's events by the order of their happening, after this one.
    pub(crate) async fn events(
        &self,
        tenant: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<EventRow>, AccountsError> {
        Ok(self.store.events(tenant, after, limit).await?)
    }
}
