//! Serves a handler over streamable HTTP: by requests that stand alone, and by sessions for revisions that have them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::SessionStore;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};

use super::gate::{self, Gate};
use super::sessions::{self, Sessions, Shared};
use super::{McpSettings, body, ending};

/// Where it is.
const PATH: &str = "/mcp";

/// Time between two signs of life on a stream: proxies cut what is silent for a minute.
const ALIVE: Duration = Duration::from_secs(15);

/// Serves what `make` makes, at `/mcp`, to whoever may call from where they call.
pub fn service<H: ServerHandler>(make: impl Fn() -> H + Send + Sync + 'static, settings: &McpSettings) -> Router {
    guarded(make, settings, None, |routes| routes)
}

/// The same, for who passes a door, too; with sessions that are shared with other hosts, or this process's own.
pub(super) fn guarded<H: ServerHandler>(
    make: impl Fn() -> H + Send + Sync + 'static,
    settings: &McpSettings,
    shared: Option<Arc<Shared>>,
    door: impl FnOnce(Router) -> Router,
) -> Router {
    // Where a request comes from is for the gate to say, before it is read. An answer that is alone comes as JSON; what
    // has notes before it, as a stream.
    let mut config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_json_response(true)
        .with_sse_keep_alive(Some(ALIVE))
        .with_max_request_body_bytes(body::LARGEST);
    config.session_store = shared.clone().map(|shared| shared as Arc<dyn SessionStore>);
    let all = Arc::new(Sessions::new(settings, shared.clone()));
    let served = StreamableHttpService::new(move || Ok(make()), all, config);
    let ending = from_fn_with_state(settings.stopped.clone(), ending::with_server);
    let mut routes = Router::new().route_service(PATH, served).route_layer(from_fn(body::read)).route_layer(ending);
    if let Some(shared) = shared {
        routes = routes.route_layer(from_fn_with_state(shared, sessions::own));
    }
    door(routes)
        .route_layer(from_fn_with_state(Arc::new(Gate::new(settings)), gate::pass))
        .route_layer(map_response(kept))
}

/// Answers are for who asked.
async fn kept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Refuses a request, in the words of JSON-RPC.
pub(super) fn refuse(status: StatusCode, code: i32, message: &str, id: Option<&Value>) -> Response {
    let mut error = json!({"jsonrpc": "2.0", "error": {"code": code, "message": message}});
    if let Some(id) = id.filter(|id| id.is_string() || id.is_number()) {
        error["id"] = id.clone();
    }
    let mut response = Response::new(error.to_string().into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
