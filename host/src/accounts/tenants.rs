//! Tenants: the applications whose users connect.

use secrecy::SecretString;
use serde_json::json;

use super::events::of_tenant;
use super::records::TRIES;
use super::user::valid_tenant;
use super::{Accounts, AccountsError, random, valid};
use crate::store::records::TenantRow;
use crate::vault::Place;

/// Longest name of a tenant, in characters: a line of the page.
const LONGEST_NAME: usize = 100;

/// Most addresses that a tenant's users may be sent back to.
const MOST_RETURN_URLS: usize = 20;

/// A tenant, as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, a word in lower case.
    pub id: String,
    /// The name that its users know it by.
    pub name: String,
    /// Its logo as PNG, JPEG or WebP.
    pub logo: Option<Vec<u8>>,
    /// Its colour, `#rrggbb`.
    pub colour: Option<String>,
    /// Where its users reach the page, where that is not the host's own address.
    pub public_url: Option<String>,
    /// Addresses that its users may be sent back to, exactly.
    pub return_urls: Vec<String>,
    /// Where its events go.
    pub webhook_url: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
}

/// What is said of a tenant. Nothing is said by `None`; an empty text, picture or list takes away what there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantWish {
    /// The name that its users know it by; its id when it is made and nothing is said.
    pub name: Option<String>,
    /// Its logo as PNG, JPEG or WebP, at most 64 kB.
    pub logo: Option<Vec<u8>>,
    /// Its colour, `#rrggbb`.
    pub colour: Option<String>,
    /// Where its users reach the page: `https://` and a host.
    pub public_url: Option<String>,
    /// Addresses that its users may be sent back to, exactly.
    pub return_urls: Option<Vec<String>>,
    /// Where its events go.
    pub webhook_url: Option<String>,
    /// Make a new key by which its events are signed; the old one is no good from then on.
    pub new_webhook_key: bool,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            logo: row.logo,
            colour: row.colour,
            public_url: row.public_url,
            return_urls: row.return_urls,
            webhook_url: row.webhook_url,
            created_at: row.created_at,
        }
    }
}

impl Accounts {
    /// Makes a tenant. Where it has a webhook, the key comes back by which its events are signed: it is shown once.
    ///
    /// # Errors
    ///
    /// Fails when the id is taken, or something of the wish cannot be kept.
    pub async fn create_tenant(&self, id: &str, wish: &TenantWish) -> Result<(Tenant, Option<String>), AccountsError> {
        valid_tenant(id).map_err(|why| AccountsError::refused(why.to_string()))?;
        let mut row =
            TenantRow { id: id.to_owned(), name: id.to_owned(), created_at: self.now(), ..TenantRow::default() };
        let key = self.wish(&mut row, wish)?;
        if !self
            .store
            .create_tenant(&row, of_tenant("tenant.created", id, self.now(), summary(&row, key.is_some())))
            .await?
        {
            return Err(AccountsError::refused(format!(
                "there is a tenant {id} already: change it, or take another id"
            )));
        }
        Ok((row.into(), key))
    }

    /// Changes a tenant, as far as the wish says something. A new key for its events comes back once.
    ///
    /// # Errors
    ///
    /// Fails when there is none, or something of the wish cannot be kept.
    pub async fn set_tenant(&self, id: &str, wish: &TenantWish) -> Result<(Tenant, Option<String>), AccountsError> {
        for _ in 0..TRIES {
            let before = self.tenant_row(id).await?;
            let mut row = before.clone();
            let key = self.wish(&mut row, wish)?;
            if row == before {
                return Ok((row.into(), None));
            }
            let entry = of_tenant("tenant.set", id, self.now(), summary(&row, key.is_some()));
            if self.store.set_tenant(&before, &row, entry).await? {
                return Ok((row.into(), key));
            }
        }
        Err(AccountsError::Busy)
    }

    /// A tenant.
    ///
    /// # Errors
    ///
    /// Fails when there is none.
    pub async fn tenant(&self, id: &str) -> Result<Tenant, AccountsError> {
        Ok(self.tenant_row(id).await?.into())
    }

    /// All tenants, by id.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, AccountsError> {
        Ok(self.store.tenants().await?.into_iter().map(Tenant::from).collect())
    }

    /// A tenant as it is stored.
    pub(super) async fn tenant_row(&self, id: &str) -> Result<TenantRow, AccountsError> {
        self.store.tenant(id).await?.ok_or(AccountsError::Missing("tenant"))
    }

    /// Sets what the wish says something about. Answers the new key for events, if there is one.
    fn wish(&self, row: &mut TenantRow, wish: &TenantWish) -> Result<Option<String>, AccountsError> {
        if let Some(name) = &wish.name {
            row.name = valid::text("a tenant's name", name, LONGEST_NAME)?;
        }
        set(&mut row.logo, wish.logo.as_deref(), <[u8]>::is_empty, valid::logo)?;
        set(&mut row.colour, wish.colour.as_deref(), str::is_empty, valid::colour)?;
        set(&mut row.public_url, wish.public_url.as_deref(), str::is_empty, |url| {
            valid::origin("the public URL", url)
        })?;
        set(&mut row.webhook_url, wish.webhook_url.as_deref(), str::is_empty, |url| {
            valid::url("the webhook URL", url)
        })?;
        if let Some(urls) = &wish.return_urls {
            if urls.len() > MOST_RETURN_URLS {
                return Err(AccountsError::refused(format!("a tenant has at most {MOST_RETURN_URLS} return URLs")));
            }
            row.return_urls = urls.iter().map(|url| valid::url("a return URL", url)).collect::<Result<_, _>>()?;
        }
        if row.webhook_url.is_none() {
            row.webhook_key = None;
            return Ok(None);
        }
        let new_url = row.webhook_key.is_none() && wish.webhook_url.is_some();
        if !new_url && !wish.new_webhook_key {
            return Ok(None);
        }
        let key = random::webhook_key()?;
        let place = Place { purpose: "webhook", tenant: &row.id, identifier: "", version: 1 };
        row.webhook_key = Some(self.vault.seal(&place, &SecretString::from(key.as_str()))?);
        Ok(Some(key.to_string()))
    }
}

/// Sets a field to what a wish says, if it says something: nothing, if that is empty.
fn set<W: ?Sized, T>(
    field: &mut Option<T>,
    wish: Option<&W>,
    is_empty: impl Fn(&W) -> bool,
    check: impl Fn(&W) -> Result<T, AccountsError>,
) -> Result<(), AccountsError> {
    if let Some(wish) = wish {
        *field = if is_empty(wish) { None } else { Some(check(wish)?) };
    }
    Ok(())
}

/// What the trail says of a tenant.
fn summary(row: &TenantRow, new_key: bool) -> serde_json::Value {
    json!({
        "name": row.name,
        "public_url": row.public_url,
        "return_urls": row.return_urls,
        "webhook_url": row.webhook_url,
        "new_webhook_key": new_key,
    })
}
