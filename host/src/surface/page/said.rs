//! What was wrong with a form, in the address that the browser is sent on to. No answer to a form is a page, so that going
//! back and loading again send no form a second time.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::cookie::Session;
use super::guard::{self, Key};
use super::screens;
use super::words::Problem;

/// What it is called in an address.
const NAME: &str = "said";

/// The fields that a problem can be about.
const FIELDS: [&str; 4] = ["helpdesk", "key", "code", ""];

/// What was wrong, and what the field of the helpdesk starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) problem: Problem,
    pub(super) helpdesk: String,
}

impl Said {
    /// Sends the browser on to the page at this path, which says it. Signed for the link and the browser, so that nobody else
    /// puts words into the page.
    pub(super) fn go(&self, key: &Key, session: &Session, path: &str) -> Response {
        screens::go(&format!("{path}?{NAME}={}", guard::seal(key, NAME, session, &self.encode())))
    }

    /// What an address says; none when that is nothing, or not of this link and browser.
    pub(super) fn read(key: &Key, session: &Session, query: Option<&str>) -> Option<Self> {
        let sealed = form_urlencoded::parse(query?.as_bytes()).find(|field| field.0 == NAME)?.1;
        Self::decode(&guard::unseal(key, NAME, session, &sealed)?)
    }

    fn encode(&self) -> String {
        let Problem { status, at, what, next } = &self.problem;
        let status = status.as_u16();
        json!({"status": status, "at": at, "what": what, "next": next, "helpdesk": self.helpdesk}).to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let status = u16::try_from(json["status"].as_u64()?).ok()?;
        let problem = Problem {
            status: StatusCode::from_u16(status).ok()?,
            at: FIELDS.into_iter().find(|field| json["at"] == *field)?,
            what: text("what")?,
            next: text("next")?,
        };
        Some(Self { problem, helpdesk: text("helpdesk")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::LOCATION;

    const KEY: Key = [7; 32];

    fn session(nonce: &str) -> Session {
        Session { token: "t".to_owned(), nonce: nonce.to_owned(), offered: None, secure: true }
    }

    #[test]
    fn what_was_said_is_read_by_the_same_browser_alone() {
        let (what, next) = ("This is no API key.".to_owned(), "Copy it – the whole of it.".to_owned());
        let problem = Problem { status: StatusCode::UNPROCESSABLE_ENTITY, at: "key", what, next };
        let said = Said { problem, helpdesk: "acme & more".to_owned() };
        let response = said.go(&KEY, &session("one"), "/connect/at/a");
        let address = response.headers()[LOCATION].to_str().unwrap().to_owned();
        let (path, query) = address.split_once('?').unwrap();
        assert_eq!(path, "/connect/at/a");
        assert_eq!(Said::read(&KEY, &session("one"), Some(query)), Some(said));
        assert_eq!(Said::read(&KEY, &session("two"), Some(query)), None);
        assert_eq!(Said::read(&KEY, &session("one"), Some("said=What+an+attacker+says.x")), None);
        assert_eq!(Said::read(&KEY, &session("one"), None), None);
    }
}
