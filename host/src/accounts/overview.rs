//! What a tenant sees of all that is its own, a page at a time: helpdesks and tokens.

use freshdesk_label::Label;

use super::records::LONGEST_PAGE;
use super::{Accounts, AccountsError, Token};

impl Accounts {
    /// A page of the helpdesks that a tenant's active accounts are connected to, those after this label, and how many
    /// accounts each has. A thousand at most.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn helpdesks(
        &self,
        tenant: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(Label, u64)>, AccountsError> {
        let limit = limit.clamp(1, LONGEST_PAGE).into();
        let rows = self.store.helpdesks(tenant, after.unwrap_or_default(), limit).await?;
        let known =
            |(label, accounts): (String, i64)| Some((Label::parse(&label).ok()?, u64::try_from(accounts).ok()?));
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// A page of a tenant's tokens in the order of their making, revoked ones included: those after the one of this id. A
    /// thousand at most.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn tokens_after(
        &self,
        tenant: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Token>, AccountsError> {
        let limit = limit.clamp(1, LONGEST_PAGE).into();
        let rows = self.store.tokens_after(tenant, after.unwrap_or_default(), limit).await?;
        Ok(rows.into_iter().map(Token::from).collect())
    }
}
