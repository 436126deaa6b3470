//! The headers that every answer to a browser has, of the page and of the API's documentation.

use axum::response::Response;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Uri};

/// What every answer has, unless it says otherwise.
const ALWAYS: [(HeaderName, &str); 10] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
];

/// No script, no frame, nothing of others; forms go to the page itself.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// For files that are named by what is in them: they never change.
pub(in crate::surface) const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Adds what every answer has.
pub(in crate::surface) async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Lets the form of this answer end at `url`, too: browsers apply `form-action` to where a form's answer redirects.
pub(in crate::surface) fn lead_to(headers: &mut HeaderMap, url: &str) {
    let Some(origin) = origin(url) else { return };
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    if let Ok(value) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
}

/// The origin of an address of the web, if it can stand in a policy.
fn origin(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    let (scheme, authority) = (url.scheme_str()?, url.authority()?.as_str());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (matches!(scheme, "http" | "https") && authority.bytes().all(plain)).then(|| format!("{scheme}://{authority}"))
}
