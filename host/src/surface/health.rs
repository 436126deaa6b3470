//! What is asked about the process by those who run it: whether it lives, and whether it can serve.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use crate::accounts::Accounts;

/// Time in which the store has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long an answer is good for others who ask: the store is asked no more often, however many ask.
const GOOD: Duration = Duration::from_secs(1);

/// `/healthz` and `/readyz`.
pub(crate) fn probes(accounts: Arc<Accounts>) -> Router {
    let readiness = Arc::new(Readiness { accounts, last: Mutex::default() });
    Router::new().route("/healthz", get(lives)).route("/readyz", get(ready)).with_state(readiness)
}

/// `GET /healthz`: the process answers. It asks nobody: to start it anew would mend nothing else.
async fn lives() -> Response {
    answer(StatusCode::OK, "text/plain; charset=utf-8", "ok\n".to_owned())
}

/// `GET /readyz`: whether calls can be served, and if not, for want of what.
async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    let parts = readiness.parts().await;
    let status = if parts.ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |works: bool| if works { "ok" } else { "failing" };
    let body = json!({"ready": parts.ready(), "store": word(parts.store), "trail": word(parts.trail)});
    answer(status, "application/json", body.to_string())
}

/// An answer that is good for this moment.
pub(super) fn answer(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], body).into_response()
}

/// What a host needs to serve calls, and whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts {
    /// The store answers.
    store: bool,
    /// Uses of keys can be written to the trail; without that, no key is opened.
    trail: bool,
}

impl Parts {
    fn ready(self) -> bool {
        self.store && self.trail
    }
}

/// Finds out whether the host can serve calls, once for all who ask at a time.
struct Readiness {
    accounts: Arc<Accounts>,
    last: Mutex<Option<(Parts, Instant)>>,
}

impl Readiness {
    async fn parts(&self) -> Parts {
        let mut last = self.last.lock().await;
        if let Some((parts, at)) = *last
            && at.elapsed() < GOOD
        {
            return parts;
        }
        let answered = timeout(PATIENCE, self.accounts.ping()).await;
        let store = answered.map_err(|_| "no answer in time".to_owned());
        let store = store.and_then(|answer| answer.map_err(|why| crate::egress::story(&why)));
        let trail = self.accounts.writes_trail().map_err(|why| crate::egress::story(&why));
        let parts = Parts { store: store.is_ok(), trail: trail.is_ok() };
        match last.is_none_or(|(before, _)| before.ready()) {
            true if !parts.ready() => {
                let (store, trail) = (store.err(), trail.err());
                warn!(store, trail, "not ready to serve calls");
            }
            false if parts.ready() => info!("ready to serve calls again"),
            _ => {}
        }
        *last = Some((parts, Instant::now()));
        parts
    }
}
