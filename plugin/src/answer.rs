//! What Freshdesk answered: one object, a page of them, or nothing.

use serde_json::Value;
use waki::Response;

use crate::bindings::freshdesk::tools::types::{Error, Page, Surprise};
use crate::object::Object;
use crate::refusal::{self, Refused};
use crate::request::Query;

/// Longest answer that is read, in bytes: a full page of tickets with descriptions is about 2 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Bytes asked of the body's stream at a time.
const CHUNK: u64 = 64 << 10;

/// What Freshdesk answered to a request it accepted.
pub(crate) struct Answer {
    body: Value,
    next_page: Option<u32>,
    status: Status,
}

/// What is known of an answer apart from its body.
struct Status {
    code: u16,
    request_id: Option<String>,
    write: bool,
}

impl Answer {
    /// Reads a response to its end, up to [`LONGEST_ANSWER`], and tells answers from refusals.
    pub(crate) fn read(response: &Response, write: bool) -> Result<Self, Error> {
        let header = |name: &str| response.header(name).and_then(|value| value.to_str().ok());
        let request_id = header("x-request-id").map(str::to_owned);
        let status = Status { code: response.status_code(), request_id, write };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk(CHUNK).map_err(|_| broken_off(write))? {
            body.extend(chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(if write { Error::OutcomeUnknown } else { refusal::too_long(Some(status.code)) });
            }
        }
        if !(200..300).contains(&status.code) {
            let (code, request_id) = (status.code, status.request_id);
            return Err(refusal::read(&Refused {
                code,
                write,
                request_id,
                retry_after: header("retry-after"),
                body: &body,
            }));
        }
        let next_page = header("link").and_then(next_page);
        Ok(Self { body: serde_json::from_slice(&body).unwrap_or(Value::Null), next_page, status })
    }

    /// The one object that was answered.
    pub(crate) fn object<T>(self, read: impl FnOnce(&mut Object) -> Option<T>) -> Result<T, Error> {
        let Value::Object(object) = self.body else { return Err(self.status.unreadable()) };
        read(&mut Object::new(object)).ok_or_else(|| self.status.unreadable())
    }

    /// Nothing, which Freshdesk answers with 204 and no body.
    pub(crate) fn nothing(self) -> Result<(), Error> {
        if self.status.code == 204 { Ok(()) } else { Err(self.status.unreadable()) }
    }

    /// The objects of the page that was answered, and where it stands in its list of at most `pages` pages.
    pub(crate) fn page<T>(
        self,
        query: &Query,
        pages: Option<u32>,
        read: impl Fn(&mut Object) -> Option<T>,
    ) -> Result<(Vec<T>, Page), Error> {
        let Value::Array(items) = self.body else { return Err(self.status.unreadable()) };
        let read = |item| if let Value::Object(object) = item { read(&mut Object::new(object)) } else { None };
        let items: Option<Vec<T>> = items.into_iter().map(read).collect();
        let page = Page {
            has_more: self.next_page.is_some(),
            next_page: self.next_page.filter(|&page| pages.is_none_or(|last| page <= last)),
            query: query.text().to_owned(),
        };
        items.map(|items| (items, page)).ok_or_else(|| self.status.unreadable())
    }
}

impl Status {
    /// What it means that an accepted request was answered with something else than what the tool answers.
    fn unreadable(self) -> Error {
        if self.write {
            return Error::OutcomeUnknown;
        }
        let detail = "the answer is not the JSON that was asked for".to_owned();
        Error::Unexpected(Surprise { status: Some(self.code), detail, request_id: self.request_id })
    }
}

/// What an answer means whose body ended before its end.
fn broken_off(write: bool) -> Error {
    if write { Error::OutcomeUnknown } else { Error::Unavailable }
}

/// The number of the next page in a `link` header (`docs/freshdesk.md` §4). Nothing else is taken from it: not its
/// host, nor its path.
fn next_page(link: &str) -> Option<u32> {
    let mut rest = link;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or(after);
        if is_next(parameters) {
            let (_, query) = url.split_once('?')?;
            let (_, page) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "page")?;
            return page.parse().ok();
        }
        rest = after;
    }
    None
}

/// Whether the parameters after a link's target say `rel="next"`.
fn is_next(parameters: &str) -> bool {
    parameters.split([';', ',']).any(|parameter| match parameter.split_once('=') {
        Some((name, value)) => name.trim() == "rel" && value.trim().trim_matches('"').split(' ').any(|r| r == "next"),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_next_page_is_read_as_a_number_only() {
        let next = |link| super::next_page(link);
        assert_eq!(next(r#"<https://acme.freshdesk.com/api/v2/tickets?page=2>; rel="next""#), Some(2));
        assert_eq!(next(r#"<https://evil.example/steal?page=3&x=1>;rel=next"#), Some(3));
        assert_eq!(next(r#"<https://x/t?page=0x2>; rel="next""#), None);
        assert_eq!(next(r#"<https://x/t?page=-1>; rel="next""#), None);
        assert_eq!(next(r#"<https://x/t>; rel="next""#), None);
        assert_eq!(next("nonsense"), None);
        assert_eq!(next(""), None);
    }

    /// B2: the number is the parameter `page`, wherever it stands, and only of the link that says next.
    #[test]
    fn b2_per_page_is_never_taken_for_the_page() {
        let next = |link| super::next_page(link);
        assert_eq!(next(r#"<https://x/t?per_page=100&page=2>; rel="next""#), Some(2));
        assert_eq!(next(r#"<https://x/t?page=2&per_page=100>; rel="next""#), Some(2));
        assert_eq!(next(r#"<https://x/t?per_page=100>; rel="next""#), None);
        assert_eq!(next(r#"<https://x/t?page=1>; rel="prev", <https://x/t?page=3>; rel="next""#), Some(3));
        assert_eq!(next(r#"<https://x/t?page=1>; rel="prev""#), None);
        assert_eq!(next(r#"<https://x/t?include=requester,stats&page=4>; rel="next""#), Some(4));
    }
}
