//! The first step: the user gives a helpdesk and a key.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::SET_COOKIE;
use tracing::{info, warn};

use super::form::{self, Fields};
use super::said::Said;
use super::stop::Stop;
use super::visit::Opened;
use super::words::{self, Problem};
use super::{Page, cookie, guard, screens};
use crate::accounts::OfferError;
use crate::store::records::LinkState;
use crate::surface::rate::Address;

/// The step, as its form is signed.
const STEP: &str = "offer";

/// `GET /connect/at/{id}`: the form, with what was wrong before.
pub(super) async fn show(
    State(page): State<Arc<Page>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let opened = page.opened(&headers, &id).await?;
    if opened.visit.link.state == LinkState::Waiting {
        return Ok(screens::go(&format!("/connect/at/{id}/confirm")));
    }
    if let Some(Said { problem, helpdesk }) = Said::read(page.key(), &opened.session, query.as_deref()) {
        return Ok(screen(&page, opened, helpdesk, Some(&problem)));
    }
    let helpdesk = known(&opened).unwrap_or_default();
    Ok(screen(&page, opened, helpdesk, None))
}

/// `POST /connect/at/{id}`: has the key verified, and goes on to whom it would connect. From then on the browser shows that
/// it was the one that gave it.
pub(super) async fn take(
    State(page): State<Arc<Page>>,
    Path(id): Path<String>,
    Extension(from): Extension<Address>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Stop> {
    let opened = page.opened(&headers, &id).await?;
    if !guard::from_own_page(&headers, &opened.visit.origin) {
        return Err(foreign(&id));
    }
    let fields = Fields::read(&headers, body).await?;
    guard::unseal(page.key(), STEP, &opened.session, fields.get("form")).ok_or_else(|| foreign(&id))?;
    page.gate.attempt(from).map_err(Stop::Busy)?;
    let (helpdesk, key) = (fields.get("helpdesk"), fields.get("key"));
    match page.accounts.offer(&opened.session.token, &form::tidy(helpdesk), key).await {
        Ok((helpdesk, _, seen)) => {
            info!(link = id, %helpdesk, "a key was verified");
            let mut response = screens::go(&format!("/connect/at/{id}/confirm"));
            let session = opened.session.with_offered(page.key(), &seen);
            response.headers_mut().extend(cookie::open(&id, &session).map(|cookie| (SET_COOKIE, cookie)));
            Ok(response)
        }
        Err(error) => refuse(&page, &opened, error, form::keep(helpdesk, key)),
    }
}

/// Notes a form that did not come from the page.
pub(super) fn foreign(id: &str) -> Stop {
    warn!(link = id, "a form that is not of this page was refused");
    Stop::Foreign
}

/// Sends the browser to the form again, with what is wrong.
fn refuse(page: &Page, opened: &Opened, error: OfferError, helpdesk: String) -> Result<Response, Stop> {
    info!(link = opened.id, why = %error, "a key was refused");
    let host = form::understood(&helpdesk);
    let problem = words::offer(error, opened.look.app(), host.as_deref())?;
    Ok(Said { problem, helpdesk }.go(page.key(), &opened.session, &format!("/connect/at/{}", opened.id)))
}

/// The form, with what is wrong with what was given before.
pub(super) fn screen(page: &Page, opened: Opened, helpdesk: String, problem: Option<&Problem>) -> Response {
    let left = opened.visit.link.expires_at.saturating_sub(page.accounts.now());
    let offer = screens::Offer {
        problem,
        action: format!("/connect/at/{}", opened.id),
        form: guard::seal(page.key(), STEP, &opened.session, ""),
        understood: form::understood(&helpdesk),
        helpdesk,
        minutes: (left / 60_000).max(1),
        look: opened.look,
    };
    offer.answer()
}

/// The helpdesk that the tenant expects, or that was connected before.
pub(super) fn known(opened: &Opened) -> Option<String> {
    let account = &opened.visit.account;
    account.expected_helpdesk.as_ref().or(account.helpdesk.as_ref()).map(|label| format!("{label}.freshdesk.com"))
}
