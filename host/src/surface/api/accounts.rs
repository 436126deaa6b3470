//! Accounts: make, read, list, disconnect.

use std::sync::Arc;

use axum::extract::State;
use freshdesk_label::Label;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::answer::Answer;
use super::problem::Problem;
use super::read::{Body, Given};
use super::who::Who;
use crate::account::Person as FreshdeskPerson;
use crate::accounts::{Record, State as Of, Wish, moment};

/// Accounts of a page, where nothing is said.
const PAGE: u32 = 100;

/// Names a user in a path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Named {
    /// Your id of the user, percent-encoded.
    #[param(format = "identifier", min_length = 1, max_length = 200, example = "user-42")]
    pub(super) identifier: String,
}

/// An account to make, or what to say of one that there is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountWish {
    /// Your id of the user.
    #[schema(format = "identifier", min_length = 1, max_length = 200)]
    identifier: String,
    /// What you call the account.
    #[schema(format = "line", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What you say about it.
    #[schema(format = "line", min_length = 1, max_length = 1000)]
    description: Option<String>,
    /// The e-mail by which Freshdesk has to know who connects: the proof of links for which no other is asked.
    #[schema(format = "email", min_length = 3, max_length = 254)]
    expected_email: Option<String>,
    /// The helpdesk that has to be connected, by its name or its host.
    #[schema(format = "helpdesk", min_length = 1, max_length = 77)]
    expected_helpdesk: Option<String>,
}

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

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountPage {
    /// The accounts, by identifier.
    accounts: Vec<Account>,
    /// What to give as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// Which accounts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountQuery {
    /// Those in this state alone.
    #[param(inline)]
    state: Option<AccountState>,
    /// Those after this identifier: `next` of the page before.
    #[param(format = "identifier", min_length = 1, max_length = 200)]
    after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

impl From<Of> for AccountState {
    fn from(state: Of) -> Self {
        match state {
            Of::Pending => Self::Pending,
            Of::Active => Self::Active,
            Of::Revoked => Self::Revoked,
            Of::Disconnected => Self::Disconnected,
        }
    }
}

impl From<AccountState> for Of {
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

/// Get or create an account
///
/// The user's account: the one that there is, or a new one in state `pending`, with status 201. What the body says is set;
/// what it leaves out stays. An account that was disconnected is made anew.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "accounts",
    operation_id = "create_account",
    request_body(content = AccountWish, example = json!({"identifier": "user-42", "name": "Jane, support", "expected_email": "jane@acme.example"})),
    responses(
        (status = 200, description = "The account that there was.", body = Account),
        (status = 201, description = "A new account, in state `pending`.", body = Account),
    ),
    extensions(("x-problems" = json!(["forbidden_token", "busy", "refused"]))),
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    who: Who,
    Body(wish): Body<AccountWish>,
) -> Result<Answer<Account>, Problem> {
    let user = who.user(&wish.identifier)?;
    let expected_helpdesk = wish.expected_helpdesk.as_deref().map(Label::parse).transpose();
    let expected_helpdesk =
        expected_helpdesk.map_err(|why| Problem::invalid_field("expected_helpdesk", why.to_string()))?;
    let (name, description, expected_email) = (wish.name, wish.description, wish.expected_email);
    let wish = Wish { name, description, expected_email, expected_helpdesk };
    let (record, new) = api.accounts.get_or_create(&user, &wish).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(Answer(status, record.into()))
}

/// List accounts
///
/// The tenant's accounts by identifier, a page at a time, disconnected ones included.
#[utoipa::path(
    get,
    path = "/accounts",
    tag = "accounts",
    operation_id = "list_accounts",
    params(AccountQuery),
    responses((status = 200, description = "A page of accounts.", body = AccountPage)),
    extensions(("x-problems" = json!(["forbidden_token"]))),
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(query): Given<AccountQuery>,
) -> Result<Answer<AccountPage>, Problem> {
    let tenant = who.tenant()?;
    let limit = query.limit.unwrap_or(PAGE);
    let state = query.state.map(Of::from);
    let after = query.after.map(|after| who.user(&after)).transpose()?;
    let records = api.accounts.list(Some(tenant), state, after.as_ref(), limit).await?;
    let full = records.len() == limit as usize;
    let next = records.last().filter(|_| full).map(|record| record.user.identifier().to_owned());
    Ok(Answer::of(AccountPage { accounts: records.into_iter().map(Account::from).collect(), next }))
}

/// Read an account
///
/// A token that is bound to this user may read it, too.
#[utoipa::path(
    get,
    path = "/accounts/{identifier}",
    tag = "accounts",
    operation_id = "read_account",
    params(Named),
    responses((status = 200, description = "The account.", body = Account)),
    extensions(("x-problems" = json!(["forbidden_token", "unknown_account"]))),
)]
pub(super) async fn read(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(named): Given<Named>,
) -> Result<Answer<Account>, Problem> {
    let user = who.own(&named.identifier)?;
    Ok(Answer::of(api.accounts.get(&user).await?.into()))
}

/// Disconnect an account
///
/// Its key is destroyed, and its links are cancelled. The account stays, in state `disconnected`, until it is made anew; one
/// that is disconnected already is left as it is.
#[utoipa::path(
    delete,
    path = "/accounts/{identifier}",
    tag = "accounts",
    operation_id = "disconnect_account",
    params(Named),
    responses((status = 200, description = "The account, in state `disconnected`.", body = Account)),
    extensions(("x-problems" = json!(["forbidden_token", "unknown_account", "busy"]))),
)]
pub(super) async fn disconnect(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(named): Given<Named>,
) -> Result<Answer<Account>, Problem> {
    let user = who.user(&named.identifier)?;
    Ok(Answer::of(api.accounts.disconnect(&user).await?.into()))
}
