//! Tokens, by which a tenant's requests show that they are its own.

use serde_json::json;

use super::events::of_tenant;
use super::{Accounts, AccountsError, User, random, valid};
use crate::store::records::TokenRow;

/// How tokens begin, so that scanners find those that were published by mistake.
const PREFIX: &str = "fdp_";

/// Longest name of a token, in characters.
const LONGEST_NAME: usize = 100;

/// How a new token is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenWish {
    /// The tenant that it is for.
    pub tenant: String,
    /// The one user that it is good for; none: all of the tenant's.
    pub identifier: Option<String>,
    /// What it is for, in the operator's words.
    pub name: String,
    /// When it ends, in milliseconds since 1970; none: it does not.
    pub expires_at: Option<i64>,
    /// The tools that it is good for; none: all.
    pub tools: Option<Vec<String>>,
}

/// A token, of which nobody knows more than this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id, to name it by.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// The user that it is good for; none: all of the tenant's.
    pub identifier: Option<String>,
    /// What it is for, in the operator's words.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When it ends, if it does.
    pub expires_at: Option<i64>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<i64>,
    /// The tools that it is good for, in the contract's order; none: all.
    pub tools: Option<Vec<String>>,
}

/// Who shows a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub tenant: String,
    /// The one user that it may speak for; none: all of the tenant's.
    pub identifier: Option<String>,
    /// What its token is named by: the id of one that a host made, the issuer of any other.
    pub token: String,
    /// The tools that it may call; none: all.
    pub tools: Option<Vec<String>>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant,
            identifier: row.identifier,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            tools: row.tools,
        }
    }
}

impl Caller {
    /// Whether it may speak for this user.
    pub fn may(&self, user: &User) -> bool {
        self.tenant == user.tenant() && self.identifier.as_deref().is_none_or(|own| own == user.identifier())
    }

    /// Whether it may call the tool of this name.
    pub fn may_call(&self, tool: &str) -> bool {
        self.tools.as_ref().is_none_or(|tools| tools.iter().any(|own| own == tool))
    }
}

impl Accounts {
    /// Makes a token for a tenant, or for one user of it. The token itself comes back once.
    ///
    /// # Errors
    ///
    /// Fails when there is no such tenant, or the name, the user, the end or the tools cannot be.
    pub async fn create_token(&self, wish: &TokenWish) -> Result<(Token, String), AccountsError> {
        let TokenWish { tenant, identifier, name, expires_at, tools } = wish;
        self.tenant_row(tenant).await?;
        if let Some(identifier) = identifier {
            User::new(tenant, identifier).map_err(|why| AccountsError::refused(why.to_string()))?;
        }
        let created_at = self.now();
        if expires_at.is_some_and(|end| end <= created_at) {
            return Err(AccountsError::refused("the token would have ended already"));
        }
        let tools = tools.as_deref().map(|tools| self.known_tools(tools)).transpose()?;
        let token = format!("{PREFIX}{}", random::token()?);
        let row = TokenRow {
            id: random::id("tok")?,
            hash: random::hash(&token),
            tenant: tenant.clone(),
            identifier: identifier.clone(),
            name: valid::text("a token's name", name, LONGEST_NAME)?,
            created_at,
            expires_at: *expires_at,
            revoked_at: None,
            tools,
        };
        let detail = json!({
            "token": row.id,
            "name": row.name,
            "identifier": identifier,
            "expires_at": expires_at,
            "tools": row.tools,
        });
        if !self.store.create_token(&row, of_tenant("token.created", tenant, created_at, detail)).await? {
            return Err(AccountsError::Missing("tenant"));
        }
        Ok((row.into(), token))
    }

    /// These tools, in the contract's order and each once.
    fn known_tools(&self, names: &[String]) -> Result<Vec<String>, AccountsError> {
        let known: Vec<_> = self.host.tools().iter().map(|tool| tool.name().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            return Err(AccountsError::refused(format!(
                "there is no tool {unknown:?}; the tools are {}",
                known.join(", ")
            )));
        }
        if names.is_empty() {
            return Err(AccountsError::refused("a token without any tool is good for nothing; name at least one tool"));
        }
        Ok(known.into_iter().filter(|tool| names.contains(tool)).collect())
    }

    /// A tenant's tokens, in the order of their making, revoked ones included.
    ///
    /// # Errors
    ///
    /// Fails when there is no such tenant.
    pub async fn tokens(&self, tenant: &str) -> Result<Vec<Token>, AccountsError> {
        self.tenant_row(tenant).await?;
        Ok(self.store.tokens(tenant).await?.into_iter().map(Token::from).collect())
    }

    /// Revokes a token of a tenant.
    ///
    /// # Errors
    ///
    /// Fails when the tenant has none of this id that is not revoked.
    pub async fn revoke_token(&self, tenant: &str, id: &str) -> Result<(), AccountsError> {
        let at = self.now();
        let entry = of_tenant("token.revoked", tenant, at, json!({"token": id}));
        if self.store.revoke_token(tenant, id, at, entry).await? {
            Ok(())
        } else {
            Err(AccountsError::Missing("token"))
        }
    }

    /// Who shows this token; none when it is no token, has ended or was revoked.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn who_is(&self, token: &str) -> Result<Option<Caller>, AccountsError> {
        if !token.strip_prefix(PREFIX).is_some_and(random::is_token) {
            return Ok(None);
        }
        let hash = random::hash(token);
        let row = self.store.token(&hash).await?.filter(|row| random::same(&row.hash, &hash));
        let good = row.filter(|row| row.revoked_at.is_none() && row.expires_at.is_none_or(|end| end > self.now()));
        Ok(good.map(|row| Caller { tenant: row.tenant, identifier: row.identifier, token: row.id, tools: row.tools }))
    }
}
