//! An account, as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::Person as FreshdeskPerson;
use crate::accounts::{Record, State, moment};

/// The state of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountState {
    /// Made, and never connected.
    Pending,
    /// Connected: calls go out.
    Active,
    /// Freshdesk refused its key: its user has to connect again.
    Revoked,
    /// Removed; its key is destroyed.
    Disconnected,
}

/// An account: all but its key, which nobody is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct Account {
    /// Its id, to name it by.
    #[schema(example = "acc_04c7b9a1d2e3f405162738aa")]
    id: String,
    /// The tenant whose it is.
    #[schema(example = "app")]
    tenant: String,
    /// Your id of its user.
    #[schema(example = "user-42")]
    identifier: String,
    /// What it connects to.
    #[schema(example = "freshdesk")]
    connection_name: &'static str,
    state: AccountState,
    /// What you call it.
    #[schema(required)]
    name: Option<String>,
    /// What you say about it.
    #[schema(required)]
    description: Option<String>,
    /// The e-mail by which Freshdesk has to know who connects.
    #[schema(required)]
    expected_email: Option<String>,
    /// The helpdesk that has to be connected.
    #[schema(required)]
    expected_helpdesk: Option<String>,
    /// The helpdesk that it is or was connected to.
    #[schema(required, example = "acme")]
    helpdesk: Option<String>,
    /// The support agent that it is or was connected as.
    #[schema(required)]
    person: Option<Person>,
    /// The names of that agent's roles, where they were readable.
    roles: Vec<String>,
    /// The version of its key: 0 before the first, one more with each.
    #[schema(minimum = 0)]
    version: i64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When its state changed last.
    #[schema(format = DateTime)]
    changed_at: String,
}

/// A support agent, as Freshdesk names them.
#[derive(Serialize, ToSchema)]
pub(super) struct Person {
    /// Freshdesk's id.
    #[schema(example = 158_017_000_101_u64)]
    id: u64,
    /// The agent's name.
    #[schema(required, example = "Jane Doe")]
    name: Option<String>,
    /// The agent's e-mail.
    #[schema(required, example = "jane@acme.example")]
    email: Option<String>,
}

impl From<State> for AccountState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Active => Self::Active,
            State::Revoked => Self::Revoked,
            State::Disconnected => Self::Disconnected,
        }
    }
}

impl From<AccountState> for State {
    fn from(state: AccountState) -> Self {
        match state {
            AccountState::Pending => Self::Pending,
            AccountState::Active => Self::Active,
            AccountState::Revoked => Self::Revoked,
            AccountState::Disconnected => Self::Disconnected,
        }
    }
}

impl From<FreshdeskPerson> for Person {
    fn from(person: FreshdeskPerson) -> Self {
        Self { id: person.id, name: person.name, email: person.email }
    }
}

impl From<Record> for Account {
    fn from(record: Record) -> Self {
        Self {
            id: record.id,
            tenant: record.user.tenant().to_owned(),
            identifier: record.user.identifier().to_owned(),
            connection_name: "freshdesk",
            state: record.state.into(),
            name: record.name,
            description: record.description,
            expected_email: record.expected_email,
            expected_helpdesk: record.expected_helpdesk,
            helpdesk: record.helpdesk,
            person: record.person.map(Person::from),
            roles: record.roles,
            version: record.version,
            created_at: moment(record.created_at),
            changed_at: moment(record.changed_at),
        }
    }
}
