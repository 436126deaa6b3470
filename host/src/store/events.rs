//! Events: changes of accounts' states, which tenants are told of.

use super::accounts::{state, user};
use super::engine::{Change, Row, Sql, sql};
use super::records::{Entry, EventRow, Tried};
use super::sealed::new_id;
use super::{Store, StoreError};

/// How long events are kept: 30 days, in which a tenant that missed some can list them.
const KEPT: i64 = 30 * 24 * 3600 * 1000;

/// An event is due at once where its tenant has a webhook, and never where it has none.
const ADD: &str =
    "INSERT INTO events (id, tenant, identifier, account, old_state, new_state, helpdesk, reason, at, attempts,
        next_at, lease, leased_until)
    SELECT CAST($1 AS TEXT), tenants.id, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT),
        CAST($7 AS TEXT), CAST($8 AS TEXT), CAST($9 AS BIGINT), CAST($10 AS BIGINT),
        CASE WHEN webhook_url IS NULL THEN NULL ELSE CAST($9 AS BIGINT) END, 0, 0
    FROM tenants WHERE tenants.id = $2";

/// Whether it is worth while to look closer. Hosts ask so each second, and hardly ever is there anything: it is no change.
const ANY_DUE: &str = "SELECT id FROM events WHERE next_at <= $1 AND leased_until <= $1 LIMIT 1";

/// An event waits for those of the same account that happened before it.
const LEASE: &str = "UPDATE events SET lease = $1, leased_until = $2
    WHERE leased_until <= $3 AND next_at <= $3 AND id IN (
        SELECT due.id FROM events AS due JOIN tenants ON tenants.id = due.tenant
        WHERE due.next_at <= $3 AND due.leased_until <= $3 AND tenants.webhook_url IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM events AS earlier WHERE earlier.tenant = due.tenant
                AND earlier.identifier = due.identifier AND earlier.id < due.id AND earlier.next_at IS NOT NULL)
        ORDER BY due.next_at, due.id LIMIT $4)";

const READ_LEASED: &str = "SELECT id, tenant, identifier, account, old_state, new_state, helpdesk, reason, at, attempts
    FROM events WHERE next_at <= $2 AND lease = $1 ORDER BY id";

const TRIED: &str = "UPDATE events SET attempts = attempts + 1, next_at = $2, outcome = $3, lease = 0, leased_until = 0
    WHERE id = $1 AND next_at IS NOT NULL";

const LIST: &str = "SELECT id, tenant, identifier, account, old_state, new_state, helpdesk, reason, at, attempts
    FROM events WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";

const FORGET: &str = "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < $1 LIMIT $2)";

impl Store {
    /// Takes up to `limit` events that are due, of all tenants with a webhook, and keeps them from other hosts until
    /// `until`. Of one account there is one at a time, so that its tenant learns of its states in their order. An event
    /// that happened while its tenant had no webhook is never due.
    pub(crate) async fn due_events(&self, now: i64, until: i64, limit: i64) -> Result<Vec<EventRow>, StoreError> {
        if self.row(sql(ANY_DUE).with(now)).await?.is_none() {
            return Ok(Vec::new());
        }
        let lease = new_id()?;
        let take = sql(LEASE).with(lease).with(until).with(now).with(limit);
        let taken = self.counted(Change::default().any(take)).await?;
        if taken.is_none_or(|rows| rows.iter().all(|rows| *rows == 0)) {
            return Ok(Vec::new());
        }
        self.page(sql(READ_LEASED).with(lease).with(now)).await?.into_iter().map(event).collect()
    }

    /// Notes that an event was delivered, is to be tried again, or was given up, and with it what the trail is to tell of
    /// that; false when it was already.
    pub(crate) async fn event_tried(
        &self,
        id: &str,
        outcome: &Tried,
        entry: Option<Entry>,
    ) -> Result<bool, StoreError> {
        let (next_at, word) = match outcome {
            Tried::Delivered => (None, Some("delivered")),
            Tried::Again { next_at } => (Some(*next_at), None),
            Tried::GivenUp => (None, Some("given_up")),
        };
        let tried = Change::default().one(sql(TRIED).with(id).with(next_at).with(word));
        self.change(entry.into_iter().fold(tried, Change::tells)).await
    }

    /// A tenant's events by the order of their happening, after this one.
    pub(crate) async fn events(
        &self,
        tenant: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        let list = sql(LIST).with(tenant).with(after.unwrap_or_default()).with(limit);
        self.page(list).await?.into_iter().map(event).collect()
    }
}

/// The statement that adds an event. It touches none where there is no such tenant.
pub(super) fn add(event: &EventRow) -> Sql {
    let add = sql(ADD).with(&event.id).with(event.user.tenant()).with(event.user.identifier());
    let add = add.with(&event.account).with(event.old.map(|old| old.as_str())).with(event.new.as_str());
    add.with(event.helpdesk.as_ref()).with(&event.reason).with(event.at).with(event.attempts)
}

/// The statement that forgets some events that are too old now; it lacks the number of them.
pub(super) fn forget(now: i64) -> Sql {
    sql(FORGET).with(now.saturating_sub(KEPT))
}

fn event(mut row: Row) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id: row.text()?,
        user: user(&mut row)?,
        account: row.text()?,
        old: row.text_or_none()?.map(|old| state(&old)).transpose()?,
        new: state(&row.text()?)?,
        helpdesk: row.text_or_none()?,
        reason: row.text()?,
        at: row.number()?,
        attempts: row.number()?,
    })
}
