//! The store: accounts, links, tenants, tokens, events and the audit trail, in SQLite or PostgreSQL. The only folder with SQL.

pub(crate) mod records;

use std::path::PathBuf;

use thiserror::Error;

use crate::accounts::User;
use crate::vault::Sealed;
use records::*;

/// Where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite, made when it is missing.
    Sqlite(PathBuf),
    /// A database of PostgreSQL, by its URL.
    Postgres(String),
}

/// Why the store did not answer.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Stub.
    #[error("stub")]
    Stub,
}

/// The store of one process.
#[derive(Clone)]
pub(crate) struct Store;

/// `Ok(false)` of a change means that its condition was not met: nothing was changed, and nothing was written to the trail.
#[expect(clippy::todo, unused_variables, clippy::unused_async, reason = "stub")]
impl Store {
    /// Opens the store, and brings its tables up to date. `host` names this process's chain of the trail.
    pub(crate) async fn open(database: &Database, host: &str) -> Result<Self, StoreError> {
        todo!()
    }

    // --- the host's own keys -------------------------------------------------------------------------------------
    /// The sealed key of this name.
    pub(crate) async fn key(&self, name: &str) -> Result<Option<Sealed>, StoreError> {
        todo!()
    }

    /// Keeps a key, unless there is one of this name; answers the one that is kept.
    pub(crate) async fn keep_key(&self, name: &str, sealed: &Sealed) -> Result<Sealed, StoreError> {
        todo!()
    }

    /// Names the key that the trail is chained by, and checks this host's head. To be called once, before any change.
    pub(crate) async fn begin_trail(&self, key: [u8; 32]) -> Result<(), StoreError> {
        todo!()
    }

    // --- tenants and tokens --------------------------------------------------------------------------------------
    /// Adds a tenant; false when there is one of this id.
    pub(crate) async fn create_tenant(&self, tenant: &TenantRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Changes a tenant; false when there is none.
    pub(crate) async fn set_tenant(&self, tenant: &TenantRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// A tenant.
    pub(crate) async fn tenant(&self, id: &str) -> Result<Option<TenantRow>, StoreError> {
        todo!()
    }

    /// All tenants, by id.
    pub(crate) async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        todo!()
    }

    /// Adds a token, of which only the hash is kept.
    pub(crate) async fn create_token(&self, token: &TokenRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// The token with this hash, revoked or not.
    pub(crate) async fn token(&self, hash: &[u8]) -> Result<Option<TokenRow>, StoreError> {
        todo!()
    }

    /// A tenant's tokens, in the order of their making.
    pub(crate) async fn tokens(&self, tenant: &str) -> Result<Vec<TokenRow>, StoreError> {
        todo!()
    }

    /// Revokes a token; false when there is none of this id that is not revoked.
    pub(crate) async fn revoke_token(&self, tenant: &str, id: &str, at: i64, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    // --- accounts ------------------------------------------------------------------------------------------------
    /// Adds an account in state pending; false when the user has one. A disconnected one is made pending again: true.
    pub(crate) async fn create_account(&self, account: &AccountRow, event: &EventRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// An account, its sealed key included.
    pub(crate) async fn account(&self, user: &User) -> Result<Option<AccountRow>, StoreError> {
        todo!()
    }

    /// A page of accounts by tenant and identifier, without keys: those of `tenant`, or all; those after `after`.
    pub(crate) async fn accounts(&self, tenant: Option<&str>, after: Option<&User>, limit: i64) -> Result<Vec<AccountRow>, StoreError> {
        todo!()
    }

    /// Changes name, description, expected e-mail and expected helpdesk of an account.
    pub(crate) async fn set_account(&self, account: &AccountRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Makes an account active with a new key, if its version and state are still `expected`: destroys the old key, uses the
    /// link (which must be live or waiting) and cancels the others, destroys what those hold.
    pub(crate) async fn connect(&self, connect: &Connect, event: &EventRow, entries: Vec<Entry>) -> Result<bool, StoreError> {
        todo!()
    }

    /// Makes an active account of this version revoked, and destroys its key.
    pub(crate) async fn revoke(&self, user: &User, version: i64, event: &EventRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Makes an account disconnected, whatever it was but that; destroys its key, and cancels its links.
    pub(crate) async fn disconnect(&self, user: &User, event: &EventRow, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    // --- links ---------------------------------------------------------------------------------------------------
    /// Adds a link. Where its account has `most` live ones, the oldest that nobody opened gives way; false when all are open.
    pub(crate) async fn create_link(&self, link: &LinkRow, most: i64, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// The link with this hash, whatever became of it; its candidate included.
    pub(crate) async fn link(&self, hash: &[u8]) -> Result<Option<LinkRow>, StoreError> {
        todo!()
    }

    /// The waiting link whose confirmation has this hash.
    pub(crate) async fn waiting_link(&self, confirmation: &[u8]) -> Result<Option<LinkRow>, StoreError> {
        todo!()
    }

    /// Notes that a live link was opened, the first time.
    pub(crate) async fn open_link(&self, hash: &[u8], at: i64, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Counts a try of a live link that has fewer than `most` before what is tried begins; the last one makes it dead when
    /// `fail_link` follows. False when there are none left.
    pub(crate) async fn try_link(&self, hash: &[u8], most: i64, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Makes a live link dead (its tries are used up), and destroys what it holds.
    pub(crate) async fn kill_link(&self, hash: &[u8], entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Keeps a candidate with a live link, in place of an earlier one, which is destroyed.
    pub(crate) async fn offer(&self, hash: &[u8], candidate: &Candidate, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Lets a live link that has a candidate wait for its tenant's confirmation, until `expires_at`.
    pub(crate) async fn wait_link(&self, hash: &[u8], confirmation: &[u8], expires_at: i64, entry: Entry) -> Result<bool, StoreError> {
        todo!()
    }

    /// Destroys what expired links hold, and forgets links that ended before `before`. Tells how many candidates it destroyed.
    pub(crate) async fn sweep_links(&self, now: i64, before: i64) -> Result<u64, StoreError> {
        todo!()
    }

    // --- events --------------------------------------------------------------------------------------------------
    /// Takes up to `limit` events that are due, of all tenants with a webhook, and keeps them from other hosts until `until`.
    pub(crate) async fn due_events(&self, now: i64, until: i64, limit: i64) -> Result<Vec<EventRow>, StoreError> {
        todo!()
    }

    /// Notes that an event was delivered (`next_at` none), or is to be tried again, or was given up.
    pub(crate) async fn event_tried(&self, id: &str, outcome: &Tried) -> Result<bool, StoreError> {
        todo!()
    }

    /// A tenant's events by the order of their happening, after this one.
    pub(crate) async fn events(&self, tenant: &str, after: Option<&str>, limit: i64) -> Result<Vec<EventRow>, StoreError> {
        todo!()
    }

    // --- keys of accounts and links, for rotation ----------------------------------------------------------------
    /// A page of all secrets that are sealed (accounts', candidates', the host's own), in an order that stands still.
    pub(crate) async fn sealed(&self, after: Option<&SealedRow>, limit: i64) -> Result<Vec<SealedRow>, StoreError> {
        todo!()
    }

    /// Overwrites a wrapped data key in place, if it is still `old`.
    pub(crate) async fn rewrap(&self, row: &SealedRow, wrapped: &[u8]) -> Result<bool, StoreError> {
        todo!()
    }

    // --- the trail -----------------------------------------------------------------------------------------------
    /// Writes an entry that goes with no change, at once.
    pub(crate) async fn write(&self, entry: Entry) -> Result<(), StoreError> {
        todo!()
    }

    /// Queues the entry of a key's use; it is durable within 10 ms. Fails while the trail cannot be written.
    pub(crate) fn note(&self, entry: Entry) -> Result<(), StoreError> {
        todo!()
    }

    /// A page of the trail, newest first: of a tenant or of all, before this one.
    pub(crate) async fn trail(&self, tenant: Option<&str>, before: Option<(i64, String, i64)>, limit: i64) -> Result<Vec<TrailRow>, StoreError> {
        todo!()
    }

    /// Reads all chains and tells what is wrong with them; empty when nothing is.
    pub(crate) async fn verify_trail(&self, key: &[u8; 32]) -> Result<TrailReport, StoreError> {
        todo!()
    }

    /// Whether the store answers.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    }

    /// Writes what is queued, and stops writing.
    pub(crate) async fn close(&self) {
        todo!()
    }
}
