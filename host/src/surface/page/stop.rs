//! What ends the walk through the page, whichever step it is at.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{HeaderValue, RETRY_AFTER};
use tracing::warn;

use super::look::{Brand, Look};
use super::{screens, words};
use crate::accounts::{AccountsError, LinkError};
use crate::surface::rate::seconds;

/// What ends the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The link is unknown, expired, used, or another's: these look alike.
    Gone,
    /// Its tries are used up.
    Dead,
    /// The link of this name has done its work: there is a page that says so.
    Done(String),
    /// The browser brought no link.
    Lost,
    /// The form is not of this page.
    Foreign,
    /// The form is none.
    Unreadable,
    /// The form is too long, or came too slowly.
    TooLarge,
    Slow,
    /// Too many requests; the time to wait.
    Busy(Duration),
    NoPage,
    Method,
    /// The reason is in the log.
    Broken,
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Gone => Self::Gone,
            LinkError::Dead => Self::Dead,
            LinkError::Broken(error) => {
                warn!(error = %story(&error), "the page cannot answer");
                Self::Broken
            }
        }
    }
}

/// An error and its reasons.
fn story(error: &AccountsError) -> String {
    if let AccountsError::Call(error) = error {
        return error.log();
    }
    crate::egress::story(error)
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        if let Self::Done(id) = &self {
            return screens::go(&format!("/connect/at/{id}/done"));
        }
        let notice = words::notice(&self);
        let mut response = screens::Notice { look: Look::new(Brand::default()), notice: &notice }.answer();
        if let Self::Busy(time) = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds(time)));
        }
        response
    }
}
