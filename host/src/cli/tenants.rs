//! Tenants: create, list, set.

use std::ffi::OsString;
use std::fs;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::accounts::{Common, counted, shown};
use super::{moment, print};
use crate::{Tenant, TenantWish};

/// Tenants: the applications whose users connect.
#[derive(Debug, Subcommand)]
pub(super) enum Tenants {
    /// Make a tenant
    Create(Box<Set>),
    /// List tenants
    List(Common),
    /// Show one tenant
    Show(Show),
    /// Change a tenant, as far as something is said; an empty text takes away what there was
    Set(Box<Set>),
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// The tenant's id
    id: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Set {
    /// The tenant's id: a word of a to z, 0 to 9 and hyphens
    id: String,
    /// The name that its users know it by
    #[arg(long)]
    name: Option<String>,
    /// Its logo as PNG, JPEG or WebP, at most 64 kB; an empty name takes it away
    #[arg(long, value_name = "FILE")]
    logo: Option<OsString>,
    /// Its colour, as in #1f6feb
    #[arg(long, alias = "color")]
    colour: Option<String>,
    /// Where its users reach the connect page, if not at the host's own address
    #[arg(long = "own-url", value_name = "URL")]
    own_url: Option<String>,
    /// An address that its users may be sent back to, exactly; can be given more than once
    #[arg(long, value_name = "URL")]
    return_url: Option<Vec<String>>,
    /// Where changes of its accounts are posted to
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Make a new key by which those are signed
    #[arg(long)]
    new_webhook_key: bool,
    #[command(flatten)]
    common: Common,
}

impl Tenants {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Create(set) => {
                let (wish, id) = (set.wish()?, set.id);
                let made = set.common.with_new(async |accounts| Ok(accounts.create_tenant(&id, &wish).await?)).await?;
                tell(&made, set.common.json)
            }
            Self::Set(set) => {
                let (wish, id) = (set.wish()?, set.id);
                let made = set.common.with(async |accounts| Ok(accounts.set_tenant(&id, &wish).await?)).await?;
                tell(&made, set.common.json)
            }
            Self::Show(Show { id, common }) => {
                let tenant = common.with(async |accounts| Ok(accounts.tenant(&id).await?)).await?;
                if common.json { print(&to_json(&tenant)) } else { tell(&(tenant, None), false) }
            }
            Self::List(common) => {
                let tenants = common.with(async |accounts| Ok(accounts.tenants().await?)).await?;
                if common.json {
                    return print(&Value::Array(tenants.iter().map(to_json).collect()));
                }
                for tenant in &tenants {
                    anstream::println!(
                        "{:<24} since {}  {}",
                        tenant.id,
                        moment(tenant.created_at),
                        shown(&tenant.name)
                    );
                }
                anstream::println!("{}", counted(tenants.len(), "tenant", "tenants"));
                Ok(())
            }
        }
    }
}

impl Set {
    fn wish(&self) -> Result<TenantWish> {
        let read = |file: &OsString| match file.is_empty() {
            true => Ok(Vec::new()),
            false => fs::read(file).with_context(|| format!("cannot read {}", file.display())),
        };
        let return_urls = self.return_url.as_ref();
        Ok(TenantWish {
            name: self.name.clone(),
            logo: self.logo.as_ref().map(read).transpose()?,
            colour: self.colour.clone(),
            public_url: self.own_url.clone(),
            return_urls: return_urls.map(|urls| urls.iter().filter(|url| !url.is_empty()).cloned().collect()),
            webhook_url: self.webhook_url.clone(),
            new_webhook_key: self.new_webhook_key,
        })
    }
}

/// A tenant as one JSON object, without the picture itself.
fn to_json(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "logo": tenant.logo.is_some(),
        "colour": tenant.colour,
        "public_url": tenant.public_url,
        "return_urls": tenant.return_urls,
        "webhook_url": tenant.webhook_url,
        "created_at": moment(tenant.created_at),
    })
}

/// Tells one tenant, and the key that its events are signed by when it is new.
fn tell((tenant, key): &(Tenant, Option<String>), as_json: bool) -> Result<()> {
    let told = to_json(tenant);
    if as_json {
        return print(&json!({"tenant": told, "webhook_key": key}));
    }
    let said = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != json!([]);
    for (what, value) in told.as_object().into_iter().flatten().filter(|(_, value)| said(value)) {
        anstream::println!("{what:<12} {}", shown(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    }
    if let Some(key) = key {
        anstream::println!("Its events are signed by this key, which is shown once:\n  {key}");
    }
    Ok(())
}
