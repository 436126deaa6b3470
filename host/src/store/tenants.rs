//! Tenants and their tokens.

use super::engine::{Change, Row, sql};
use super::records::{Entry, TenantRow, TokenRow};
use super::sealed::{new_id, zeros};
use super::texts::{read_texts, write_texts};
use super::{Store, StoreError};

const CREATE: &str = "INSERT INTO tenants (id, name, logo, colour, public_url, return_urls, webhook_url, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";

/// Only a tenant that is as it was read: who came between would be undone. Its sealed key is compared by what its data
/// key seals, as below.
const SET: &str =
    "UPDATE tenants SET name = $2, logo = $3, colour = $4, public_url = $5, return_urls = $6, webhook_url = $7
    WHERE id = $1 AND name = $8 AND logo IS NOT DISTINCT FROM $9 AND colour IS NOT DISTINCT FROM $10
        AND public_url IS NOT DISTINCT FROM $11 AND return_urls = $12 AND webhook_url IS NOT DISTINCT FROM $13
        AND webhook_secret IS NOT DISTINCT FROM $14";

/// A sealed key is the same when what its data key seals is the same: its data key may have been wrapped anew.
const DESTROY_OTHER_KEY: &str = "UPDATE data_keys SET wrapped = $3
    WHERE id IN (SELECT webhook_data_key FROM tenants WHERE id = $1 AND webhook_secret <> $2)";

const ADD_OTHER_KEY: &str = "INSERT INTO data_keys (id, wrapped) SELECT CAST($1 AS BIGINT), CAST($2 AS BYTEA)
    WHERE EXISTS (SELECT 1 FROM tenants WHERE id = $3 AND (webhook_secret IS NULL OR webhook_secret <> $4))";

const SET_OTHER_KEY: &str = "UPDATE tenants SET webhook_data_key = $2, webhook_secret = $3
    WHERE id = $1 AND (webhook_secret IS NULL OR webhook_secret <> $3)";

const DESTROY_KEY: &str =
    "UPDATE data_keys SET wrapped = $2 WHERE id IN (SELECT webhook_data_key FROM tenants WHERE id = $1)";

const REMOVE_KEY: &str = "UPDATE tenants SET webhook_data_key = NULL, webhook_secret = NULL WHERE id = $1";

const READ: &str = "SELECT tenants.id, name, logo, colour, public_url, return_urls, webhook_url, created_at,
        data_keys.wrapped, webhook_secret
    FROM tenants LEFT JOIN data_keys ON data_keys.id = tenants.webhook_data_key WHERE tenants.id = $1";

const LIST: &str = "SELECT tenants.id, name, logo, colour, public_url, return_urls, webhook_url, created_at,
        data_keys.wrapped, webhook_secret
    FROM tenants LEFT JOIN data_keys ON data_keys.id = tenants.webhook_data_key ORDER BY tenants.id";

const CREATE_TOKEN: &str =
    "INSERT INTO tokens (tenant, id, hash, identifier, name, created_at, expires_at, revoked_at, tools)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

const READ_TOKEN: &str =
    "SELECT tenant, id, hash, identifier, name, created_at, expires_at, revoked_at, tools FROM tokens
    WHERE hash = $1";

const LIST_TOKENS: &str =
    "SELECT tenant, id, hash, identifier, name, created_at, expires_at, revoked_at, tools FROM tokens
    WHERE tenant = $1 ORDER BY created_at, id";

const PAGE_TOKENS: &str = "SELECT tenant, id, hash, identifier, name, created_at, expires_at, revoked_at, tools FROM tokens
    WHERE tenant = $1 AND ($2 = '' OR (created_at, id) > (SELECT created_at, id FROM tokens WHERE tenant = $1 AND id = $2))
    ORDER BY created_at, id LIMIT $3";

const REVOKE_TOKEN: &str = "UPDATE tokens SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL";

impl Store {
    /// Adds a tenant; false when there is one of this id.
    pub(crate) async fn create_tenant(&self, tenant: &TenantRow, entry: Entry) -> Result<bool, StoreError> {
        let create = sql(CREATE).with(&tenant.id).with(&tenant.name).with(tenant.logo.as_ref());
        let create = create.with(tenant.colour.as_ref()).with(tenant.public_url.as_ref());
        let create = create.with(&write_texts(&tenant.return_urls)).with(tenant.webhook_url.as_ref());
        let created = Change::default().one(create.with(tenant.created_at));
        self.change(created.and(webhook_key(tenant)?).tells(entry)).await
    }

    /// Changes a tenant; false when there is none, or it is not as it was `before` any more. A webhook's key that is not
    /// the tenant's any more is destroyed.
    pub(crate) async fn set_tenant(
        &self,
        before: &TenantRow,
        tenant: &TenantRow,
        entry: Entry,
    ) -> Result<bool, StoreError> {
        let mut set = sql(SET).with(&tenant.id);
        for row in [tenant, before] {
            set = set.with(&row.name).with(row.logo.as_ref()).with(row.colour.as_ref()).with(row.public_url.as_ref());
            set = set.with(&write_texts(&row.return_urls)).with(row.webhook_url.as_ref());
        }
        let set = set.with(before.webhook_key.as_ref().map(|sealed| &sealed.secret));
        self.change(Change::default().one(set).and(webhook_key(tenant)?).tells(entry)).await
    }

    /// A tenant.
    pub(crate) async fn tenant(&self, id: &str) -> Result<Option<TenantRow>, StoreError> {
        self.row(sql(READ).with(id)).await?.map(tenant).transpose()
    }

    /// All tenants, by id.
    pub(crate) async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        self.page(sql(LIST)).await?.into_iter().map(tenant).collect()
    }

    /// Adds a token, of which only the hash is kept; false when its tenant has one of this id, or one has this hash.
    pub(crate) async fn create_token(&self, token: &TokenRow, entry: Entry) -> Result<bool, StoreError> {
        let create = sql(CREATE_TOKEN).with(&token.tenant).with(&token.id).with(&token.hash);
        let create = create.with(token.identifier.as_ref()).with(&token.name).with(token.created_at);
        let create = create.with(token.expires_at).with(token.revoked_at);
        let create = create.with(token.tools.as_deref().map(write_texts).as_ref());
        self.change(Change::default().one(create).tells(entry)).await
    }

    /// The token with this hash, revoked or not.
    pub(crate) async fn token(&self, hash: &[u8]) -> Result<Option<TokenRow>, StoreError> {
        self.row(sql(READ_TOKEN).with(hash)).await?.map(token).transpose()
    }

    /// A tenant's tokens, in the order of their making.
    pub(crate) async fn tokens(&self, tenant: &str) -> Result<Vec<TokenRow>, StoreError> {
        self.page(sql(LIST_TOKENS).with(tenant)).await?.into_iter().map(token).collect()
    }

    /// A page of a tenant's tokens, in the order of their making: those after the one of this id, or the first.
    pub(crate) async fn tokens_after(
        &self,
        tenant: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let page = sql(PAGE_TOKENS).with(tenant).with(after).with(limit);
        self.page(page).await?.into_iter().map(token).collect()
    }

    /// Revokes a token; false when there is none of this id that is not revoked.
    pub(crate) async fn revoke_token(&self, tenant: &str, id: &str, at: i64, entry: Entry) -> Result<bool, StoreError> {
        let revoke = sql(REVOKE_TOKEN).with(tenant).with(id).with(at);
        self.change(Change::default().one(revoke).tells(entry)).await
    }
}

/// The statements after which a tenant has its webhook's key, and no other one is left.
fn webhook_key(tenant: &TenantRow) -> Result<Change, StoreError> {
    let id = tenant.id.as_str();
    let Some(sealed) = &tenant.webhook_key else {
        let destroy = sql(DESTROY_KEY).with(id).with(zeros());
        return Ok(Change::default().any(destroy).any(sql(REMOVE_KEY).with(id)));
    };
    let key = new_id()?;
    let destroy = sql(DESTROY_OTHER_KEY).with(id).with(&sealed.secret).with(zeros());
    let add = sql(ADD_OTHER_KEY).with(key).with(&sealed.data_key).with(id).with(&sealed.secret);
    let set = sql(SET_OTHER_KEY).with(id).with(key).with(&sealed.secret);
    Ok(Change::default().any(destroy).any(add).any(set))
}

fn tenant(mut row: Row) -> Result<TenantRow, StoreError> {
    Ok(TenantRow {
        id: row.text()?,
        name: row.text()?,
        logo: row.bytes_or_none()?,
        colour: row.text_or_none()?,
        public_url: row.text_or_none()?,
        return_urls: read_texts(&row.text()?)?,
        webhook_url: row.text_or_none()?,
        created_at: row.number()?,
        webhook_key: row.sealed()?,
    })
}

fn token(mut row: Row) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        tenant: row.text()?,
        id: row.text()?,
        hash: row.bytes()?,
        identifier: row.text_or_none()?,
        name: row.text()?,
        created_at: row.number()?,
        expires_at: row.number_or_none()?,
        revoked_at: row.number_or_none()?,
        tools: row.text_or_none()?.map(|tools| read_texts(&tools)).transpose()?,
    })
}
