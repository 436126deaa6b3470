//! The second step: the user sees whom the link is about to connect, and confirms.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::SET_COOKIE;
use serde_json::{Value, json};
use tracing::{info, warn};

use super::cookie::{self, Done, Session};
use super::form::Fields;
use super::look;
use super::said::Said;
use super::stop::Stop;
use super::visit::Opened;
use super::words::{self, Problem};
use super::{Page, guard, offer, screens};
use crate::account::Person;
use crate::accounts::{ConfirmError, Confirmed};
use crate::store::records::{Candidate, Proof};
use crate::surface::headers;
use crate::surface::rate::Address;

/// The step, as its form is signed.
const STEP: &str = "confirm";

/// What the form showed; it comes back with it, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Where the page is.
    pub(super) origin: String,
    /// Whom it was about to connect, as [`crate::accounts::Visit::seen`] names it.
    pub(super) seen: String,
    /// What the last page will say.
    pub(super) done: Done,
}

/// `GET /connect/at/{id}/confirm`: whom it is about to connect, with what was wrong before. Only the browser that gave the
/// key is shown that.
pub(super) async fn show(
    State(page): State<Arc<Page>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Stop> {
    let opened = page.opened(&headers, &id).await?;
    let said = Said::read(page.key(), &opened.session, query.as_deref());
    Ok(screen(&page, opened, said.map(|said| said.problem).as_ref()))
}

/// `POST /connect/at/{id}/confirm`: connects, or sends the browser back to its tenant. It does not look at the link before,
/// since a second press of the button is no alarm. Only the browser that gave the key confirms it: who sent their own link to
/// somebody else must not confirm that one's key.
pub(super) async fn take(
    State(page): State<Arc<Page>>,
    Path(id): Path<String>,
    Extension(from): Extension<Address>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Stop> {
    let session = page.session(&headers, &id)?;
    let fields = Fields::read(&headers, body).await?;
    let shown = guard::unseal(page.key(), STEP, &session, fields.get("form")).and_then(|text| Shown::decode(&text));
    let shown = shown.filter(|shown| guard::from_own_page(&headers, &shown.origin));
    let shown = shown.ok_or_else(|| offer::foreign(&id))?;
    page.gate.attempt(from).map_err(Stop::Busy)?;
    if !session.has_offered(page.key(), &shown.seen) {
        return refuse(&page, &headers, &id, ConfirmError::Changed).await;
    }
    match page.accounts.accept(&session.token, &shown.seen, Some(fields.get("code"))).await {
        Ok(Confirmed::Active(_)) => {
            info!(link = id, "confirmed");
            let next = format!("/connect/at/{id}/done");
            Ok(finish(&page, &id, &session, &Done { connected: true, ..shown.done }, &next))
        }
        Ok(Confirmed::Return(url)) => {
            info!(link = id, "confirmed; the tenant has to");
            Ok(finish(&page, &id, &session, &Done { back: Some(url.clone()), ..shown.done }, &url))
        }
        Err(error) => refuse(&page, &headers, &id, error).await,
    }
}

/// Sends the browser on; of the link it keeps what came of it.
fn finish(page: &Page, id: &str, session: &Session, done: &Done, next: &str) -> Response {
    let mut response = screens::go(next);
    let cookies = cookie::done(page.key(), id, session.secure, done).into_iter().flatten();
    response.headers_mut().extend(cookies.map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// Sends the browser to what can be confirmed now, with what was wrong. A link that is of no use is not looked at once more.
async fn refuse(page: &Page, headers: &HeaderMap, id: &str, error: ConfirmError) -> Result<Response, Stop> {
    info!(link = id, why = %error, "not confirmed");
    if let ConfirmError::Link(error) = error {
        return Err(error.into());
    }
    let opened = page.opened(headers, id).await?;
    let problem = words::confirm(error, opened.look.app())?;
    let said = Said { problem, helpdesk: String::new() };
    Ok(said.go(page.key(), &opened.session, &format!("/connect/at/{id}/confirm")))
}

/// Whom the link is about to connect; where there is nobody, or the key was given in another browser, the first step.
fn screen(page: &Page, opened: Opened, problem: Option<&Problem>) -> Response {
    let Some(candidate) = &opened.visit.link.candidate else {
        let nothing = words::nothing();
        let helpdesk = offer::known(&opened).unwrap_or_default();
        return offer::screen(page, opened, helpdesk, Some(problem.unwrap_or(&nothing)));
    };
    let shown = shown(&opened, candidate);
    if !opened.session.has_offered(page.key(), &shown.seen) {
        warn!(link = opened.id, "a key that was given in another browser is not shown");
        let elsewhere = words::elsewhere(opened.look.app());
        let helpdesk = offer::known(&opened).unwrap_or_default();
        return offer::screen(page, opened, helpdesk, Some(&elsewhere));
    }
    let proof = &opened.visit.link.proof;
    let account = &opened.visit.account;
    let screen = screens::Confirm {
        problem,
        action: format!("/connect/at/{}/confirm", opened.id),
        again: format!("/connect/at/{}", opened.id),
        form: guard::seal(page.key(), STEP, &opened.session, &shown.encode()),
        short: short(&candidate.person),
        person: shown.done.person,
        helpdesk: shown.done.helpdesk,
        account: look::name(account.name.as_deref().unwrap_or(account.user.identifier())),
        code: matches!(proof, Proof::Code(_)),
        back: matches!(proof, Proof::Return { .. }),
        look: opened.look,
    };
    let mut response = screen.answer();
    if let Proof::Return { url, .. } = proof {
        headers::lead_to(response.headers_mut(), url);
    }
    response
}

fn shown(opened: &Opened, candidate: &Candidate) -> Shown {
    let brand = opened.look.brand.clone();
    let done = Done {
        connected: false,
        app: opened.look.app().to_owned(),
        logo: brand.logo,
        colour: brand.colour,
        person: named(&candidate.person),
        helpdesk: format!("{}.freshdesk.com", candidate.helpdesk),
        back: None,
    };
    Shown { origin: opened.visit.origin.clone(), seen: opened.visit.seen().unwrap_or_default(), done }
}

/// A support agent by name and e-mail, as far as Freshdesk says.
pub(super) fn named(person: &Person) -> String {
    let said = |text: &Option<String>| text.as_deref().map(look::name).filter(|text| !text.trim().is_empty());
    match (said(&person.name), said(&person.email)) {
        (Some(name), Some(email)) => format!("{name} ({email})"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => format!("agent {}", person.id),
    }
}

/// What a button calls them.
fn short(person: &Person) -> String {
    named(&Person { email: person.email.clone().filter(|_| person.name.is_none()), ..person.clone() })
}

impl Shown {
    pub(super) fn encode(&self) -> String {
        let Self { origin, seen, done } = self;
        json!({"origin": origin, "seen": seen, "done": done.to_json()}).to_string()
    }

    pub(super) fn decode(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        Some(Self {
            origin: json["origin"].as_str()?.to_owned(),
            seen: json["seen"].as_str()?.to_owned(),
            done: Done::from_json(&json["done"]),
        })
    }
}
