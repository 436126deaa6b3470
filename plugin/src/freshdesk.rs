//! Speaks HTTP with the helpdesk of this instance. One call makes one request, and a write is never repeated.

use form_urlencoded::Serializer;
use serde_json::{Map, Value};
use waki::bindings::wasi::http::outgoing_handler;
use waki::bindings::wasi::http::types::{HeaderError, Headers, OutgoingBody, OutgoingRequest};
use waki::bindings::wasi::io::streams::StreamError;
use waki::{ErrorCode, Method, Response};

use crate::bindings::freshdesk::tools::credentials::{self, Authorization, Helpdesk};
use crate::bindings::freshdesk::tools::types::{Error, Page, Surprise};
use crate::object::Object;
use crate::refusal;

/// Longest answer that is read, in bytes: a full page of tickets with descriptions is about 2 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Bytes asked of the body's stream at a time.
const CHUNK: u64 = 64 << 10;

/// The helpdesk this instance works for.
pub(crate) struct Freshdesk(Helpdesk);

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

impl Freshdesk {
    /// Asks the host which helpdesk to work for.
    pub(crate) fn connect() -> Result<Self, Error> {
        credentials::get().map(Self)
    }

    /// The page of a ticket for agents (`docs/freshdesk.md` §1.2).
    pub(crate) fn ticket_url(&self, ticket: u64) -> String {
        format!("{}/a/tickets/{ticket}", self.0.base_url)
    }

    /// Reads something.
    pub(crate) fn get(&self, path: &str, query: &Query) -> Result<Answer, Error> {
        self.send(Method::Get, &query.after(path), None)
    }

    /// Makes something new.
    pub(crate) fn post(&self, path: &str, body: Body) -> Result<Answer, Error> {
        self.send(Method::Post, path, Some(body))
    }

    /// Changes something.
    pub(crate) fn put(&self, path: &str, body: Body) -> Result<Answer, Error> {
        self.send(Method::Put, path, Some(body))
    }

    /// Removes something.
    pub(crate) fn delete(&self, path: &str) -> Result<Answer, Error> {
        self.send(Method::Delete, path, None)
    }

    fn send(&self, method: Method, path: &str, body: Option<Body>) -> Result<Answer, Error> {
        let write = !matches!(method, Method::Get);
        let body = body.map(|body| Value::Object(body.0).to_string());
        let headers = self.headers(body.as_deref(), write).map_err(|_| unusable())?;
        let (scheme, authority) = self.0.base_url.split_once("://").ok_or_else(unusable)?;
        let request = OutgoingRequest::new(headers);
        request.set_method(&method).map_err(|()| unusable())?;
        request.set_scheme(Some(&scheme.into())).map_err(|()| unusable())?;
        request.set_authority(Some(authority)).map_err(|()| unusable())?;
        let path = format!("/api/v2/{path}");
        request.set_path_with_query(Some(&path)).map_err(|()| refusal::request_too_long())?;
        let response = exchange(request, body.as_deref()).map_err(|code| not_answered(code.as_ref(), write))?;
        read(&response, write)
    }

    fn headers(&self, body: Option<&str>, write: bool) -> Result<Headers, HeaderError> {
        let mut headers = vec![("accept", "application/json"), ("user-agent", USER_AGENT)];
        let length = body.map_or(0, str::len).to_string();
        if write {
            // Also of no body: a host that is not told sends an empty one in chunks.
            headers.push(("content-length", &length));
        }
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        if let Authorization::Header(value) = &self.0.authorization {
            headers.push(("authorization", value));
        }
        let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Headers::from_list(&headers)
    }
}

/// The plugin's name to Freshdesk.
const USER_AGENT: &str = concat!("freshdesk-plugin/", env!("CARGO_PKG_VERSION"));

/// A request cannot be built for what the host named.
fn unusable() -> Error {
    let detail = "the host named no usable base URL or authorization".to_owned();
    Error::Unexpected(Surprise { status: None, detail, request_id: None })
}

/// Sends a request and waits for its answer. The error is the host's code, where it gave one.
///
/// waki's own `send` gives the answer up when the stream of the request's body is closed early. Servers close it when
/// they answer before they have read the body; wasmtime does, at times, when the body has just been read to its end.
fn exchange(request: OutgoingRequest, body: Option<&str>) -> Result<Response, Option<ErrorCode>> {
    let stream = request.body().map_err(|()| None)?;
    let answer = outgoing_handler::handle(request, None).map_err(Some)?;
    // The answer tells what became of the request, whether or not all of its body was taken.
    let _ = write(&stream, body.unwrap_or_default().as_bytes());
    let _ = OutgoingBody::finish(stream, None);
    answer.subscribe().block();
    match answer.get() {
        Some(Ok(Ok(response))) => response.try_into().map_err(|_| None),
        Some(Ok(Err(code))) => Err(Some(code)),
        _ => Err(None),
    }
}

/// Writes a request's body as fast as the host takes it.
fn write(body: &OutgoingBody, mut rest: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().map_err(|()| StreamError::Closed)?;
    while !rest.is_empty() {
        stream.subscribe().block();
        let permitted = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        let (now, later) = rest.split_at(rest.len().min(permitted));
        stream.write(now)?;
        rest = later;
    }
    Ok(())
}

/// What a request without an answer means: a write may have been executed unless it surely never left.
fn not_answered(code: Option<&ErrorCode>, write: bool) -> Error {
    match code {
        Some(ErrorCode::HttpRequestDenied) => refusal::by_policy(),
        Some(ErrorCode::HttpRequestBodySize(_)) => refusal::request_too_long(),
        Some(ErrorCode::HttpResponseBodySize(_)) if !write => refusal::too_long(None),
        _ if !write => Error::Unavailable,
        Some(code) if never_left(code) => Error::Unavailable,
        _ => Error::OutcomeUnknown,
    }
}

/// Whether a request that failed with `code` failed before any of it was sent.
fn never_left(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DnsTimeout
            | ErrorCode::DnsError(_)
            | ErrorCode::DestinationNotFound
            | ErrorCode::DestinationUnavailable
            | ErrorCode::DestinationIpProhibited
            | ErrorCode::DestinationIpUnroutable
            | ErrorCode::ConnectionRefused
            | ErrorCode::ConnectionLimitReached
            | ErrorCode::ConnectionTimeout
            | ErrorCode::TlsCertificateError
            | ErrorCode::HttpRequestUriInvalid
    )
}

/// Reads a response to its end, up to [`LONGEST_ANSWER`], and tells answers from refusals.
fn read(response: &Response, write: bool) -> Result<Answer, Error> {
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
        return Err(refusal::read(&refusal::Refused {
            code,
            write,
            request_id,
            retry_after: header("retry-after"),
            body: &body,
        }));
    }
    let next_page = header("link").and_then(next_page);
    Ok(Answer { body: serde_json::from_slice(&body).unwrap_or(Value::Null), next_page, status })
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

impl Answer {
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
            query: query.0.clone(),
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

/// A query string: only parameters that have a value are in it.
#[derive(Default)]
pub(crate) struct Query(String);

impl Query {
    /// Adds a parameter, percent-encoded, if it has a value.
    pub(crate) fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            let value = value.to_string();
            let pair = Serializer::new(String::new()).append_pair(name, &value).finish();
            let separator = if self.0.is_empty() { "" } else { "&" };
            // Freshdesk's documentation shows the commas of a list as they are.
            self.0 += &format!("{separator}{}", pair.replace("%2C", ","));
        }
        self
    }

    /// Adds a comma-separated parameter, each word once, if there are any words.
    pub(crate) fn with_words(self, name: &str, words: impl IntoIterator<Item = &'static str>) -> Self {
        let mut once: Vec<&str> = Vec::new();
        for word in words {
            if !once.contains(&word) {
                once.push(word);
            }
        }
        self.with(name, (!once.is_empty()).then(|| once.join(",")))
    }

    fn after(&self, path: &str) -> String {
        if self.0.is_empty() { path.to_owned() } else { format!("{path}?{}", self.0) }
    }
}

/// A request's JSON object: only attributes that have a value are in it.
#[derive(Default)]
pub(crate) struct Body(Map<String, Value>);

impl Body {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an attribute if it has a value. The value `Some(None)` is JSON's null, which clears it.
    pub(crate) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_query_encodes_everything_but_the_comma() {
        let query = Query::default().with("email", Some("a+b%c&d=e@x.com")).with("page", Some(2));
        assert_eq!(query.after("tickets"), "tickets?email=a%2Bb%25c%26d%3De%40x.com&page=2");
        assert_eq!(
            Query::default().with_words("include", ["stats", "requester", "stats"]).0,
            "include=stats,requester"
        );
        assert_eq!(Query::default().with("email", None::<&str>).with_words("include", []).after("t"), "t");
    }

    #[test]
    fn a_write_that_may_have_left_is_of_unknown_outcome() {
        assert!(matches!(not_answered(None, true), Error::OutcomeUnknown));
        assert!(matches!(not_answered(Some(&ErrorCode::ConnectionReadTimeout), true), Error::OutcomeUnknown));
        assert!(matches!(not_answered(Some(&ErrorCode::HttpProtocolError), true), Error::OutcomeUnknown));
        assert!(matches!(not_answered(Some(&ErrorCode::ConnectionRefused), true), Error::Unavailable));
        assert!(matches!(not_answered(None, false), Error::Unavailable));
        assert!(matches!(not_answered(Some(&ErrorCode::HttpRequestDenied), true), Error::Forbidden(_)));
        assert!(matches!(not_answered(Some(&ErrorCode::HttpRequestBodySize(None)), true), Error::InvalidInput(_)));
    }
}
