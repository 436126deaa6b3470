//! Connecting: a key is verified with Freshdesk before anything of it is stored.

use std::sync::Arc;

use freshdesk_label::Label;
use serde_json::json;
use tracing::info;

use super::events::{Reason, change, entry};
use super::verifying::{Owner, expected, expected_helpdesk, refusal, right_helpdesk, right_person};
use super::visit::name_of;
use super::{
    Accounts, AccountsError, LinkError, OfferError, Record, State, User, Wish, links, locked, random, records, tries,
};
use crate::account::{Account, ApiKey, Person};
use crate::store::records::{AccountRow, Candidate, Connect, LinkRow};
use crate::vault::Place;

impl Accounts {
    /// Verifies a key with Freshdesk and keeps it, sealed, with the link until it is confirmed. Answers whom it would
    /// connect, and its name, as [`Visit::seen`] gives it. Counts as one of the link's tries as soon as Freshdesk is
    /// asked; of a link with a code the last try is left for that.
    ///
    /// [`Visit::seen`]: super::Visit::seen
    pub(crate) async fn offer(
        &self,
        token: &str,
        helpdesk: &str,
        key: &str,
    ) -> Result<(Label, Person, String), OfferError> {
        let link = self.live(token).await?;
        let helpdesk = Label::parse(helpdesk)?;
        let key = ApiKey::new(key).map_err(|_| OfferError::Key)?;
        let account = self.row(&link.user).await?;
        right_helpdesk(&account, &link, &helpdesk.to_string())?;
        // Before the pace: a link whose tries are used up must take nobody's turn.
        if link.tries >= tries::for_keys(&link) {
            return Err(LinkError::Dead.into());
        }
        self.pace
            .take(link.user.tenant(), &helpdesk.to_string())
            .map_err(|seconds| OfferError::Unavailable { retry_after: Some(seconds) })?;
        let tried = json!({"link": links::name(&link.hash), "what": "key", "helpdesk": helpdesk.to_string()});
        self.count_try(&link, tries::for_keys(&link), tried).await?;
        let asked = Arc::new(Account::new(helpdesk.clone(), key));
        match self.examine(&asked, &account, &link).await {
            Ok(owner) => {
                let person = owner.person.clone();
                let seen = self.keep(&link, &helpdesk, owner, &asked).await?;
                Ok((helpdesk, person, seen))
            }
            Err(refused) => {
                let left = self.failed(&link, tries::for_keys(&link)).await?;
                let wrong = matches!(refused, OfferError::WrongKey { .. });
                Err(if wrong { OfferError::WrongKey { left } } else { refused })
            }
        }
    }

    /// Asks Freshdesk whose key it is, and compares that with who is expected.
    async fn examine(&self, asked: &Arc<Account>, account: &AccountRow, link: &LinkRow) -> Result<Owner, OfferError> {
        let owner = self.owner(asked).await.map_err(|why| refusal(&why))?;
        right_person(account, link, &owner.person)?;
        Ok(owner)
    }

    /// Keeps a verified key with its link, and names it.
    async fn keep(
        &self,
        link: &LinkRow,
        helpdesk: &Label,
        owner: Owner,
        asked: &Arc<Account>,
    ) -> Result<String, OfferError> {
        let secret = asked.key(VERIFY).map_err(|_| OfferError::Key)?;
        let identifier = random::hex(&link.hash);
        let place = of_link(link, &identifier);
        let key = self.vault.seal(&place, secret.secret()).map_err(AccountsError::from)?;
        let detail =
            json!({"link": links::name(&link.hash), "helpdesk": helpdesk.to_string(), "person": owner.person.id});
        let entry = entry("link.verified", &link.user, self.now(), detail);
        let candidate = Candidate { helpdesk: helpdesk.to_string(), person: owner.person, roles: owner.roles, key };
        let kept = self.store.offer(&link.hash, &candidate, entry).await?;
        if kept { Ok(name_of(&candidate)) } else { Err(LinkError::Gone.into()) }
    }

    /// Verifies a key and makes the account active, on the operator's own responsibility. Makes the account if there is
    /// none. The key goes to no other helpdesk than the account expects, and the trail has where it went, whatever came
    /// back.
    ///
    /// # Errors
    ///
    /// Fails when Freshdesk does not say whose key it is, and when it is not the helpdesk or the e-mail that the
    /// account expects.
    pub async fn import(&self, user: &User, helpdesk: Label, key: ApiKey) -> Result<Record, AccountsError> {
        self.tenant_row(user.tenant()).await?;
        let there = self.store.account(user).await?.filter(|row| row.state != State::Disconnected);
        there.map_or(Ok(()), |row| expected_helpdesk(&row, &helpdesk))?;
        let tried = json!({"helpdesk": helpdesk.to_string()});
        self.store.write(entry("account.import_tried", user, self.now(), tried)).await?;
        let asked = Arc::new(Account::new(helpdesk.clone(), key));
        let owner = self.owner(&asked).await?;
        let key = asked.key(VERIFY).map_err(|_| AccountsError::Busy)?;
        for _ in 0..records::TRIES {
            self.get_or_create(user, &Wish::default()).await?;
            let account = self.row(user).await?;
            expected(&account, &helpdesk, &owner.person)?;
            let place = Place { version: account.version + 1, ..of_account(user) };
            let key = self.vault.seal(&place, key.secret())?;
            let candidate = Candidate {
                helpdesk: helpdesk.to_string(),
                person: owner.person.clone(),
                roles: owner.roles.clone(),
                key,
            };
            if let Some(row) = self.connect(account, candidate, None, Reason::Imported).await? {
                return Ok(row.into());
            }
        }
        Err(AccountsError::Busy)
    }

    /// Makes an account active with the key of a candidate, sealed for the account's next version. None when it changed
    /// in between, or the link did.
    pub(super) async fn connect(
        &self,
        account: AccountRow,
        candidate: Candidate,
        link: Option<&LinkRow>,
        reason: Reason,
    ) -> Result<Option<AccountRow>, AccountsError> {
        let at = self.now();
        let version = account.version + 1;
        let Candidate { helpdesk, person, roles, key } = candidate;
        let connect = Connect {
            user: account.user.clone(),
            expected_version: account.version,
            expected_state: account.state,
            helpdesk: helpdesk.clone(),
            person: person.clone(),
            roles: roles.clone(),
            key,
            link: link.map(|link| link.hash.clone()),
            at,
        };
        let old = account.state;
        let row = AccountRow {
            state: State::Active,
            helpdesk: Some(helpdesk.clone()),
            person: Some(person.clone()),
            roles,
            version,
            key: None,
            changed_at: at,
            ..account
        };
        let mut detail = json!({"helpdesk": helpdesk, "person": person.id, "version": version});
        if let Some(link) = link {
            detail["link"] = links::name(&link.hash).into();
            detail["proof"] = links::proof_name(&link.proof).into();
        }
        let (event, entry) = change(&row, Some(old), State::Active, reason, at, detail)?;
        if !self.store.connect(&connect, &event, vec![entry]).await? {
            return Ok(None);
        }
        locked(&self.kept).pop(&row.user);
        locked(&self.handed).pop(&row.user);
        info!(tenant = row.user.tenant(), account = row.id, version, "connected");
        Ok(Some(row))
    }
}

/// What a key is handed out for that is sealed right afterwards.
const VERIFY: &str = "who";

/// Where the key of a link's candidate belongs.
pub(super) fn of_link<'a>(link: &'a LinkRow, identifier: &'a str) -> Place<'a> {
    Place { purpose: "link", tenant: link.user.tenant(), identifier, version: 1 }
}

/// Where an account's key belongs; the version is to be set.
pub(super) fn of_account(user: &User) -> Place<'_> {
    Place { purpose: "account", tenant: user.tenant(), identifier: user.identifier(), version: 0 }
}
