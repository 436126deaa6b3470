//! Tokens for the agents of one user, and the list of all.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::accounts::Named;
use super::answer::{Answer, PAGE, next};
use super::problem::Problem;
use super::read::{Body, Given};
use super::who::Who;
use crate::accounts::{Token as Known, TokenWish as Wish, moment};
use crate::sandbox::contract::Problem as FieldProblem;

/// How long a token lives where nothing is said, in seconds: an hour.
const HOUR: u32 = 3600;

/// A token to mint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenWish {
    /// What it is for.
    #[schema(format = "line", min_length = 1, max_length = 100)]
    name: String,
    /// After how many seconds it ends: an hour by default, a year at most.
    #[serde(default = "hour")]
    #[schema(minimum = 1, maximum = 31_536_000, default = 3600)]
    lifetime_seconds: u32,
    /// The tools that it is good for; all, when nothing is said.
    #[schema(value_type = Option<Vec<ToolName>>, inline, min_items = 1, max_items = 100)]
    tools: Option<Vec<String>>,
}

/// The name of a tool.
#[derive(ToSchema)]
#[schema(format = "tool", example = "freshdesk_ticket_get")]
pub(super) struct ToolName(#[expect(dead_code, reason = "it is there to be described")] String);

/// A token, of which nobody knows more than this.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// Its id, to name it by.
    #[schema(example = "tok_04c7b9a1d2e3f405162738aa")]
    id: String,
    /// The user that it is good for; null: all of the tenant's.
    #[schema(required, example = "user-42")]
    identifier: Option<String>,
    /// What it is for.
    #[schema(example = "triage agent")]
    name: String,
    /// The tools that it is good for; null: all.
    #[schema(required)]
    tools: Option<Vec<String>>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it ends, if it does.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it was revoked, if it was.
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
}

/// A token that was minted.
#[derive(Serialize, ToSchema)]
pub(super) struct Minted {
    /// The token itself, which is shown once.
    #[schema(example = "fdp_r9ZoIK-M_YydlWHdyewcFWKN8RDn5dtgB-lZjJjozFc")]
    token: String,
    /// What is known of it.
    about: Token,
}

/// A page of tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenPage {
    /// The tokens, in the order of their making.
    tokens: Vec<Token>,
    /// What to give as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// Which tokens to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TokenQuery {
    /// Those made after the one of this id: `next` of the page before.
    #[param(format = "identifier", min_length = 1, max_length = 200)]
    after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// Names a token in a path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct NamedToken {
    /// The token's id.
    #[param(format = "identifier", min_length = 1, max_length = 200, example = "tok_04c7b9a1d2e3f405162738aa")]
    id: String,
}

fn hour() -> u32 {
    HOUR
}

impl From<Known> for Token {
    fn from(token: Known) -> Self {
        Self {
            id: token.id,
            identifier: token.identifier,
            name: token.name,
            tools: token.tools,
            created_at: moment(token.created_at),
            expires_at: token.expires_at.map(moment),
            revoked_at: token.revoked_at.map(moment),
        }
    }
}

/// Mint a token for a user
///
/// For an agent that works for one user, by this API or by MCP: it may call tools for that user and read that account, and
/// nothing else.
#[utoipa::path(
    post,
    path = "/accounts/{identifier}/tokens",
    tag = "tokens",
    operation_id = "mint_token",
    params(Named),
    request_body(content = TokenWish, example = json!({"name": "triage agent", "lifetime_seconds": 3600, "tools": ["freshdesk_tickets_list", "freshdesk_ticket_get"]})),
    responses((status = 201, description = "The token, which is shown once.", body = Minted)),
    extensions(("x-problems" = json!(["forbidden_token", "unknown_account", "refused"]))),
)]
pub(super) async fn mint(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(named): Given<Named>,
    Body(wish): Body<TokenWish>,
) -> Result<Answer<Minted>, Problem> {
    let user = who.user(&named.identifier)?;
    let unknown = wish.tools.iter().flatten().enumerate().filter(|(_, tool)| api.calls.tool(tool).is_none());
    let unknown = unknown.map(|(at, _)| FieldProblem {
        field: format!("tools[{at}]"),
        message: "there is no tool of this name".to_owned(),
    });
    let unknown: Vec<_> = unknown.collect();
    if !unknown.is_empty() {
        return Err(Problem::invalid(&unknown));
    }
    api.accounts.get(&user).await?;
    let wish = Wish {
        tenant: user.tenant().to_owned(),
        identifier: Some(user.identifier().to_owned()),
        name: wish.name,
        expires_at: Some(api.accounts.now() + i64::from(wish.lifetime_seconds) * 1000),
        tools: wish.tools,
    };
    let (about, token) = api.accounts.create_token(&wish).await?;
    Ok(Answer(StatusCode::CREATED, Minted { token, about: about.into() }))
}

/// List tokens
///
/// The tenant's tokens in the order of their making, a page at a time, ended and revoked ones included.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "tokens",
    operation_id = "list_tokens",
    params(TokenQuery),
    responses((status = 200, description = "A page of tokens.", body = TokenPage)),
    extensions(("x-problems" = json!(["forbidden_token"]))),
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(query): Given<TokenQuery>,
) -> Result<Answer<TokenPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    let tokens = api.accounts.tokens_after(who.tenant()?, query.after.as_deref(), limit).await?;
    let next = next(&tokens, limit, |token| token.id.clone());
    Ok(Answer::of(TokenPage { tokens: tokens.into_iter().map(Token::from).collect(), next }))
}

/// Revoke a token
///
/// Whoever shows it from then on is refused. It stays in the list.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "tokens",
    operation_id = "revoke_token",
    params(NamedToken),
    responses((status = 204, description = "It is revoked.")),
    extensions(("x-problems" = json!(["forbidden_token", "unknown_token"]))),
)]
pub(super) async fn revoke(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(named): Given<NamedToken>,
) -> Result<StatusCode, Problem> {
    api.accounts.revoke_token(who.tenant()?, &named.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
