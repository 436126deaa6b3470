//! Has the requests to a surface counted, and each be a span that its calls are below.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use http::{HeaderMap, Method};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::Metrics;

/// Where a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// The page on which users connect.
    Page,
    /// MCP.
    Mcp,
    /// The HTTP API.
    Api,
}

/// Joins a request's span to the trace that its headers name.
pub(crate) type Follow = fn(&Span, &HeaderMap);

impl Surface {
    /// Its name in labels and spans.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Mcp => "mcp",
            Self::Api => "api",
        }
    }
}

/// The same surface, with its requests counted. Their spans join the callers' traces where there is somebody to do that.
pub(crate) fn watched(router: Router, surface: Surface, metrics: Arc<Metrics>, follow: Option<Follow>) -> Router {
    router.layer(middleware::from_fn(move |mut request: Request, next: Next| {
        let span = info_span!("request", surface = surface.name(), method = known(request.method()), status = Empty);
        if let Some(follow) = follow {
            follow(&span, request.headers());
        }
        // For who goes on with the request in a task that was begun by another.
        request.extensions_mut().insert(span.clone());
        let metrics = Arc::clone(&metrics);
        async move {
            let response = next.run(request).instrument(span.clone()).await;
            span.record("status", response.status().as_u16());
            metrics.requested(surface, class(response.status().as_u16()));
            response
        }
    }))
}

/// A method that anybody would know. Others are of the caller's invention.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The class of a status.
fn class(status: u16) -> &'static str {
    match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}
