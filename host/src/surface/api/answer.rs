//! Success, as JSON.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use tracing::error;

use super::code::Code;
use super::problem::Problem;

/// Entries of a page, where nothing is said.
pub(super) const PAGE: u32 = 100;

/// An answer, with its status.
pub(super) struct Answer<T>(pub(super) StatusCode, pub(super) T);

impl<T> Answer<T> {
    /// What was asked for.
    pub(super) fn of(what: T) -> Self {
        Self(StatusCode::OK, what)
    }
}

/// What to give as `after` for the next page: the name of the last entry of a page that is full.
pub(super) fn next<T>(entries: &[T], limit: u32, name: impl FnOnce(&T) -> String) -> Option<String> {
    entries.last().filter(|_| entries.len() == limit as usize).map(name)
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.1) {
            Ok(text) => (self.0, [(CONTENT_TYPE, "application/json")], text).into_response(),
            Err(reason) => {
                error!(%reason, "an answer cannot be written");
                Problem::of(Code::Broken).into_response()
            }
        }
    }
}
