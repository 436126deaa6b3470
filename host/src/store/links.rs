//! Links. Whether one is live at a moment is decided by the statement that changes it; the moment is its entry's.

use super::accounts::{of, user};
use super::engine::{Change, Row, Sql, sql};
use super::events;
use super::records::{Candidate, Entry, LinkRow};
use super::sealed::{add, new_id, zeros};
use super::texts::{read_link_state, read_person, read_proof, read_texts, write_person, write_proof, write_texts};
use super::{Store, StoreError};
use crate::accounts::User;

/// Links and events that are forgotten at a time, so that a sweep keeps nobody waiting.
const SWEPT: i64 = 1000;

/// Keeps others from making a link for the same account at the same time.
const LOCK_ACCOUNT: &str = "UPDATE accounts SET changed_at = changed_at WHERE tenant = $1 AND identifier = $2";

const GIVE_WAY: &str = "UPDATE links SET state = 'cancelled' WHERE hash IN (
        SELECT hash FROM links WHERE tenant = $1 AND identifier = $2 AND state = 'live' AND expires_at > $3
            AND opened_at IS NULL ORDER BY created_at, hash LIMIT 1)
    AND $4 <= (SELECT COUNT(*) FROM links
        WHERE tenant = $1 AND identifier = $2 AND state = 'live' AND expires_at > $3)";

const CREATE: &str =
    "INSERT INTO links (hash, tenant, identifier, proof, allow_other, state, tries, created_at, expires_at)
    SELECT CAST($1 AS BYTEA), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), 'live', 0,
        CAST($6 AS BIGINT), CAST($7 AS BIGINT)
    WHERE $8 > (SELECT COUNT(*) FROM links
        WHERE tenant = $2 AND identifier = $3 AND state = 'live' AND expires_at > $6)";

const READ: &str =
    "SELECT hash, tenant, identifier, proof, allow_other, state, tries, created_at, opened_at, expires_at,
        helpdesk, person, roles, data_keys.wrapped, secret
    FROM links LEFT JOIN data_keys ON data_keys.id = links.data_key WHERE hash = $1";

const READ_WAITING: &str = "SELECT hash, tenant, identifier, proof, allow_other, state, tries, created_at, opened_at,
        expires_at, helpdesk, person, roles, data_keys.wrapped, secret
    FROM links LEFT JOIN data_keys ON data_keys.id = links.data_key WHERE confirmation = $1 AND state = 'waiting'";

const OPEN: &str = "UPDATE links SET opened_at = $2
    WHERE hash = $1 AND state = 'live' AND expires_at > $2 AND opened_at IS NULL";

const TRY: &str = "UPDATE links SET tries = tries + 1
    WHERE hash = $1 AND state = 'live' AND expires_at > $2 AND tries < $3";

const KILL: &str = "UPDATE links SET state = 'dead' WHERE hash = $1 AND state = 'live'";

const OFFER: &str = "UPDATE links SET helpdesk = $3, person = $4, roles = $5
    WHERE hash = $1 AND state = 'live' AND expires_at > $2";

const WAIT: &str = "UPDATE links SET state = 'waiting', confirmation = $3, expires_at = $4
    WHERE hash = $1 AND state = 'live' AND expires_at > $2 AND data_key IS NOT NULL";

const USE_UP: &str = "UPDATE links SET state = 'used'
    WHERE hash = $1 AND tenant = $2 AND identifier = $3 AND state IN ('live', 'waiting') AND expires_at > $4";

const CANCEL_ALL: &str = "UPDATE links SET state = 'cancelled'
    WHERE tenant = $1 AND identifier = $2 AND state IN ('live', 'waiting')";

const DESTROY_ALL: &str = "UPDATE data_keys SET wrapped = $3 WHERE id IN (SELECT data_key FROM links
    WHERE tenant = $1 AND identifier = $2 AND state IN ('used', 'cancelled', 'dead'))";

const CLEAR_ALL: &str = "UPDATE links SET helpdesk = NULL, person = NULL, roles = NULL, data_key = NULL, secret = NULL
    WHERE tenant = $1 AND identifier = $2 AND state IN ('used', 'cancelled', 'dead') AND helpdesk IS NOT NULL";

const DESTROY: &str = "UPDATE data_keys SET wrapped = $2 WHERE id IN (SELECT data_key FROM links WHERE hash = $1)";

const CLEAR: &str = "UPDATE links SET helpdesk = NULL, person = NULL, roles = NULL, data_key = NULL, secret = NULL
    WHERE hash = $1";

const SET_KEY: &str = "UPDATE links SET data_key = $2, secret = $3 WHERE hash = $1";

const DESTROY_EXPIRED: &str = "UPDATE data_keys SET wrapped = $2 WHERE id IN (SELECT data_key FROM links
    WHERE expires_at <= $1 AND data_key IS NOT NULL)";

const CLEAR_EXPIRED: &str =
    "UPDATE links SET helpdesk = NULL, person = NULL, roles = NULL, data_key = NULL, secret = NULL
    WHERE expires_at <= $1 AND data_key IS NOT NULL";

const FORGET: &str = "DELETE FROM links WHERE hash IN (SELECT hash FROM links WHERE expires_at < $1 LIMIT $2)";

impl Store {
    /// Adds a link. Where its account has `most` live ones, the oldest that nobody opened gives way; false when all are
    /// open, or there is no account.
    pub(crate) async fn create_link(&self, link: &LinkRow, most: i64, entry: Entry) -> Result<bool, StoreError> {
        let give_way = of(GIVE_WAY, &link.user).with(link.created_at).with(most);
        let create = sql(CREATE).with(&link.hash).with(link.user.tenant()).with(link.user.identifier());
        let create = create.with(&write_proof(&link.proof)).with(i64::from(link.allow_other));
        let create = create.with(link.created_at).with(link.expires_at).with(most);
        let change = Change::default().one(of(LOCK_ACCOUNT, &link.user)).any(give_way).one(create);
        self.change(change.tells(entry)).await
    }

    /// The link with this hash, whatever became of it; its candidate included.
    pub(crate) async fn link(&self, hash: &[u8]) -> Result<Option<LinkRow>, StoreError> {
        self.row(sql(READ).with(hash)).await?.map(link).transpose()
    }

    /// The waiting link whose confirmation has this hash.
    pub(crate) async fn waiting_link(&self, confirmation: &[u8]) -> Result<Option<LinkRow>, StoreError> {
        self.row(sql(READ_WAITING).with(confirmation)).await?.map(link).transpose()
    }

    /// Notes that a live link was opened, the first time.
    pub(crate) async fn open_link(&self, hash: &[u8], at: i64, entry: Entry) -> Result<bool, StoreError> {
        self.change(Change::default().one(sql(OPEN).with(hash).with(at)).tells(entry)).await
    }

    /// Counts a try of a live link that has fewer than `most`, before what is tried begins; when the last one fails,
    /// `kill_link` follows. False when there are none left.
    pub(crate) async fn try_link(&self, hash: &[u8], most: i64, entry: Entry) -> Result<bool, StoreError> {
        let counted = sql(TRY).with(hash).with(entry.at).with(most);
        self.change(Change::default().one(counted).tells(entry)).await
    }

    /// Makes a live link dead (its tries are used up), and destroys what it holds.
    pub(crate) async fn kill_link(&self, hash: &[u8], entry: Entry) -> Result<bool, StoreError> {
        let change = Change::default().one(sql(KILL).with(hash)).any(sql(DESTROY).with(hash).with(zeros()));
        self.change(change.any(sql(CLEAR).with(hash)).tells(entry)).await
    }

    /// Keeps a candidate with a live link, in place of an earlier one, which is destroyed.
    pub(crate) async fn offer(&self, hash: &[u8], candidate: &Candidate, entry: Entry) -> Result<bool, StoreError> {
        let id = new_id()?;
        let offer = sql(OFFER).with(hash).with(entry.at).with(&candidate.helpdesk);
        let offer = offer.with(&write_person(&candidate.person)).with(&write_texts(&candidate.roles));
        let change = Change::default().one(offer).any(sql(DESTROY).with(hash).with(zeros()));
        let change = change.one(add(id, &candidate.key));
        self.change(change.one(sql(SET_KEY).with(hash).with(id).with(&candidate.key.secret)).tells(entry)).await
    }

    /// Lets a live link that has a candidate wait for its tenant's confirmation, until `expires_at`.
    pub(crate) async fn wait_link(
        &self,
        hash: &[u8],
        confirmation: &[u8],
        expires_at: i64,
        entry: Entry,
    ) -> Result<bool, StoreError> {
        let wait = sql(WAIT).with(hash).with(entry.at).with(confirmation).with(expires_at);
        self.change(Change::default().one(wait).tells(entry)).await
    }

    /// Destroys what expired links hold, forgets links that ended before `before`, and events of a month ago. Tells how
    /// many candidates it destroyed. Pages as they were before are taken from the disk, where the database can.
    pub(crate) async fn sweep_links(&self, now: i64, before: i64) -> Result<u64, StoreError> {
        let destroy = sql(DESTROY_EXPIRED).with(now).with(zeros());
        let swept = self.counted(Change::default().any(destroy).any(sql(CLEAR_EXPIRED).with(now))).await?;
        // What is forgotten holds nothing: it expired, at the latest, now.
        self.forget(sql(FORGET).with(before.min(now)).with(SWEPT), SWEPT).await?;
        self.forget(events::forget(now).with(SWEPT), SWEPT).await?;
        self.engine.tidy().await?;
        Ok(swept.and_then(|rows| rows.first().copied()).unwrap_or(0))
    }
}

/// The statement by which a link is used; it touches none where it can be used no more, or is another user's.
pub(super) fn use_up(hash: &[u8], user: &User, at: i64) -> Sql {
    sql(USE_UP).with(hash).with(user.tenant()).with(user.identifier()).with(at)
}

/// The statements that cancel an account's links and destroy what they hold.
pub(super) fn cancel_all(user: &User) -> Change {
    let change = Change::default().any(of(CANCEL_ALL, user)).any(of(DESTROY_ALL, user).with(zeros()));
    change.any(of(CLEAR_ALL, user))
}

fn link(mut row: Row) -> Result<LinkRow, StoreError> {
    Ok(LinkRow {
        hash: row.bytes()?,
        user: user(&mut row)?,
        proof: read_proof(&row.text()?)?,
        allow_other: row.number()? != 0,
        state: read_link_state(&row.text()?)?,
        tries: row.number()?,
        created_at: row.number()?,
        opened_at: row.number_or_none()?,
        expires_at: row.number()?,
        candidate: candidate(&mut row)?,
    })
}

fn candidate(row: &mut Row) -> Result<Option<Candidate>, StoreError> {
    let (helpdesk, person, roles) = (row.text_or_none()?, row.text_or_none()?, row.text_or_none()?);
    let (Some(helpdesk), Some(person), Some(key)) = (helpdesk, person, row.sealed()?) else { return Ok(None) };
    let roles = read_texts(&roles.unwrap_or_default())?;
    Ok(Some(Candidate { helpdesk, person: read_person(&person)?, roles, key }))
}
