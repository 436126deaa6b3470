//! The page on which a user connects Freshdesk: opens a link, gives a helpdesk and a key, sees whose it is, and confirms.
//!
//! - `visit` takes a link to a clean address; the browser keeps its token in a cookie. Nothing of that consumes the link.
//! - `offer` takes helpdesk and key, `confirm` the confirmation; each answers a form by sending the browser on, so that going
//!   back and loading again do no harm.
//! - `words` has every sentence about what went wrong, `said` brings it to the next page; `stop` is what ends the walk.
//! - `posted` takes forms in, and `form` understands what is written in them.
//! - `guard` and `cookie` keep others out, as do the headers beside this folder; `look`, `screens` and `assets` are what it looks like.

mod assets;
mod confirm;
mod cookie;
pub(crate) mod form;
mod guard;
mod look;
mod offer;
mod posted;
mod said;
mod screens;
mod stop;
#[cfg(test)]
mod tests;
mod visit;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::StatusCode;
use tokio::time::{Instant, sleep_until};

use crate::accounts::{Accounts, CONNECT, LinkError, Visit};
use crate::surface::rate::{Address, Gate, Limits};
pub(in crate::surface) use look::{ICON_PATH, STYLE_PATH, hash};
use stop::Stop;

/// How the page is set up.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageSettings {
    /// Proxies of ours in front of it: so many addresses of `X-Forwarded-For` are believed, from the right. With none, the
    /// header is not looked at.
    pub(crate) proxies: u8,
    /// How often somebody may come.
    pub(crate) limits: Limits,
}

/// Time that a look at a link takes at least when it cannot be used: an unknown one must not be told from a used one, of which
/// an entry is written.
const EVEN: Duration = Duration::from_millis(100);

/// What the handlers share.
struct Page {
    accounts: Arc<Accounts>,
    gate: Gate,
    proxies: u8,
}

/// The page, as a service. It needs to know who calls, by `ConnectInfo<SocketAddr>`; who does not say counts as one address.
pub(crate) fn router(accounts: Arc<Accounts>, settings: &PageSettings) -> Router {
    let page = Arc::new(Page { accounts, gate: Gate::new(&settings.limits), proxies: settings.proxies });
    Router::new()
        .route(&format!("{CONNECT}{{token}}"), looked_at(get(visit::arrive)))
        .route("/connect/at/{id}", looked_at(get(offer::show).post(offer::take)))
        .route("/connect/at/{id}/confirm", looked_at(get(confirm::show).post(confirm::take)))
        .route("/connect/at/{id}/done", looked_at(get(visit::done)))
        .route("/connect/colour/{name}", get(assets::colour))
        .route("/connect/logo/{tenant}/{mark}", get(assets::logo))
        .fallback(|| async { Stop::NoPage })
        .method_not_allowed_fallback(|| async { Stop::Method })
        .layer(from_fn_with_state(Arc::clone(&page), count))
        // These cost nothing, and the page that asks somebody to wait needs them.
        .route(&look::STYLE_PATH, get(assets::style))
        .route(&look::ICON_PATH, get(assets::icon))
        .method_not_allowed_fallback(|| async { Stop::Method })
        .layer(map_response(super::headers::guard))
        .with_state(page)
}

/// Answers HEAD without looking at anything: mail scanners send it.
fn looked_at(routes: MethodRouter<Arc<Page>>) -> MethodRouter<Arc<Page>> {
    routes.head(|| async { StatusCode::OK })
}

/// Counts a request by the address it comes from, and lets it pass if there were not too many.
async fn count(State(page): State<Arc<Page>>, mut request: Request, next: Next) -> Response {
    let from = Address::of_request(request.extensions(), request.headers(), page.proxies);
    if let Err(time) = page.gate.request(from) {
        return Stop::Busy(time).into_response();
    }
    // No address of the page has anything in it that needs an escape.
    if request.uri().path().contains('%') {
        return Stop::NoPage.into_response();
    }
    request.extensions_mut().insert(from);
    next.run(request).await
}

impl Page {
    fn key(&self) -> &guard::Key {
        self.accounts.shared_key()
    }

    /// Looks at a link.
    async fn look(&self, token: &str) -> Result<Visit, Stop> {
        let start = Instant::now();
        let seen = match cookie::is_word(token) {
            true => self.accounts.visit(token).await,
            false => Err(LinkError::Gone),
        };
        if let Err(LinkError::Gone) = seen {
            sleep_until(start + EVEN).await;
        }
        Ok(seen?)
    }

    /// A tenant's logo.
    async fn logo(&self, tenant: &str) -> Option<Vec<u8>> {
        self.accounts.tenant(tenant).await.ok()?.logo
    }
}
