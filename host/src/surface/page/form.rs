//! Reads forms, and what people write for a helpdesk.

use axum::body::Body;
use freshdesk_label::Label;
use http::HeaderMap;
use secrecy::zeroize::Zeroizing;

use super::stop::Stop;
use crate::surface::whole::{self, Unread};

/// Longest form. A key, an address and what the form carries along are below 5 kB when every byte of them is escaped.
const LONGEST: usize = 16 * 1024;

/// What a form says. It is erased when it is dropped, since a key is in it.
pub(super) struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads a form whole.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Stop> {
        if !whole::is_of(headers, "application/x-www-form-urlencoded") {
            return Err(Stop::Unreadable);
        }
        match whole::read(headers, body, LONGEST).await {
            Ok(body) => Ok(Self::parse(&Zeroizing::new(Vec::from(body)))),
            Err(Unread::TooLarge) => Err(Stop::TooLarge),
            Err(Unread::TooSlow) => Err(Stop::Slow),
            Err(Unread::Broken) => Err(Stop::Unreadable),
        }
    }

    pub(super) fn parse(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body);
        Self(fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect())
    }

    /// A field; empty when it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|field| field.0 == name).map_or("", |field| &field.1)
    }
}

/// What people write for a helpdesk, so that [`Label::parse`] reads it: addresses that were typed begin with `http://`, or
/// have a path and no beginning. The host alone is taken of them, by the same rule as of all.
pub(super) fn tidy(text: &str) -> String {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("http://") {
        Some(rest) => format!("https://{rest}"),
        None if !lower.starts_with("https://") && lower.contains(".freshdesk.com/") => format!("https://{lower}"),
        None => text.to_owned(),
    }
}

/// The helpdesk's address as it is understood.
pub(super) fn understood(text: &str) -> Option<String> {
    Label::parse(&tidy(text)).ok().map(|label| label.host())
}

/// What the field starts with the next time: what was written, unless it could be a key in the wrong place.
pub(super) fn keep(text: &str, key: &str) -> String {
    let text = text.trim();
    let bounded = text.chars().count() <= 200 && !text.chars().any(char::is_control);
    let harmless = text.len() < 16 || text.contains('.') || !text.bytes().any(|byte| byte.is_ascii_digit());
    if bounded && harmless && text != key.trim() { text.to_owned() } else { String::new() }
}
