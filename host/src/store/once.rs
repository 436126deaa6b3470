//! What happens once: nonces, which are used once, and calls, which are made once, and the records that are theirs.

use super::accounts::{of, user};
use super::engine::{Change, Row, Sql, sql};
use super::records::{CallRow, Claim, Found};
use super::sealed::{add, new_id, zeros};
use super::{Store, StoreError};
use crate::accounts::User;
use crate::vault::Sealed;

/// Nonces and calls that are forgotten at a time, so that a sweep keeps nobody waiting.
const SWEPT: i64 = 1000;

const USE_NONCE: &str = "INSERT INTO nonces (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const FIND_NONCE: &str = "SELECT expires_at FROM nonces WHERE hash = $1";

const FORGET_NONCES: &str =
    "DELETE FROM nonces WHERE hash IN (SELECT hash FROM nonces WHERE expires_at <= $1 LIMIT $2)";

const BEGIN: &str =
    "INSERT INTO calls (hash, tenant, identifier, digest, content, run, begun_at, leased_until, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

const READ: &str =
    "SELECT hash, tenant, identifier, digest, content, run, begun_at, leased_until, expires_at, ended_at,
    data_keys.wrapped, secret FROM calls LEFT JOIN data_keys ON data_keys.id = calls.data_key WHERE hash = $1";

/// One that has expired keeps nothing any more: a sweep may be at it.
const END: &str =
    "UPDATE calls SET ended_at = $3 WHERE hash = $1 AND run = $2 AND ended_at IS NULL AND expires_at > $3";

/// One that ended without a word, or was broken off.
const SETTLE: &str = "UPDATE calls SET ended_at = COALESCE(ended_at, $3)
    WHERE hash = $1 AND run = $2 AND data_key IS NULL AND expires_at > $3";

const SET_KEY: &str = "UPDATE calls SET data_key = $2, secret = $3 WHERE hash = $1";

const TAKE_BACK: &str = "DELETE FROM calls WHERE hash = $1 AND run = $2 AND ended_at IS NULL";

const FORGET: &str = "DELETE FROM calls WHERE hash = $1 AND run = $2 AND data_key IS NULL";

const CLAIM: &str =
    "INSERT INTO claims (helpdesk, kind, record, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

/// Unless another call of this content may have made it. Who makes a record notes it before, so that whoever has seen the
/// record sees the note.
const CLAIM_FOUND: &str = "INSERT INTO claims (helpdesk, kind, record, expires_at)
    SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT) WHERE NOT EXISTS (
        SELECT 1 FROM calls WHERE content = $5 AND hash <> $6 AND data_key IS NULL
            AND begun_at <= $7 AND COALESCE(ended_at, leased_until) >= $8)
    ON CONFLICT DO NOTHING";

const CLAIMED: &str = "SELECT expires_at FROM claims WHERE helpdesk = $1 AND kind = $2 AND record = $3";

const RIVALS: &str = "SELECT begun_at FROM calls
    WHERE content = $1 AND hash <> $2 AND ended_at IS NULL AND leased_until > $3 LIMIT 1";

const FORGET_CLAIMS: &str = "DELETE FROM claims WHERE (helpdesk, kind, record) IN (
    SELECT helpdesk, kind, record FROM claims WHERE expires_at <= $1 LIMIT $2)";

/// Calls that run still end here, without an answer: who repeats one must not write a second time. It comes first, so
/// that what follows sees those that ended a moment ago. They are other tries from here on, for which nobody keeps an answer
/// who has begun before.
const END_ALL: &str =
    "UPDATE calls SET ended_at = COALESCE(ended_at, $3), run = $3 WHERE tenant = $1 AND identifier = $2";

const DESTROY_ALL: &str = "UPDATE data_keys SET wrapped = $3 WHERE id IN (SELECT data_key FROM calls
    WHERE tenant = $1 AND identifier = $2 AND data_key IS NOT NULL)";

/// That they were made is still known, and no more.
const CLEAR_ALL: &str = "UPDATE calls SET data_key = NULL, secret = NULL, content = NULL
    WHERE tenant = $1 AND identifier = $2 AND data_key IS NOT NULL";

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

    /// Whether a nonce was used, and is remembered.
    pub(crate) async fn is_used(&self, hash: &[u8]) -> Result<bool, StoreError> {
        Ok(self.row(sql(FIND_NONCE).with(hash)).await?.is_some())
    }

    /// Notes that a call is about to be made; false when there is one of this hash.
    pub(crate) async fn begin_call(&self, call: &CallRow) -> Result<bool, StoreError> {
        let begin = sql(BEGIN).with(&call.hash).with(call.user.tenant()).with(call.user.identifier());
        let begin = begin.with(&call.digest).with(call.content.as_ref()).with(call.run).with(call.begun_at);
        self.change(Change::default().one(begin.with(call.leased_until).with(call.expires_at))).await
    }

    /// The call of this hash.
    pub(crate) async fn call(&self, hash: &[u8]) -> Result<Option<CallRow>, StoreError> {
        self.row(sql(READ).with(hash)).await?.map(call).transpose()
    }

    /// Notes what a call came to, and the record that it made; false when it was taken back, has ended or has expired
    /// meanwhile.
    pub(crate) async fn end_call(
        &self,
        call: &CallRow,
        at: i64,
        answer: &Sealed,
        made: Option<&Claim>,
    ) -> Result<bool, StoreError> {
        let end = Change::default().one(sql(END).with(&call.hash).with(call.run).with(at));
        self.change(with_claim(keep(end, call, answer)?, made)).await
    }

    /// Notes that a call ended without a word of what it came to; false when it has ended, or was taken back.
    pub(crate) async fn leave_call(&self, call: &CallRow, at: i64) -> Result<bool, StoreError> {
        self.change(Change::default().one(sql(END).with(&call.hash).with(call.run).with(at))).await
    }

    /// Takes back that a call was made, as nothing came of it, or nothing to remember but the record that it made; false when
    /// it was taken back or has ended.
    pub(crate) async fn take_call_back(&self, call: &CallRow, made: Option<&Claim>) -> Result<bool, StoreError> {
        let taken = Change::default().one(sql(TAKE_BACK).with(&call.hash).with(call.run));
        self.change(with_claim(taken, made)).await
    }

    /// Notes what a call without a word came to, as it was found later; it is forgotten where there is no answer to remember.
    /// False when somebody else found it, when its account was disconnected, or when the record is, or may be, another
    /// call's.
    pub(crate) async fn settle_call(
        &self,
        call: &CallRow,
        at: i64,
        answer: Option<&Sealed>,
        found: Option<&Found>,
    ) -> Result<bool, StoreError> {
        let (hash, content) = (&call.hash, call.content.as_ref());
        let claim = |found: &Found| {
            let (from, until) = found.made;
            claim(CLAIM_FOUND, &found.claim).with(content).with(hash).with(until).with(from)
        };
        let change = found.map(claim).into_iter().fold(Change::default(), Change::one);
        let change = match answer {
            Some(answer) => keep(change.one(sql(SETTLE).with(hash).with(call.run).with(at)), call, answer)?,
            None => change.one(sql(FORGET).with(hash).with(call.run)),
        };
        self.change(change).await
    }

    /// Whether a call has made this record.
    pub(crate) async fn is_claimed(&self, of: &Claim) -> Result<bool, StoreError> {
        let row = self.row(sql(CLAIMED).with(&of.helpdesk).with(of.kind).with(&of.record)).await?;
        Ok(row.is_some())
    }

    /// Whether another call of this one's content runs.
    pub(crate) async fn has_rivals(&self, call: &CallRow, now: i64) -> Result<bool, StoreError> {
        let row = self.row(sql(RIVALS).with(call.content.as_ref()).with(&call.hash).with(now)).await?;
        Ok(row.is_some())
    }

    /// Destroys what expired calls answered, and forgets them, expired claims and expired nonces. Tells how many answers it destroyed.
    pub(crate) async fn sweep_once(&self, now: i64) -> Result<u64, StoreError> {
        let destroy = sql(DESTROY_EXPIRED).with(now).with(zeros());
        let swept = self.counted(Change::default().any(destroy).any(sql(CLEAR_EXPIRED).with(now))).await?;
        self.forget(sql(FORGET_EXPIRED).with(now).with(SWEPT), SWEPT).await?;
        self.forget(sql(FORGET_CLAIMS).with(now).with(SWEPT), SWEPT).await?;
        self.forget(sql(FORGET_NONCES).with(now).with(SWEPT), SWEPT).await?;
        Ok(swept.and_then(|rows| rows.first().copied()).unwrap_or(0))
    }
}

fn keep(change: Change, call: &CallRow, answer: &Sealed) -> Result<Change, StoreError> {
    let id = new_id()?;
    Ok(change.one(add(id, answer)).one(sql(SET_KEY).with(&call.hash).with(id).with(&answer.secret)))
}

fn with_claim(change: Change, made: Option<&Claim>) -> Change {
    made.map(|made| claim(CLAIM, made)).into_iter().fold(change, Change::any)
}

fn claim(text: &'static str, claim: &Claim) -> Sql {
    sql(text).with(&claim.helpdesk).with(claim.kind).with(&claim.record).with(claim.expires_at)
}

#[cfg(test)]
impl Store {
    /// What a statement counts.
    pub(crate) async fn count(&self, text: &'static str) -> usize {
        let row = self.row(sql(text)).await.unwrap();
        usize::try_from(row.unwrap().number().unwrap()).unwrap()
    }

    /// Has the time be over that a host had for a call.
    pub(crate) async fn break_off(&self, hash: &[u8]) {
        const BREAK_OFF: &str = "UPDATE calls SET leased_until = begun_at WHERE ended_at IS NULL AND hash = $1";
        assert!(self.change(Change::default().any(sql(BREAK_OFF).with(hash))).await.unwrap());
    }
}

/// The statements that destroy what an account's calls answered. Calls that run end without an answer.
pub(super) fn destroy_all(user: &User, at: i64) -> Change {
    let change = Change::default().any(of(END_ALL, user).with(at)).any(of(DESTROY_ALL, user).with(zeros()));
    change.any(of(CLEAR_ALL, user))
}

fn call(mut row: Row) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        hash: row.bytes()?,
        user: user(&mut row)?,
        digest: row.bytes()?,
        content: row.bytes_or_none()?,
        run: row.number()?,
        begun_at: row.number()?,
        leased_until: row.number()?,
        expires_at: row.number()?,
        ended_at: row.number_or_none()?,
        answer: row.sealed()?,
    })
}
