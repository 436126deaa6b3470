//! Confirmations: the tenant's word that the user who was sent back to it is the one whom a link was made for.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::account::Person;
use super::accounts::Named;
use super::answer::Answer;
use super::problem::Problem;
use super::read::{Body, Given};
use super::who::Who;

/// What a user brought back from the connect page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    /// The parameter `confirmation` of the address that the user was sent back to.
    #[schema(min_length = 1, max_length = 500)]
    confirmation: String,
    /// Whether to only show whom it would connect, and connect nothing.
    #[serde(default)]
    show: bool,
}

/// Whom a confirmation connects.
#[derive(Serialize, ToSchema)]
pub(super) struct Confirmed {
    /// Whether the account is active now.
    connected: bool,
    /// The helpdesk.
    #[schema(required, example = "acme")]
    helpdesk: Option<String>,
    /// The support agent.
    #[schema(required)]
    person: Option<Person>,
}

/// Confirm a connection
///
/// For links with a return URL. Take the user from the session of the browser that came back, show that user whom it would
/// connect (`show`), since somebody else may have sent them there, and confirm by a form of your own. For another user than the
/// link's it is refused.
#[utoipa::path(
    post,
    path = "/accounts/{identifier}/confirmations",
    tag = "accounts",
    operation_id = "confirm_connection",
    params(Named),
    request_body(content = Confirmation, example = json!({"confirmation": "r9ZoIK-M_YydlWHdyewcFWKN8RDn5dtgB-lZjJjozFc", "show": true})),
    responses((status = 200, description = "Whom it connects.", body = Confirmed)),
    extensions(("x-problems" = json!(["forbidden_token", "unknown_confirmation", "refused"]))),
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(named): Given<Named>,
    Body(given): Body<Confirmation>,
) -> Result<Answer<Confirmed>, Problem> {
    let user = who.user(&named.identifier)?;
    let confirmed = if given.show {
        let (helpdesk, person) = api.accounts.waiting(&user, &given.confirmation).await?;
        Confirmed { connected: false, helpdesk: Some(helpdesk), person: Some(person.into()) }
    } else {
        let account = api.accounts.confirm(&user, &given.confirmation).await?;
        Confirmed { connected: true, helpdesk: account.helpdesk, person: account.person.map(Into::into) }
    };
    Ok(Answer::of(confirmed))
}
