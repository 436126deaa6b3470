//! What happens once: nonces, which are used once, and calls, which are made once.

use super::accounts::{of, user};
use super::engine::{Change, Row, sql};
use super::records::CallRow;
use super::sealed::{add, new_id, zeros};
use super::{Store, StoreError};
use crate::accounts::User;
use crate::vault::Sealed;

/// Nonces and calls that are forgotten at a time, so that a sweep keeps nobody waiting.
const SWEPT: i64 = 1000;

const USE_NONCE: &str = "INSERT INTO nonces (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const FORGET_NONCES: &str =
    "DELETE FROM nonces WHERE hash IN (SELECT hash FROM nonces WHERE expires_at <= $1 LIMIT $2)";

const BEGIN: &str = "INSERT INTO calls (hash, tenant, identifier, digest, run, begun_at, leased_until, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";

const READ: &str =
    "SELECT hash, tenant, identifier, digest, run, begun_at, leased_until, expires_at, ended_at, data_keys.wrapped, secret
    FROM calls LEFT JOIN data_keys ON data_keys.id = calls.data_key WHERE hash = $1";

/// One that has expired keeps nothing any more: a sweep may be at it.
const END: &str =
    "UPDATE calls SET ended_at = $3 WHERE hash = $1 AND run = $2 AND ended_at IS NULL AND expires_at > $3";

const SET_KEY: &str = "UPDATE calls SET data_key = $2, secret = $3 WHERE hash = $1";

const TAKE_BACK: &str = "DELETE FROM calls WHERE hash = $1 AND run = $2 AND ended_at IS NULL";

/// Calls that run still end here, without an answer: who repeats one must not write a second time. It comes first, so
/// that what follows sees those that ended a moment ago.
const END_ALL: &str = "UPDATE calls SET ended_at = COALESCE(ended_at, $3) WHERE tenant = $1 AND identifier = $2";

const DESTROY_ALL: &str = "UPDATE data_keys SET wrapped = $3 WHERE id IN (SELECT data_key FROM calls
    WHERE tenant = $1 AND identifier = $2 AND data_key IS NOT NULL)";

const FORGET_ALL: &str = "DELETE FROM calls WHERE tenant = $1 AND identifier = $2 AND data_key IS NOT NULL";

const DESTROY_EXPIRED: &str = "UPDATE data_keys SET wrapped = $2 WHERE id IN (SELECT data_key FROM calls
    WHERE expires_at <= $1 AND data_key IS NOT NULL)";

const CLEAR_EXPIRED: &str =
    "UPDATE calls SET data_key = NULL, secret = NULL WHERE expires_at <= $1 AND data_key IS NOT NULL";

const FORGET_EXPIRED: &str = "DELETE FROM calls WHERE hash IN (SELECT hash FROM calls
    WHERE expires_at <= $1 AND data_key IS NULL LIMIT $2)";

impl Store {
    /// Uses a nonce, which is remembered until `expires_at`; false when it was used before.
    pub(crate) async fn use_nonce(&self, hash: &[u8], expires_at: i64) -> Result<bool, StoreError> {
        self.change(Change::default().one(sql(USE_NONCE).with(hash).with(expires_at))).await
    }

    /// Notes that a call is about to be made; false when there is one of this hash.
    pub(crate) async fn begin_call(&self, call: &CallRow) -> Result<bool, StoreError> {
        let begin = sql(BEGIN).with(&call.hash).with(call.user.tenant()).with(call.user.identifier());
        let begin = begin.with(&call.digest).with(call.run).with(call.begun_at).with(call.leased_until);
        self.change(Change::default().one(begin.with(call.expires_at))).await
    }

    /// The call of this hash.
    pub(crate) async fn call(&self, hash: &[u8]) -> Result<Option<CallRow>, StoreError> {
        self.row(sql(READ).with(hash)).await?.map(call).transpose()
    }

    /// Notes what a call came to; false when it was taken back, has ended or has expired meanwhile.
    pub(crate) async fn end_call(&self, call: &CallRow, at: i64, answer: &Sealed) -> Result<bool, StoreError> {
        let id = new_id()?;
        let end = sql(END).with(&call.hash).with(call.run).with(at);
        let set = sql(SET_KEY).with(&call.hash).with(id).with(&answer.secret);
        self.change(Change::default().one(end).one(add(id, answer)).one(set)).await
    }

    /// Takes back that a call was made, as nothing came of it; false when it was taken back or has ended.
    pub(crate) async fn take_call_back(&self, call: &CallRow) -> Result<bool, StoreError> {
        self.change(Change::default().one(sql(TAKE_BACK).with(&call.hash).with(call.run))).await
    }

    /// Destroys what expired calls answered, and forgets them and expired nonces. Tells how many answers it destroyed.
    pub(crate) async fn sweep_once(&self, now: i64) -> Result<u64, StoreError> {
        let destroy = sql(DESTROY_EXPIRED).with(now).with(zeros());
        let swept = self.counted(Change::default().any(destroy).any(sql(CLEAR_EXPIRED).with(now))).await?;
        self.forget(sql(FORGET_EXPIRED).with(now).with(SWEPT), SWEPT).await?;
        self.forget(sql(FORGET_NONCES).with(now).with(SWEPT), SWEPT).await?;
        Ok(swept.and_then(|rows| rows.first().copied()).unwrap_or(0))
    }
}

/// The statements that destroy what an account's calls answered. Calls that run end without an answer.
pub(super) fn destroy_all(user: &User, at: i64) -> Change {
    let change = Change::default().any(of(END_ALL, user).with(at)).any(of(DESTROY_ALL, user).with(zeros()));
    change.any(of(FORGET_ALL, user))
}

fn call(mut row: Row) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        hash: row.bytes()?,
        user: user(&mut row)?,
        digest: row.bytes()?,
        run: row.number()?,
        begun_at: row.number()?,
        leased_until: row.number()?,
        expires_at: row.number()?,
        ended_at: row.number_or_none()?,
        answer: row.sealed()?,
    })
}
