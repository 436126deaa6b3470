//! Verifying: whose key it is, as Freshdesk says, and whether that is who was expected.

use std::sync::Arc;
use std::time::Duration;

use freshdesk_label::Label;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Accounts, AccountsError, OfferError, valid};
use crate::account::{Account, Person};
use crate::error::{CallError, harmless};
use crate::store::records::{AccountRow, LinkRow, Proof};

/// Time for the names of roles, which are nice to have: administrators alone may read them.
const ROLES: Duration = Duration::from_secs(3);

/// Longest name or e-mail of a person, or name of a role, in characters. They are Freshdesk's, or whose helpdesk it is.
const LONGEST: usize = 200;

/// Most roles that are kept.
const MOST_ROLES: usize = 20;

/// Whose key it is.
pub(super) struct Owner {
    pub(super) person: Person,
    /// The names of the person's roles, where they were readable.
    pub(super) roles: Vec<String>,
}

impl Accounts {
    /// Whose key an account in memory has, as Freshdesk says; its role names where they are readable.
    pub(super) async fn owner(&self, asked: &Arc<Account>) -> Result<Owner, CallError> {
        let (person, role_ids) = self.host.who_and_roles(asked).await?;
        let roles = timeout(ROLES, self.roles(asked, &role_ids)).await.ok().flatten().unwrap_or_default();
        let clean = |text: Option<String>| text.map(|text| harmless(text.trim(), LONGEST));
        let person = Person { id: person.id, name: clean(person.name), email: clean(person.email) };
        Ok(Owner { person, roles })
    }

    /// The names of these roles, if the key's owner may read them.
    async fn roles(&self, asked: &Arc<Account>, ids: &[u64]) -> Option<Vec<String>> {
        if ids.is_empty() {
            return None;
        }
        let answer = self.host.call(asked, "freshdesk_roles_list", &json!({"per_page": 100})).await.ok()?;
        let roles = answer["roles"].as_array()?.iter();
        let own = roles.filter(|role| role["id"].as_u64().is_some_and(|id| ids.contains(&id)));
        Some(own.filter_map(|role| Some(harmless(role["name"].as_str()?, LONGEST))).take(MOST_ROLES).collect())
    }
}

/// Fails unless this is the helpdesk that the tenant expects and, where it has to be, the one that was connected
/// before.
pub(super) fn right_helpdesk(account: &AccountRow, link: &LinkRow, helpdesk: &str) -> Result<(), OfferError> {
    let before = account.helpdesk.as_ref().filter(|_| !link.allow_other);
    let other = account.expected_helpdesk.iter().chain(before).find(|expected| *expected != helpdesk);
    other.map_or(Ok(()), |expected| Err(OfferError::OtherHelpdesk { expected: expected.clone() }))
}

/// Fails unless this is who is expected: by the e-mail of the link and by that of the account, which may expect another one
/// since the link was made; and, where it has to be, who was connected before.
pub(super) fn right_person(account: &AccountRow, link: &LinkRow, person: &Person) -> Result<(), OfferError> {
    let before = account.person.as_ref().filter(|_| !link.allow_other);
    let proof = match &link.proof {
        Proof::Email(email) => Some(email),
        _ => None,
    };
    let mut emails = proof.into_iter().chain(&account.expected_email);
    let same = before.is_none_or(|before| before.id == person.id);
    let named = emails.all(|email| valid::same_email(email, person.email.as_deref()));
    if same && named { Ok(()) } else { Err(OfferError::OtherPerson) }
}

/// Fails when the account expects another helpdesk than that of an import.
pub(super) fn expected_helpdesk(account: &AccountRow, helpdesk: &Label) -> Result<(), AccountsError> {
    match account.expected_helpdesk.as_ref().filter(|expected| **expected != helpdesk.to_string()) {
        Some(expected) => Err(AccountsError::refused(format!(
            "this account expects the helpdesk {expected}: set another expected helpdesk first"
        ))),
        None => Ok(()),
    }
}

/// Fails when the account expects another helpdesk or e-mail than those of an import.
pub(super) fn expected(account: &AccountRow, helpdesk: &Label, person: &Person) -> Result<(), AccountsError> {
    expected_helpdesk(account, helpdesk)?;
    match &account.expected_email {
        Some(email) if !valid::same_email(email, person.email.as_deref()) => Err(AccountsError::refused(
            "Freshdesk names another e-mail for this key than the account expects: set another expected e-mail first",
        )),
        _ => Ok(()),
    }
}

/// What the page tells of a key that Freshdesk did not answer for.
pub(super) fn refusal(why: &CallError) -> OfferError {
    let CallError::Tool { error, .. } = why else { return OfferError::Unavailable { retry_after: None } };
    match error.case.as_str() {
        "revoked" => OfferError::WrongKey { left: 0 },
        "not_found" => OfferError::NoHelpdesk,
        "forbidden" => {
            OfferError::Forbidden { code: error.detail.get("code").and_then(Value::as_str).map(str::to_owned) }
        }
        _ => OfferError::Unavailable { retry_after: error.detail.get("retry_after").and_then(Value::as_u64) },
    }
}
