//! From a link to a clean address, and what an open link has for all steps.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::SET_COOKIE;
use tracing::info;

use super::cookie::{self, Kept, Session};
use super::look::{Brand, Look};
use super::stop::Stop;
use super::{Page, guard, screens};
use crate::accounts::Visit;

/// An open link, in the browser that opened it.
pub(super) struct Opened {
    pub(super) id: String,
    pub(super) session: Session,
    pub(super) visit: Visit,
    pub(super) look: Look,
}

/// Whether the page is reached over TLS, so that its cookies are for that alone.
fn secure(visit: &Visit) -> bool {
    visit.origin.starts_with("https://")
}

/// `GET /connect/{token}`: gives the browser the token to keep, and sends it to an address without.
pub(super) async fn arrive(
    State(page): State<Arc<Page>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let visit = page.look(&token).await?;
    let id = cookie::id(page.key(), &token);
    let session = match cookie::read(&headers, page.key(), &id, secure(&visit)) {
        // A form that is open in another tab stays good.
        Some(Kept::Open(session)) => session,
        _ => Session { token, nonce: nonce()?, offered: None, secure: secure(&visit) },
    };
    info!(link = id, tenant = visit.tenant.id, "a link was opened");
    let mut response = screens::go(&format!("/connect/at/{id}"));
    response.headers_mut().extend(cookie::open(&id, &session).map(|cookie| (SET_COOKIE, cookie)));
    Ok(response)
}

/// What this browser alone knows: 128 bits.
fn nonce() -> Result<String, Stop> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Stop::Broken)?;
    Ok(guard::text(&bytes))
}

/// `GET /connect/at/{id}/done`: what came of it.
pub(super) async fn done(
    State(page): State<Arc<Page>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let kept = [true, false].into_iter().find_map(|secure| cookie::read(&headers, page.key(), &id, secure));
    match kept.ok_or(Stop::Lost)? {
        Kept::Open(_) => Ok(screens::go(&format!("/connect/at/{id}"))),
        Kept::Done(done) => {
            let brand = Brand { app: Some(done.app.clone()), logo: done.logo.clone(), colour: done.colour.clone() };
            Ok(screens::Finish { look: Look::new(brand), done: &done }.answer())
        }
    }
}

impl Page {
    /// The link of this name, as the browser brings it.
    pub(super) fn session(&self, headers: &HeaderMap, id: &str) -> Result<Session, Stop> {
        let kept = [true, false].into_iter().find_map(|secure| cookie::read(headers, self.key(), id, secure));
        match kept {
            Some(Kept::Open(session)) => Ok(session),
            Some(Kept::Done(_)) => Err(Stop::Done(id.to_owned())),
            None => Err(Stop::Lost),
        }
    }

    /// Looks at the link that the browser brings.
    pub(super) async fn opened(&self, headers: &HeaderMap, id: &str) -> Result<Opened, Stop> {
        let session = self.session(headers, id)?;
        let visit = self.look(&session.token).await?;
        // A page over TLS believes no cookie that could have been set without.
        if session.secure != secure(&visit) {
            return Err(Stop::Lost);
        }
        let look = Look::new(Brand::of(self.key(), &visit.tenant));
        Ok(Opened { id: id.to_owned(), session, visit, look })
    }
}
