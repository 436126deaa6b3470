//! Links, by which users connect.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::accounts::Named;
use super::answer::Answer;
use super::problem::Problem;
use super::read::{Body, Given};
use super::who::Who;
use crate::accounts::{LinkWish as Wish, moment};

/// How a link shows that its holder is its user: one proof of `email`, `code` and `return_url`. The account's expected e-mail
/// when none is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkWish {
    /// The e-mail that Freshdesk has to name for the key.
    #[schema(format = "email", min_length = 3, max_length = 254)]
    email: Option<String>,
    /// Have the user type a code, which is in the answer: show it to that user in your own application, and never send it
    /// with the link.
    #[serde(default)]
    code: bool,
    /// Send the user back to this address, where you confirm: one of the tenant's return URLs, letter by letter.
    #[schema(min_length = 1, max_length = 500)]
    return_url: Option<String>,
    /// What you want to get back with that.
    #[schema(format = "line", min_length = 1, max_length = 500)]
    return_state: Option<String>,
    /// Whether another helpdesk or another person than before may be connected.
    #[serde(default)]
    allow_other: bool,
}

/// A link that was made. It is shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct Link {
    /// Where to send the user.
    #[schema(example = "https://connect.example.com/connect/r9ZoIK-M_YydlWHdyewcFWKN8RDn5dtgB-lZjJjozFc")]
    url: String,
    /// When it expires.
    #[schema(format = DateTime)]
    expires_at: String,
    /// The code to show to the user, where one was asked for.
    #[schema(required, example = "48151623")]
    code: Option<String>,
}

/// Create a link
///
/// Send the user there to connect Freshdesk. It can be used once, for 30 minutes. An account has five live links: the oldest
/// that nobody opened gives way to the next, and finishing one ends the others.
#[utoipa::path(
    post,
    path = "/accounts/{identifier}/links",
    tag = "accounts",
    operation_id = "create_link",
    params(Named),
    request_body(content = LinkWish, example = json!({"email": "jane@acme.example"})),
    responses((status = 201, description = "The link, which is shown once.", body = Link)),
    extensions(("x-problems" = json!(["forbidden_token", "unknown_account", "refused"]))),
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(named): Given<Named>,
    Body(wish): Body<LinkWish>,
) -> Result<Answer<Link>, Problem> {
    let user = who.user(&named.identifier)?;
    let LinkWish { email, code, return_url, return_state, allow_other } = wish;
    let link = api.accounts.link(&user, &Wish { email, code, return_url, return_state, allow_other }).await?;
    let link = Link { url: link.url, expires_at: moment(link.expires_at), code: link.code };
    Ok(Answer(StatusCode::CREATED, link))
}
