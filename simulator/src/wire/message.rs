//! A request as it was read, and an answer as it is sent.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use serde_json::Value;

use super::errors::{FieldError, Refusal};
use crate::state::Exchange;

/// Where the API begins.
const API: &str = "/api/v2";

/// A whole request.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path as sent.
    pub(crate) path: String,
    /// What follows the question mark, as sent.
    pub(crate) query: String,
    /// The `Host` header or the `:authority` of HTTP/2.
    pub(crate) host: String,
    pub(crate) body: Bytes,
    headers: HeaderMap,
    version: Version,
    scheme: &'static str,
}

impl Request {
    /// Puts a request together from what was read.
    pub(crate) fn new(head: Parts, body: Bytes, scheme: &'static str) -> Request {
        let named = head.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = head.uri.authority().map(|authority| authority.as_str()).or(named).unwrap_or_default().to_owned();
        Request {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            host,
            body,
            headers: head.headers,
            version: head.version,
            scheme,
        }
    }

    /// The path below `/api/v2`, beginning with a slash; empty for a path that lies elsewhere.
    pub(crate) fn path_below_api(&self) -> &str {
        let path = if self.path.starts_with("//") { &self.path[1..] } else { &self.path };
        path.strip_prefix(API).filter(|below| below.starts_with('/')).unwrap_or_default()
    }

    /// The scheme and host that absolute addresses in answers begin with.
    pub(crate) fn base(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.headers.get(AUTHORIZATION)?.to_str().ok()
    }

    /// The media type of the body, without parameters, in lower case.
    pub(crate) fn content_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// Refuses a client that cannot read JSON.
    pub(crate) fn check_accept(&self) -> Result<(), Refusal> {
        let wanted = self.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut types =
            wanted.flat_map(|value| value.split(',')).map(|value| value.split(';').next().unwrap_or_default().trim());
        match types.next() {
            None => Ok(()),
            Some(first) => {
                let readable = |media: &str| matches!(media.to_ascii_lowercase().as_str(), "application/json" | "*/*");
                if readable(first) || types.any(readable) { Ok(()) } else { Err(Refusal::NotAcceptable) }
            }
        }
    }

    /// Refuses a GET below a doubled slash, which Freshdesk misroutes while other verbs work (`docs/freshdesk.md §1`).
    pub(crate) fn check_slashes(&self) -> Result<(), Refusal> {
        if self.method != Method::GET || !self.path.starts_with("//") {
            return Ok(());
        }
        let resource = self.path_below_api().split('/').nth(1).unwrap_or_default();
        Err(Refusal::invalid(vec![FieldError::unknown(resource.strip_suffix('s').unwrap_or(resource))]))
    }

    /// The entry of the journal, as far as the request makes it.
    pub(crate) fn exchange(&self) -> Exchange {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Exchange {
            connection: 0,
            version: format!("{:?}", self.version),
            host: self.host.clone(),
            method: self.method.to_string(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.iter().map(header).collect(),
            body: self.body.to_vec(),
            status: 0,
            credits: 0,
        }
    }
}

/// A host without its port. A numeric IPv6 address keeps its brackets.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the request cost.
    pub(crate) credits: u32,
}

impl Answer {
    /// An answer without a body, and without the type of one.
    pub(crate) fn empty(status: u16) -> Answer {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Answer { status, headers: HeaderMap::new(), body: Bytes::new(), credits: 0 }
    }

    /// An answer in JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Answer {
        let answer = Answer { body: Bytes::from(body.to_string()), ..Answer::empty(status) };
        answer.with("content-type", "application/json; charset=utf-8")
    }

    /// Exactly this. A header that HTTP forbids is left out.
    pub(crate) fn verbatim(status: u16, headers: &[(String, String)], body: Bytes) -> Answer {
        let answer = Answer { body, ..Answer::empty(status) };
        headers.iter().fold(answer, |answer, (name, value)| answer.with(name, value))
    }

    /// Adds a header. One that HTTP forbids is left out.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Answer {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.append(name, value);
        }
        self
    }
}
