//! The HTTP API at `/v1`, by which a tenant's own programs make accounts and links, mint tokens, and run tools.
//!
//! - A file a resource: `accounts` (and `account`, which is what all see), `links`, `confirmations`, `tokens`, `execute`, `tools`, `helpdesks`. Each reads, calls, and answers.
//! - `who` knows callers and what they may, `read` takes parameters and bodies as their schemas say, by `check` and `format`.
//! - `problem` is every answer that is no success, by the one table in `code`.
//! - `document` makes the OpenAPI description of the handlers, and `docs` the page that people read.

mod account;
mod accounts;
mod answer;
mod check;
mod code;
mod confirmations;
mod docs;
mod document;
mod execute;
mod format;
mod helpdesks;
mod links;
mod problem;
mod read;
#[cfg(test)]
mod tests;
mod tokens;
mod tools;
mod who;

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::any;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Callers;
use super::calls::Calls;
use super::headers::guard;
use crate::accounts::Accounts;
use code::Code;
use problem::Problem;

/// How the API is set up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ApiSettings {
    /// Proxies of ours in front of it: so many addresses of `X-Forwarded-For` are believed, from the right.
    pub(crate) proxies: u8,
}

/// What the handlers share.
struct Api {
    calls: Arc<Calls>,
    accounts: Arc<Accounts>,
    callers: Arc<Callers>,
    proxies: u8,
    /// The description and the page, which never change while the process runs.
    document: String,
    docs: String,
}

/// The API, as a service. It needs to know who calls, by `ConnectInfo<SocketAddr>`; who does not say counts as one address.
pub(crate) fn router(
    calls: Arc<Calls>,
    accounts: Arc<Accounts>,
    callers: Arc<Callers>,
    settings: &ApiSettings,
) -> Router {
    let (router, document) = described();
    let names: Vec<_> = calls.tools().iter().map(|tool| tool.name.as_str()).collect();
    let document = document::finished(&document, &names);
    let docs = docs::page(&document);
    let api = Api { calls, accounts, callers, proxies: settings.proxies, document: document.to_string(), docs };
    router
        .route(&docs::STYLE_PATH, axum::routing::get(docs::style))
        .method_not_allowed_fallback(async || Problem::of(Code::WrongMethod))
        .route("/v1/", any(no_path))
        .layer(map_response(guard))
        .with_state(Arc::new(api))
}

/// The routes, and what they say of themselves.
fn described() -> (Router<Arc<Api>>, utoipa::openapi::OpenApi) {
    let routes = OpenApiRouter::default()
        .routes(routes!(accounts::create, accounts::list))
        .routes(routes!(accounts::read, accounts::disconnect))
        .routes(routes!(links::create))
        .routes(routes!(confirmations::create))
        .routes(routes!(tokens::mint))
        .routes(routes!(tokens::list))
        .routes(routes!(tokens::revoke))
        .routes(routes!(execute::execute))
        .routes(routes!(tools::list))
        .routes(routes!(helpdesks::list))
        .routes(routes!(docs::description))
        .routes(routes!(docs::docs))
        .fallback(no_path);
    OpenApiRouter::with_openapi(document::About::openapi()).nest("/v1", routes).split_for_parts()
}

async fn no_path() -> Problem {
    Problem::of(Code::UnknownPath)
}
