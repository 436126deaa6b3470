//! Tokens: create, list, revoke.

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::accounts::{Common, counted, shown};
use super::{moment, print};
use crate::{Token, TokenWish};

/// Tokens, by which a tenant and its agents show who they are.
#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// Make a token; it is shown once
    Create(Create),
    /// List a tenant's tokens, revoked ones included
    List(List),
    /// Revoke a token
    Revoke(Revoke),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// The tenant's id
    tenant: String,
    /// What the token is for
    #[arg(long)]
    name: String,
    /// The one user that it is good for; all of the tenant's by default
    #[arg(long)]
    identifier: Option<String>,
    /// Days after which it ends; it does not by default
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
    /// The tools that it is good for, as `tools` lists them, with commas between; all by default
    #[arg(long, value_name = "TOOLS", value_delimiter = ',')]
    tools: Option<Vec<String>>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// The tenant's id
    tenant: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
pub(super) struct Revoke {
    /// The tenant's id
    tenant: String,
    /// The token's id, as `tokens list` names it
    id: String,
    #[command(flatten)]
    common: Common,
}

/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;

impl Tokens {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Create(create) => create.run().await,
            Self::List(List { tenant, common }) => {
                let list = async |accounts: &crate::Accounts| Ok((accounts.tokens(&tenant).await?, accounts.now()));
                let (tokens, now) = common.with(list).await?;
                if common.json {
                    return print(&Value::Array(tokens.iter().map(to_json).collect()));
                }
                for token in &tokens {
                    anstream::println!("{}", line(token, now));
                }
                anstream::println!("{}", counted(tokens.len(), "token", "tokens"));
                Ok(())
            }
            Self::Revoke(Revoke { tenant, id, common }) => {
                common.with(async |accounts| Ok(accounts.revoke_token(&tenant, &id).await?)).await?;
                if common.json {
                    return print(&json!({"id": id, "revoked": true}));
                }
                anstream::println!("{id} is revoked");
                Ok(())
            }
        }
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        let Self { tenant, name, identifier, days, tools, common } = self;
        let make = async |accounts: &crate::Accounts| {
            let now = accounts.now();
            let expires_at = days.map(|days| now + i64::from(days) * DAY);
            let wish = TokenWish { tenant, identifier, name, expires_at, tools };
            Ok((accounts.create_token(&wish).await?, now))
        };
        let ((token, secret), now) = common.with(make).await?;
        if common.json {
            return print(&json!({"token": secret, "about": to_json(&token)}));
        }
        anstream::println!("{}\nThe token, which is shown once:\n  {secret}", line(&token, now));
        Ok(())
    }
}

/// A token as one JSON object.
fn to_json(token: &Token) -> Value {
    json!({
        "id": token.id,
        "tenant": token.tenant,
        "identifier": token.identifier,
        "name": token.name,
        "tools": token.tools,
        "created_at": moment(token.created_at),
        "expires_at": token.expires_at.map(moment),
        "revoked_at": token.revoked_at.map(moment),
    })
}

/// A token in a line, as it is now.
fn line(token: &Token, now: i64) -> String {
    let state = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", moment(at)),
        (None, Some(at)) if at <= now => format!("ended {}", moment(at)),
        (None, Some(at)) => format!("ends {}", moment(at)),
        (None, None) => "no end".to_owned(),
    };
    let whose = token.identifier.as_deref().map_or(String::new(), |identifier| format!("  for {identifier}"));
    let tools = token.tools.as_ref().map_or(String::new(), |tools| format!("  may call {}", tools.join(", ")));
    shown(&format!("{:<28} {state:<30} {}{whose}{tools}", token.id, token.name))
}
