//! The page's own files, and its tenants' colours and logos.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::look::{self, Colour};
use super::stop::Stop;
use super::{Page, guard};
use crate::surface::headers::FOR_EVER;

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", look::STYLE)
}

pub(super) async fn icon() -> Response {
    file("image/svg+xml", look::ICON)
}

/// The style of a colour. It is made of the address alone, and so there is one for every colour.
pub(super) async fn colour(Path(name): Path<String>) -> Result<Response, Stop> {
    let colour = name.strip_suffix(".css").and_then(Colour::parse).ok_or(Stop::NoPage)?;
    Ok(file("text/css; charset=utf-8", colour.style()))
}

/// A tenant's logo, for who was shown its address by the page.
pub(super) async fn logo(
    State(page): State<Arc<Page>>,
    Path((tenant, mark)): Path<(String, String)>,
) -> Result<Response, Stop> {
    let logo = page.logo(&tenant).await.ok_or(Stop::NoPage)?;
    let kind = look::picture(&logo).ok_or(Stop::NoPage)?;
    let right = guard::same(look::mark(page.key(), &tenant, &logo).as_bytes(), mark.as_bytes());
    if right { Ok(file(kind, logo)) } else { Err(Stop::NoPage) }
}

fn file(kind: &'static str, content: impl IntoResponse) -> Response {
    let mut response = content.into_response();
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
    response
}
