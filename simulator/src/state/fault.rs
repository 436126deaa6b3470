//! Things that go wrong on request.

use std::time::Duration;

use serde_json::json;

/// One thing that goes wrong, with the requests it befalls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The verb it waits for; any when absent.
    pub method: Option<String>,
    /// The beginning of the path below `/api/v2`, such as `/tickets`; any when absent.
    pub path: Option<String>,
    /// How many requests it still befalls.
    pub times: u32,
    /// What happens to them.
    pub action: FaultAction,
}

/// What happens to a request that a fault befalls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultAction {
    /// The request runs at once, its answer comes this much later.
    Delay(Duration),
    /// The connection is closed without an answer; the request does not run.
    Reset,
    /// The request runs, then the connection is closed without an answer.
    ResetAfter,
    /// The request runs; the headers promise the whole body, that many bytes of it come, then the connection is closed.
    Truncate(usize),
    /// The request runs; its body comes in pieces.
    SlowBody {
        /// How many bytes a piece has, at least one.
        chunk: usize,
        /// How long each piece lets the reader wait.
        pause: Duration,
    },
    /// The request runs; its body goes on with spaces for as long as somebody reads, and no length is promised.
    Endless,
    /// The request runs; this happens to the bytes of its answer on their way, counted from the first one that the connection
    /// sends after the request: status line, headers and body of HTTP/1, frames of HTTP/2. It ends with the next request that
    /// arrives on the connection.
    Line(LineFault),
    /// The request runs; its body is compressed.
    Compress {
        /// How.
        encoding: Encoding,
        /// Whether the header `content-encoding` says so.
        told: bool,
    },
    /// The request runs; somewhere in its answer, as this number decides, the JSON is of another type or shape. A text never
    /// becomes another text, nor a number another number: what is of the right type is true.
    Warp(u64),
    /// The helpdesk's clock jumps so many seconds, backwards when negative; then the request runs.
    Jump(i64),
    /// The request does not run and costs nothing; the answer repeats its `authorization` as it came and as it decodes, in
    /// headers and body, with this status.
    Echo(u16),
    /// The request runs, but this is the answer.
    Instead {
        /// The HTTP status.
        status: u16,
        /// All of the headers; `content-length` is added.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// The request does not run and costs nothing; this is the answer.
    Respond {
        /// The HTTP status.
        status: u16,
        /// All of the headers; `content-length` is added.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
}

/// What happens to the bytes that a connection sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// So many leave, then the connection is closed without a farewell.
    Cut(usize),
    /// So many leave, then the connection is dead without being closed: nothing leaves or arrives on it any more, as on one that
    /// a firewall has forgotten.
    Hang(usize),
    /// They leave in pieces.
    Drip {
        /// How many bytes a piece has, at least one.
        chunk: usize,
        /// How long it takes from one piece to the next.
        pause: Duration,
    },
}

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `gzip`.
    Gzip,
    /// `deflate`, which means the format of zlib.
    Deflate,
}

impl FaultAction {
    /// Refuses the request because a limit is reached, as Freshdesk does, with or without a word of when to come back.
    pub fn throttle(retry_after: Option<u64>) -> FaultAction {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string())));
        let body = json!({"message": "You have exceeded the limit of requests per minute"}).to_string().into_bytes();
        FaultAction::Respond { status: 429, headers, body }
    }

    /// An HTML page with this status in place of the answer, as proxies and firewalls send them, to a request that `ran` or not.
    pub fn page(status: u16, ran: bool) -> FaultAction {
        let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
        let body = format!(
            "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
        );
        let body = body.into_bytes();
        if ran {
            FaultAction::Instead { status, headers, body }
        } else {
            FaultAction::Respond { status, headers, body }
        }
    }
}

impl Fault {
    /// A fault that befalls the next request, whatever it is.
    pub fn once(action: FaultAction) -> Fault {
        Fault { method: None, path: None, times: 1, action }
    }

    /// A fault that befalls the next request with this verb and this beginning of the path below `/api/v2`.
    pub fn on(method: &str, path: &str, action: FaultAction) -> Fault {
        Fault { method: Some(method.to_owned()), path: Some(path.to_owned()), times: 1, action }
    }

    /// Whether it befalls a request with this verb and this path below `/api/v2`.
    pub fn befalls(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && self.method.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|own| path.starts_with(own))
    }

    /// Takes the action of the first fault that befalls this request, and drops a fault that is used up.
    pub fn take(faults: &mut Vec<Fault>, method: &str, path: &str) -> Option<FaultAction> {
        let index = faults.iter().position(|fault| fault.befalls(method, path))?;
        let fault = &mut faults[index];
        fault.times -= 1;
        let action = fault.action.clone();
        faults.retain(|fault| fault.times > 0);
        Some(action)
    }
}
