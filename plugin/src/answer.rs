//! What Freshdesk answered: one object, a page of them, or nothing.

use waki::bindings::wasi::http::types::IncomingResponse;
use waki::bindings::wasi::io::streams::StreamError;

use crate::bindings::freshdesk::tools::types::{Error, Page, Surprise};
use crate::object::Object;
use crate::refusal::{self, Refused};
use crate::request::Query;

/// Longest answer that is read, in bytes: a full page of tickets with descriptions is about 2 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Bytes asked of the body's stream at a time: most answers are one piece.
const PIECE: u64 = 1 << 20;

/// What Freshdesk answered to a request it accepted.
pub(crate) struct Answer {
    body: Vec<u8>,
    head: Head,
}

/// An answer apart from its body. Of its headers, only those are asked for that somebody wants to know.
struct Head {
    response: IncomingResponse,
    code: u16,
    write: bool,
}

impl Answer {
    /// Reads a response to its end, up to [`LONGEST_ANSWER`], and tells answers from refusals.
    pub(crate) fn read(response: IncomingResponse, write: bool) -> Result<Self, Error> {
        let head = Head { code: response.status(), response, write };
        let body = head.body()?;
        if !(200..300).contains(&head.code) {
            let (request_id, retry_after) = (head.header("x-request-id"), head.header("retry-after"));
            let retry_after = retry_after.as_deref();
            return Err(refusal::read(&Refused { code: head.code, write, request_id, retry_after, body: &body }));
        }
        Ok(Self { body, head })
    }

    /// The one object that was answered.
    pub(crate) fn object<T>(self, read: impl FnOnce(&mut Object) -> Option<T>) -> Result<T, Error> {
        let read = Object::read(&self.body).and_then(|mut object| read(&mut object));
        read.ok_or_else(|| self.head.unreadable())
    }

    /// Nothing, which Freshdesk answers with 204 and no body.
    pub(crate) fn nothing(self) -> Result<(), Error> {
        if self.head.code == 204 { Ok(()) } else { Err(self.head.unreadable()) }
    }

    /// The objects of the page that was answered, and where it stands in its list of at most `pages` pages.
    pub(crate) fn page<T>(
        self,
        query: &Query,
        pages: Option<u32>,
        read: impl Fn(&mut Object) -> Option<T>,
    ) -> Result<(Vec<T>, Page), Error> {
        let items = Object::list(&self.body).ok_or_else(|| self.head.unreadable())?;
        let items: Option<Vec<T>> = items.into_iter().map(|mut item| read(&mut item)).collect();
        let next = self.head.header("link").and_then(|link| next_page(&link));
        let page = Page {
            has_more: next.is_some(),
            next_page: next.filter(|&page| pages.is_none_or(|last| page <= last)),
            query: query.text().to_owned(),
        };
        items.map(|items| (items, page)).ok_or_else(|| self.head.unreadable())
    }
}

impl Head {
    fn header(&self, name: &str) -> Option<String> {
        let values = self.response.headers().get(&name.to_owned());
        String::from_utf8(values.into_iter().next()?).ok()
    }

    fn body(&self) -> Result<Vec<u8>, Error> {
        let body = self.response.consume().map_err(|()| self.broken_off())?;
        let stream = body.stream().map_err(|()| self.broken_off())?;
        let mut all = Vec::new();
        loop {
            match stream.blocking_read(PIECE) {
                Ok(piece) if all.is_empty() => all = piece,
                Ok(piece) => all.extend(piece),
                Err(StreamError::Closed) => return Ok(all),
                Err(_) => return Err(self.broken_off()),
            }
            if all.len() > LONGEST_ANSWER {
                return Err(if self.write { Error::OutcomeUnknown } else { refusal::too_long(Some(self.code)) });
            }
        }
    }

    /// What an answer means whose body ended before its end.
    fn broken_off(&self) -> Error {
        if self.write { Error::OutcomeUnknown } else { Error::Unavailable }
    }

    /// What it means that an accepted request was answered with something else than what the tool answers.
    fn unreadable(&self) -> Error {
        if self.write {
            return Error::OutcomeUnknown;
        }
        let detail = "the answer is not the JSON that was asked for".to_owned();
        Error::Unexpected(Surprise { status: Some(self.code), detail, request_id: self.header("x-request-id") })
    }
}

/// The number of the next page in a `link` header (`docs/freshdesk.md` §4). Nothing else is taken from it: not its
/// host, nor its path.
pub(crate) fn next_page(link: &str) -> Option<u32> {
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
