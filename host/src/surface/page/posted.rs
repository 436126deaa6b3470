//! Takes in the forms that browsers post.

use axum::body::Body;
use http::HeaderMap;
use secrecy::zeroize::Zeroizing;

use super::form::Fields;
use super::stop::Stop;
use crate::surface::whole::{self, Unread};

/// Longest form. A key, an address and what the form carries along are below 5 kB when every byte of them is escaped.
const LONGEST: usize = 16 * 1024;

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
}
