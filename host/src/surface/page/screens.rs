//! What the templates are filled with. They escape all of it.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use tracing::error;

use super::cookie::Done;
use super::look::Look;
use super::words::{self, Problem};

/// Where helpdesk and key are given.
#[derive(Template)]
#[template(path = "offer.html")]
pub(super) struct Offer<'a> {
    pub(super) look: Look,
    pub(super) problem: Option<&'a Problem>,
    pub(super) action: String,
    pub(super) form: String,
    /// What the field starts with, and the address that was understood.
    pub(super) helpdesk: String,
    pub(super) understood: Option<String>,
    /// How long the link is still good.
    pub(super) minutes: i64,
}

/// Where the user sees whom the link is about to connect.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(super) struct Confirm<'a> {
    pub(super) look: Look,
    pub(super) problem: Option<&'a Problem>,
    pub(super) action: String,
    pub(super) again: String,
    pub(super) form: String,
    pub(super) person: String,
    pub(super) short: String,
    pub(super) helpdesk: String,
    pub(super) account: String,
    /// Whether a code is asked for, and whether the browser is sent back afterwards.
    pub(super) code: bool,
    pub(super) back: bool,
}

/// What came of it.
#[derive(Template)]
#[template(path = "done.html")]
pub(super) struct Finish<'a> {
    pub(super) look: Look,
    pub(super) done: &'a Done,
}

/// A page with nothing but sentences.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice<'a> {
    pub(super) look: Look,
    pub(super) notice: &'a words::Notice,
}

impl Offer<'_> {
    fn at(&self, field: &str) -> bool {
        self.problem.is_some_and(|problem| problem.at == field)
    }

    /// Whether the steps to find a key are shown at once: unless it is something else that is wrong.
    fn steps(&self) -> bool {
        self.problem.is_none_or(|problem| problem.at == "key")
    }

    pub(super) fn answer(&self) -> Response {
        page(status(self.problem), self)
    }
}

impl Confirm<'_> {
    fn at(&self, field: &str) -> bool {
        self.problem.is_some_and(|problem| problem.at == field)
    }

    pub(super) fn answer(&self) -> Response {
        page(status(self.problem), self)
    }
}

impl Finish<'_> {
    pub(super) fn answer(&self) -> Response {
        page(StatusCode::OK, self)
    }
}

impl Notice<'_> {
    pub(super) fn answer(&self) -> Response {
        page(self.notice.status, self)
    }
}

fn status(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| problem.status)
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(reason) => {
            error!(%reason, "a page cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Sends the browser to another address, by GET.
pub(super) fn go(address: &str) -> Response {
    let Ok(address) = HeaderValue::from_str(address) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    (StatusCode::SEE_OTHER, HeaderMap::from_iter([(LOCATION, address)])).into_response()
}
