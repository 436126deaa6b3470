//! Accounts: make, read, list, disconnect.

use std::sync::Arc;

use axum::extract::State;
use freshdesk_label::Label;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::account::{Account, AccountState};
use super::answer::{Answer, PAGE, next};
use super::problem::Problem;
use super::read::{Body, Given};
use super::who::Who;
use crate::accounts::{State as Of, Wish};

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
    let next = next(&records, limit, |record| record.user.identifier().to_owned());
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
