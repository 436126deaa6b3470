//! What clients read that look for who issues tokens: the metadata of a protected resource (RFC 9728).

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;

/// Where it is, of the whole host and of `/mcp`: what follows is the resource's own path.
const HOSTS: &str = "/.well-known/oauth-protected-resource";
const MCPS: &str = "/.well-known/oauth-protected-resource/mcp";

/// The resource that agents ask for tokens for: this below the public URL.
pub(super) fn resource(public_url: &str) -> String {
    format!("{public_url}/mcp")
}

/// Where a client that was refused finds the metadata.
pub(super) fn address(public_url: &str) -> String {
    format!("{public_url}{MCPS}")
}

/// The metadata, as a service.
pub(super) fn router(resource: &str, issuer: &str) -> Router {
    let document = json!({
        "resource": resource,
        "resource_name": "Freshdesk",
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
    });
    let document = document.to_string();
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=600")];
    let show = get(move || std::future::ready((headers, document.clone()).into_response()));
    Router::new().route(HOSTS, show.clone()).route(MCPS, show)
}
