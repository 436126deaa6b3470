//! `/metrics`: what is counted, in the format that is asked for.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

use super::Metrics;
use crate::surface::health::answer;

/// The type of the text of OpenMetrics, and of Prometheus' older one.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

/// `/metrics`, which may have a listener of its own.
pub(crate) fn counts(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(count)).with_state(metrics)
}

/// `GET /metrics`, in the format that was asked for.
async fn count(State(metrics): State<Arc<Metrics>>, headers: HeaderMap) -> Response {
    let open_metrics = wants_open_metrics(&headers);
    // It reads files of the kernel, which a process with thousands of connections has to list.
    match tokio::task::spawn_blocking(move || metrics.text(open_metrics)).await {
        Ok(Ok(text)) => answer(StatusCode::OK, if open_metrics { OPEN_METRICS } else { PROMETHEUS }, text),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether the caller prefers OpenMetrics, by the qualities that it gives.
fn wants_open_metrics(headers: &HeaderMap) -> bool {
    let asked = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let (mut open, mut plain) = (0.0, 0.0);
    for kind in asked {
        let mut words = kind.split(';').map(str::trim);
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        let quality =
            words.find_map(|word| word.strip_prefix("q=")).map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        match name.as_str() {
            "application/openmetrics-text" => open = f32::max(open, quality),
            "text/plain" | "text/*" => plain = f32::max(plain, quality),
            _ => {}
        }
    }
    open > 0.0 && open >= plain
}
