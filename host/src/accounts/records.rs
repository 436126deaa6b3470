//! Accounts as everybody may see them: made, read, listed, disconnected.

use freshdesk_label::Label;
use serde_json::{Value, json};

use super::events::{Reason, change, entry};
use super::{Accounts, AccountsError, State, User, locked, moment, random, valid};
use crate::account::Person;
use crate::store::records::AccountRow;

/// Longest name of an account, and longest description, in characters: a line, and a paragraph.
const LONGEST_NAME: usize = 100;
const LONGEST_DESCRIPTION: usize = 1000;

/// Most accounts of a page.
pub(super) const LONGEST_PAGE: u32 = 1000;

/// How often a change is tried again that others came before.
pub(super) const TRIES: u32 = 5;

/// What the operator says of an account when it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// What the operator calls it.
    pub name: Option<String>,
    /// What the operator says about it.
    pub description: Option<String>,
    /// The e-mail by which Freshdesk has to know who connects.
    pub expected_email: Option<String>,
    /// The helpdesk that has to be connected.
    pub expected_helpdesk: Option<Label>,
}

/// An account, as everybody may see it: all but its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub user: User,
    /// Its id, to name it by: never looked up without its user.
    pub id: String,
    /// Its state.
    pub state: State,
    /// What the operator calls it.
    pub name: Option<String>,
    /// What the operator says about it.
    pub description: Option<String>,
    /// The e-mail by which Freshdesk has to know who connects.
    pub expected_email: Option<String>,
    /// The label of the helpdesk that has to be connected.
    pub expected_helpdesk: Option<String>,
    /// The label of the helpdesk that it is or was connected to.
    pub helpdesk: Option<String>,
    /// The support agent that it is or was connected as.
    pub person: Option<Person>,
    /// The names of that agent's roles, where they were readable.
    pub roles: Vec<String>,
    /// The version of its key: 0 before the first, one more with each.
    pub version: i64,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// When its state changed last.
    pub changed_at: i64,
}

impl From<AccountRow> for Record {
    fn from(row: AccountRow) -> Self {
        Self {
            user: row.user,
            id: row.id,
            state: row.state,
            name: row.name,
            description: row.description,
            expected_email: row.expected_email,
            expected_helpdesk: row.expected_helpdesk,
            helpdesk: row.helpdesk,
            person: row.person,
            roles: row.roles,
            version: row.version,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

impl Record {
    /// The account as one JSON object; times as in `2026-11-27T09:30:00Z`.
    pub fn to_json(&self) -> Value {
        let person = self.person.as_ref();
        let person = person.map(|person| json!({"id": person.id, "name": person.name, "email": person.email}));
        json!({
            "id": self.id,
            "tenant": self.user.tenant(),
            "identifier": self.user.identifier(),
            "connection_name": "freshdesk",
            "state": self.state.as_str(),
            "name": self.name,
            "description": self.description,
            "expected_email": self.expected_email,
            "expected_helpdesk": self.expected_helpdesk,
            "helpdesk": self.helpdesk,
            "person": person,
            "roles": self.roles,
            "version": self.version,
            "created_at": moment(self.created_at),
            "changed_at": moment(self.changed_at),
        })
    }
}

impl Wish {
    /// The wish with texts that can be kept.
    fn checked(&self) -> Result<Self, AccountsError> {
        let text = |what, text: &Option<String>, longest| {
            text.as_deref().map(|text| valid::text(what, text, longest)).transpose()
        };
        Ok(Self {
            name: text("an account's name", &self.name, LONGEST_NAME)?,
            description: text("an account's description", &self.description, LONGEST_DESCRIPTION)?,
            expected_email: self.expected_email.as_deref().map(valid::email).transpose()?,
            expected_helpdesk: self.expected_helpdesk.clone(),
        })
    }

    /// Sets what it says something about.
    fn set(&self, row: &mut AccountRow) {
        let Self { name, description, expected_email, expected_helpdesk } = self.clone();
        let expected_helpdesk = expected_helpdesk.map(|label| label.to_string());
        for (field, wish) in [
            (&mut row.name, name),
            (&mut row.description, description),
            (&mut row.expected_email, expected_email),
            (&mut row.expected_helpdesk, expected_helpdesk),
        ] {
            *field = wish.or(field.take());
        }
    }
}

impl Accounts {
    /// The user's account: the one there is, or a new one, pending. What `wish` says is set where it says something.
    /// The flag tells whether it is new, which for many who ask at the same time it is for one of them. One that was
    /// disconnected is made anew, pending, and may be connected to another helpdesk as another person.
    ///
    /// # Errors
    ///
    /// Fails when there is no such tenant, or a wish cannot be kept.
    pub async fn get_or_create(&self, user: &User, wish: &Wish) -> Result<(Record, bool), AccountsError> {
        let wish = wish.checked()?;
        for _ in 0..TRIES {
            match self.store.account(user).await? {
                Some(row) if row.state != State::Disconnected => {
                    if self.set(&row, &wish).await? {
                        return Ok((self.row(user).await?.into(), false));
                    }
                }
                removed => {
                    if let Some(row) = self.create(user, removed, &wish).await? {
                        return Ok((row.into(), true));
                    }
                }
            }
        }
        Err(AccountsError::Busy)
    }

    /// Makes an account; none when somebody else did meanwhile.
    async fn create(
        &self,
        user: &User,
        removed: Option<AccountRow>,
        wish: &Wish,
    ) -> Result<Option<AccountRow>, AccountsError> {
        self.store.tenant(user.tenant()).await?.ok_or(AccountsError::Missing("tenant"))?;
        let (at, old) = (self.now(), removed.as_ref().map(|row| row.state));
        let mut row = new(user, at)?;
        if let Some(removed) = removed {
            // Versions are never used twice: a late refusal of the old key must not be taken for one of a new key.
            (row.id, row.version, row.created_at) = (removed.id, removed.version, removed.created_at);
        }
        wish.set(&mut row);
        let (event, entry) = change(&row, old, State::Pending, Reason::Created, at, json!({}))?;
        Ok(self.store.create_account(&row, &event, entry).await?.then_some(row))
    }

    /// Sets what the wish says, and nothing else: others may set the rest meanwhile. False when the account is gone by
    /// then.
    async fn set(&self, row: &AccountRow, wish: &Wish) -> Result<bool, AccountsError> {
        let mut wished = row.clone();
        wish.set(&mut wished);
        if wished == *row {
            return Ok(true);
        }
        let detail = json!({
            "name": wish.name,
            "expected_email": wish.expected_email,
            "expected_helpdesk": wish.expected_helpdesk.as_ref().map(ToString::to_string),
        });
        let entry = entry("account.set", &row.user, self.now(), detail);
        Ok(self.store.set_account(&row.user, wish, entry).await?)
    }

    /// The user's account.
    ///
    /// # Errors
    ///
    /// Fails when there is none.
    pub async fn get(&self, user: &User) -> Result<Record, AccountsError> {
        Ok(self.row(user).await?.into())
    }

    /// A page of accounts by tenant and identifier: those of `tenant`, or all; those in this state, or in any; those after
    /// `after`. A thousand at most.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn list(
        &self,
        tenant: Option<&str>,
        state: Option<State>,
        after: Option<&User>,
        limit: u32,
    ) -> Result<Vec<Record>, AccountsError> {
        let limit = limit.clamp(1, LONGEST_PAGE);
        let rows = self.store.accounts(tenant, state, after, limit.into()).await?;
        Ok(rows.into_iter().map(Record::from).collect())
    }

    /// Removes an account: its key and what its calls answered are destroyed, its links are cancelled. One that is removed already is left as it is.
    ///
    /// # Errors
    ///
    /// Fails when there is none.
    pub async fn disconnect(&self, user: &User) -> Result<Record, AccountsError> {
        for _ in 0..TRIES {
            let mut row = self.row(user).await?;
            if row.state == State::Disconnected {
                return Ok(row.into());
            }
            let (at, old) = (self.now(), row.state);
            let detail = json!({"version": row.version});
            let (event, entry) = change(&row, Some(old), State::Disconnected, Reason::Disconnected, at, detail)?;
            if self.store.disconnect(user, &event, entry).await? {
                locked(&self.kept).pop(user);
                (row.state, row.changed_at, row.key) = (State::Disconnected, at, None);
                return Ok(row.into());
            }
        }
        Err(AccountsError::Busy)
    }

    /// The user's account as it is stored.
    pub(super) async fn row(&self, user: &User) -> Result<AccountRow, AccountsError> {
        self.store.account(user).await?.ok_or(AccountsError::Missing("account"))
    }
}

/// An account that nobody has connected yet.
fn new(user: &User, at: i64) -> Result<AccountRow, AccountsError> {
    Ok(AccountRow {
        user: user.clone(),
        id: random::id("acc")?,
        state: State::Pending,
        name: None,
        description: None,
        expected_email: None,
        expected_helpdesk: None,
        helpdesk: None,
        person: None,
        roles: Vec::new(),
        version: 0,
        key: None,
        created_at: at,
        changed_at: at,
    })
}
