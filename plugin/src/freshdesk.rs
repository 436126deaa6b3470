//! Speaks HTTP with the helpdesk of this instance. One call makes one request, and a write is never repeated.

use waki::bindings::wasi::http::outgoing_handler;
use waki::bindings::wasi::http::types::{HeaderError, Headers, IncomingResponse, OutgoingBody, OutgoingRequest};
use waki::bindings::wasi::io::streams::StreamError;
use waki::{ErrorCode, Method};

use crate::answer::Answer;
use crate::bindings::freshdesk::tools::credentials::{self, Authorization, Helpdesk};
use crate::bindings::freshdesk::tools::types::{Error, Surprise};
use crate::refusal;
use crate::request::{Body, Query};

/// The helpdesk this instance works for.
pub(crate) struct Freshdesk(Helpdesk);

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
        let body = body.map(Body::into_text);
        let headers = self.headers(body.as_deref(), write).map_err(|_| unusable())?;
        let (scheme, authority) = self.0.base_url.split_once("://").ok_or_else(unusable)?;
        let request = OutgoingRequest::new(headers);
        if write {
            // A request is a GET unless something else is said.
            request.set_method(&method).map_err(|()| unusable())?;
        }
        request.set_scheme(Some(&scheme.into())).map_err(|()| unusable())?;
        request.set_authority(Some(authority)).map_err(|()| unusable())?;
        let path = ["/api/v2/", path].concat();
        request.set_path_with_query(Some(&path)).map_err(|()| refusal::request_too_long())?;
        let response = exchange(request, body.as_deref()).map_err(|code| not_answered(code.as_ref(), write))?;
        Answer::read(response, write)
    }

    fn headers(&self, body: Option<&str>, write: bool) -> Result<Headers, HeaderError> {
        let mut headers = vec![("accept", "application/json"), ("user-agent", USER_AGENT)];
        // Also of no body: a host that is not told sends an empty one in chunks.
        let length = write.then(|| body.map_or(0, str::len).to_string());
        if let Some(length) = &length {
            headers.push(("content-length", length));
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
/// A request without a body has no stream either, so that a host can send it at once and have the answer when it returns.
///
/// waki's own `send` gives the answer up when the stream of the request's body is closed early. Servers close it when
/// they answer before they have read the body; wasmtime does, at times, when the body has just been read to its end.
fn exchange(request: OutgoingRequest, body: Option<&str>) -> Result<IncomingResponse, Option<ErrorCode>> {
    let stream = body.map(|_| request.body()).transpose().map_err(|()| None)?;
    let answer = outgoing_handler::handle(request, None).map_err(Some)?;
    if let (Some(stream), Some(body)) = (stream, body) {
        // The answer tells what became of the request, whether or not all of its body was taken.
        let _ = write(&stream, body.as_bytes());
        let _ = OutgoingBody::finish(stream, None);
    }
    let wait = || {
        answer.subscribe().block();
        answer.get()
    };
    match answer.get().or_else(wait) {
        Some(Ok(Ok(response))) => Ok(response),
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

#[cfg(test)]
mod tests {
    use super::*;

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
