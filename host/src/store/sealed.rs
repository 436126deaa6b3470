//! Sealed secrets: where their data keys lie, how one is destroyed, and all of them in a row for rotation.

use super::engine::{Change, Datum, Row, Sql, sql};
use super::records::SealedRow;
use super::texts::{hex, unhex};
use super::{Store, StoreError};
use crate::vault::{Sealed, WRAPPED};

const READ_KEY: &str = "SELECT data_keys.wrapped, keys.secret FROM keys JOIN data_keys ON data_keys.id = keys.data_key
    WHERE keys.name = $1";

const KEEP_KEY: &str = "INSERT INTO keys (name, data_key, secret) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

const ADD_DATA_KEY: &str = "INSERT INTO data_keys (id, wrapped) VALUES ($1, $2)";

const REWRAP: &str = "UPDATE data_keys SET wrapped = $3 WHERE id = $1 AND wrapped = $2";

/// Where sealed secrets are, in the order of their reading. A page goes on after a tenant, an identifier, and the hash of a
/// link or of a call.
const PLACES: [(&str, &str); 5] = [
    (
        "account",
        "SELECT tenant, identifier, version, data_key, data_keys.wrapped, secret FROM accounts
            JOIN data_keys ON data_keys.id = accounts.data_key
            WHERE (tenant, identifier) > ($1, $2) ORDER BY tenant, identifier LIMIT $3",
    ),
    (
        "answer",
        "SELECT tenant, hash, CAST(1 AS BIGINT), data_key, data_keys.wrapped, secret FROM calls
            JOIN data_keys ON data_keys.id = calls.data_key
            WHERE hash > $1 ORDER BY hash LIMIT $2",
    ),
    (
        "host",
        "SELECT '', name, CAST(1 AS BIGINT), data_key, data_keys.wrapped, secret FROM keys
            JOIN data_keys ON data_keys.id = keys.data_key
            WHERE CAST($1 AS TEXT) = '' AND name > $2 ORDER BY name LIMIT $3",
    ),
    (
        "link",
        "SELECT tenant, hash, CAST(1 AS BIGINT), data_key, data_keys.wrapped, secret FROM links
            JOIN data_keys ON data_keys.id = links.data_key
            WHERE hash > $1 ORDER BY hash LIMIT $2",
    ),
    (
        "webhook",
        "SELECT tenants.id, '', CAST(1 AS BIGINT), webhook_data_key, data_keys.wrapped, webhook_secret FROM tenants
            JOIN data_keys ON data_keys.id = tenants.webhook_data_key
            WHERE tenants.id > $1 ORDER BY tenants.id LIMIT $2",
    ),
];

/// An id that no data key has. All ids take eight bytes, so that rows of data keys have one length.
pub(super) fn new_id() -> Result<i64, StoreError> {
    let random = getrandom::u64().map_err(|_| StoreError::NoRandom)?;
    Ok(((random >> 2) | (1 << 62)) as i64)
}

/// The statement that keeps a data key. Others are destroyed in place, for which all have to have one length.
pub(super) fn add(id: i64, sealed: &Sealed) -> Sql {
    sql(ADD_DATA_KEY).with(id).with(&sealed.data_key)
}

/// What a data key is overwritten with when it is destroyed.
pub(super) fn zeros() -> Datum {
    Datum::Bytes(vec![0; WRAPPED])
}

impl Store {
    /// The sealed key of this name.
    pub(crate) async fn key(&self, name: &str) -> Result<Option<Sealed>, StoreError> {
        self.row(sql(READ_KEY).with(name)).await?.map_or(Ok(None), |mut row| row.sealed())
    }

    /// Keeps a key, unless there is one of this name; answers the one that is kept.
    pub(crate) async fn keep_key(&self, name: &str, sealed: &Sealed) -> Result<Sealed, StoreError> {
        let id = new_id()?;
        let keep = sql(KEEP_KEY).with(name).with(id).with(&sealed.secret);
        self.change(Change::default().one(add(id, sealed)).one(keep)).await?;
        self.key(name).await?.ok_or(StoreError::Unreadable("a key"))
    }

    /// A page of all secrets that are sealed (accounts', calls' answers, the host's own, candidates', webhooks'), in an order that
    /// stands still. What is sealed in the meantime may be missing; it is sealed by the newest root key.
    pub(crate) async fn sealed(&self, after: Option<&SealedRow>, limit: i64) -> Result<Vec<SealedRow>, StoreError> {
        let mut page = Vec::new();
        let first =
            after.and_then(|after| PLACES.iter().position(|(purpose, _)| *purpose == after.purpose)).unwrap_or(0);
        for (purpose, text) in &PLACES[first..] {
            let after = after.filter(|after| after.purpose == *purpose);
            let left = limit.saturating_sub(page.len() as i64);
            if left <= 0 {
                break;
            }
            for mut row in self.page(from(purpose, text, after).with(left)).await? {
                page.extend(read(purpose, &mut row)?);
            }
        }
        Ok(page)
    }

    /// Overwrites a wrapped data key in place, if it is still the one of this row. Both have one length.
    pub(crate) async fn rewrap(&self, row: &SealedRow, wrapped: &[u8]) -> Result<bool, StoreError> {
        let rewrap = sql(REWRAP).with(row.data_key_id).with(&row.sealed.data_key).with(wrapped);
        self.change(Change::default().one(rewrap)).await
    }
}

/// Whether secrets of this purpose are found by a hash.
fn by_hash(purpose: &str) -> bool {
    matches!(purpose, "answer" | "link")
}

fn from(purpose: &str, text: &'static str, after: Option<&SealedRow>) -> Sql {
    let tenant = after.map_or("", |after| after.tenant.as_str());
    let identifier = after.map_or("", |after| after.identifier.as_str());
    match purpose {
        purpose if by_hash(purpose) => sql(text).with(&unhex(identifier)),
        "webhook" => sql(text).with(tenant),
        _ => sql(text).with(tenant).with(identifier),
    }
}

fn read(purpose: &str, row: &mut Row) -> Result<Option<SealedRow>, StoreError> {
    let tenant = row.text()?;
    let identifier = if by_hash(purpose) { hex(&row.bytes()?) } else { row.text()? };
    let (version, data_key_id) = (row.number()?, row.number()?);
    let purpose = purpose.to_owned();
    Ok(row.sealed()?.map(|sealed| SealedRow { purpose, tenant, identifier, version, data_key_id, sealed }))
}
