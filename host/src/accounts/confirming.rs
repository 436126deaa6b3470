//! Confirming: a verified key becomes an account's once it is plain that its owner is the account's user.

use std::fmt;

use serde_json::json;
use tracing::warn;

use super::connecting::{of_account, of_link};
use super::events::{Reason, entry};
use super::verifying::{right_helpdesk, right_person};
use super::visit::name_of;
use super::{Accounts, AccountsError, ConfirmError, LinkError, Record, State, User, links, random, tries};
use crate::account::Person;
use crate::store::records::{AccountRow, Candidate, LinkRow, LinkState, Proof};
use crate::vault::{Place, Sealed};

/// Time that a tenant has at least to confirm, in milliseconds: a browser is sent back at once, but a server may be
/// down.
const TO_CONFIRM: i64 = 10 * 60 * 1000;

/// Time within which a second press of the button is answered as the first one was, in milliseconds.
const SECOND_PRESS: i64 = 10_000;

/// What a confirmation led to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Confirmed {
    /// The account is active.
    Active(Box<AccountRow>),
    /// The browser is to go back to its tenant, which confirms.
    Return(String),
}

/// Does not show the address, which has the confirmation in it.
impl fmt::Debug for Confirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Active(account) => f.debug_tuple("Active").field(account).finish(),
            Self::Return(_) => f.debug_tuple("Return").finish_non_exhaustive(),
        }
    }
}

impl Accounts {
    /// The user confirms whom the link is about to connect: the one that was `seen`, as [`Visit::seen`] named it, and
    /// nobody whom another holder of the link put in that place meanwhile. A second press of the button is answered as
    /// the first.
    ///
    /// [`Visit::seen`]: super::Visit::seen
    pub(crate) async fn accept(&self, token: &str, seen: &str, code: Option<&str>) -> Result<Confirmed, ConfirmError> {
        if let Some(account) = self.just_connected(token).await? {
            return Ok(Confirmed::Active(Box::new(account)));
        }
        let link = self.usable(token).await?;
        let candidate = link.candidate.clone().ok_or(ConfirmError::Nothing)?;
        if name_of(&candidate) != seen {
            return Err(ConfirmError::Changed);
        }
        match &link.proof {
            Proof::Return { url, state } => self.send_back(&link, seen, url, state.as_deref()).await,
            Proof::Email(_) => self.finish(link, candidate).await,
            Proof::Code(hash) => {
                self.check_code(&link, hash, code.unwrap_or_default()).await?;
                self.finish(link, candidate).await
            }
        }
    }

    /// The tenant says, from the user's own session, that this user did what the confirmation token stands for.
    ///
    /// # Errors
    ///
    /// Fails when nothing waits for this confirmation, also because the user is another one, which is noted.
    pub async fn confirm(&self, user: &User, confirmation: &str) -> Result<Record, AccountsError> {
        let (link, candidate) = self.confirmable(user, confirmation).await?;
        match self.complete(&link, candidate).await? {
            Some(row) => Ok(row.into()),
            None => Err(changed()),
        }
    }

    /// Whom [`Accounts::confirm`] would connect, and the label of the helpdesk; connects nothing. The tenant shows that to
    /// the user, who may have been sent to it by somebody else, before it confirms.
    ///
    /// # Errors
    ///
    /// Fails as [`Accounts::confirm`] does.
    pub async fn waiting(&self, user: &User, confirmation: &str) -> Result<(String, Person), AccountsError> {
        let (link, candidate) = self.confirmable(user, confirmation).await?;
        self.fitting(&link, &candidate).await?.ok_or_else(changed)?;
        Ok((candidate.helpdesk, candidate.person))
    }

    /// The link and the candidate that a confirmation stands for, if it is this user's.
    async fn confirmable(&self, user: &User, confirmation: &str) -> Result<(LinkRow, Candidate), AccountsError> {
        const WHAT: AccountsError = AccountsError::Missing("confirmation");
        let waiting = self.store.waiting_link(&random::hash(confirmation)).await?;
        let link = waiting.filter(|link| link.expires_at > self.now()).ok_or(WHAT)?;
        if link.user != *user {
            warn!(tenant = user.tenant(), link = links::name(&link.hash), "another user's link was confirmed");
            let detail = json!({"link": links::name(&link.hash), "by_tenant": user.tenant(), "by": user.identifier()});
            self.store.write(entry("link.confirmed_by_other", &link.user, self.now(), detail)).await?;
            return Err(WHAT);
        }
        let candidate = link.candidate.clone().ok_or(WHAT)?;
        let meant = random::confirmation(&self.shared_key, &link.hash, &name_of(&candidate));
        if !random::same(meant.as_bytes(), confirmation.as_bytes()) {
            return Err(WHAT);
        }
        Ok((link, candidate))
    }

    /// Lets the link wait for its tenant. The address is the same however often it is asked for.
    async fn send_back(
        &self,
        link: &LinkRow,
        seen: &str,
        url: &str,
        state: Option<&str>,
    ) -> Result<Confirmed, ConfirmError> {
        let confirmation = random::confirmation(&self.shared_key, &link.hash, seen);
        if link.state == LinkState::Live {
            let until = link.expires_at.max(self.now() + TO_CONFIRM);
            let waits = entry("link.waits", &link.user, self.now(), json!({"link": links::name(&link.hash)}));
            let waits = self.store.wait_link(&link.hash, &random::hash(&confirmation), until, waits).await?;
            let link = if waits { None } else { self.store.link(&link.hash).await? };
            if !waits && link.is_none_or(|link| link.state != LinkState::Waiting) {
                return Err(LinkError::Gone.into());
            }
        }
        Ok(Confirmed::Return(with(url, &confirmation, state)))
    }

    /// Compares a code with the one that the tenant shows. It is a try only if something was typed.
    async fn check_code(&self, link: &LinkRow, hash: &[u8], code: &str) -> Result<(), ConfirmError> {
        let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if code.is_empty() {
            return Err(ConfirmError::WrongCode { left: (tries::ALL - link.tries).max(0) });
        }
        let tried = json!({"link": links::name(&link.hash), "what": "code"});
        self.count_try(link, tries::ALL, tried).await?;
        if random::same(hash, &random::code_hash(&self.shared_key, &link.hash, &code)) {
            return Ok(());
        }
        Err(ConfirmError::WrongCode { left: self.failed(link, tries::ALL).await? })
    }

    async fn finish(&self, link: LinkRow, candidate: Candidate) -> Result<Confirmed, ConfirmError> {
        if let Some(row) = self.complete(&link, candidate).await? {
            return Ok(Confirmed::Active(Box::new(row)));
        }
        // Of two that were confirmed at the same time, one did it for both.
        let used = self.store.link(&link.hash).await?.is_some_and(|link| link.state == LinkState::Used);
        match self.row(&link.user).await? {
            row if used && row.state == State::Active => {
                Ok(Confirmed::Active(Box::new(AccountRow { key: None, ..row })))
            }
            _ => Err(ConfirmError::Changed),
        }
    }

    /// Makes the account active. None when it, or what is expected of it, changed since the key was verified.
    async fn complete(&self, link: &LinkRow, candidate: Candidate) -> Result<Option<AccountRow>, AccountsError> {
        let Some(account) = self.fitting(link, &candidate).await? else { return Ok(None) };
        let reason = if account.version == 0 { Reason::Connected } else { Reason::Reconnected };
        let key = self.reseal(link, &candidate.key, account.version + 1)?;
        self.connect(account, Candidate { key, ..candidate }, Some(link), reason).await
    }

    /// The account that a link connects, if the candidate is whom it expects now.
    async fn fitting(&self, link: &LinkRow, candidate: &Candidate) -> Result<Option<AccountRow>, AccountsError> {
        let account = self.row(&link.user).await?;
        let right = right_helpdesk(&account, link, &candidate.helpdesk).is_ok()
            && right_person(&account, link, &candidate.person).is_ok();
        Ok(right.then_some(account))
    }

    /// The candidate's key, sealed as this version of the account's.
    fn reseal(&self, link: &LinkRow, sealed: &Sealed, version: i64) -> Result<Sealed, AccountsError> {
        let identifier = random::hex(&link.hash);
        let secret = self.vault.open(&of_link(link, &identifier), sealed)?;
        Ok(self.vault.seal(&Place { version, ..of_account(&link.user) }, &secret)?)
    }

    /// The account that this link connected a moment ago.
    async fn just_connected(&self, token: &str) -> Result<Option<AccountRow>, ConfirmError> {
        let Some(link) = self.find(token).await?.filter(|link| link.state == LinkState::Used) else { return Ok(None) };
        let row = self.row(&link.user).await?;
        let recent = row.state == State::Active && self.now() - row.changed_at < SECOND_PRESS;
        Ok(recent.then_some(AccountRow { key: None, ..row }))
    }
}

/// What is expected of an account changed since the key was verified.
fn changed() -> AccountsError {
    AccountsError::refused("the account changed in between: make a new link")
}

/// The address to send the browser to: the tenant's, with what it needs to confirm.
fn with(url: &str, confirmation: &str, state: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("confirmation", confirmation);
    query.extend_pairs(state.map(|state| ("state", state)));
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_gets_back_what_it_said() {
        assert_eq!(
            with("https://a.example/b", "abc", Some("x=1&y")),
            "https://a.example/b?confirmation=abc&state=x%3D1%26y"
        );
        assert_eq!(with("https://a.example/b?c=d", "abc", None), "https://a.example/b?c=d&confirmation=abc");
    }
}
