//! The set-up of every test: a simulator over plain HTTP with a frozen clock, and somebody who calls it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use freshdesk_simulator::{Clock, Helpdesk, Settings, Simulator, State, Transport, seed};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use time::macros::datetime;
use tokio::net::TcpStream;

/// A simulator that runs, and the key its caller sends.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    key: String,
}

/// An answer as it was read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Desk {
    /// The seeded helpdesk on 20 November 2026 at 10:00:48, called by Jane.
    pub(crate) async fn open() -> Desk {
        let state = State::seeded_at(Clock::frozen(datetime!(2026-11-20 10:00:48 UTC)));
        Desk::with(state, Transport::Plain).await
    }

    /// This state over this transport, called by Jane.
    pub(crate) async fn with(state: State, transport: Transport) -> Desk {
        let settings = Settings { transport, state, ..Settings::default() };
        Desk { simulator: Simulator::start(settings).await.unwrap(), key: seed::ADMIN_KEY.to_owned() }
    }

    /// The same simulator, called with another key.
    pub(crate) fn with_key(self, key: &str) -> Desk {
        Desk { key: key.to_owned(), ..self }
    }

    /// Reads or changes the helpdesk.
    pub(crate) fn helpdesk<T>(&self, look: impl FnOnce(&mut Helpdesk) -> T) -> T {
        look(self.simulator.state().helpdesk(seed::LABEL))
    }

    /// Moves the clock.
    pub(crate) fn wait(&self, seconds: u64) {
        self.simulator.state().clock.advance(std::time::Duration::from_secs(seconds));
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send("PUT", path, Some(body)).await
    }

    /// Sends a request that names a path below `/api/v2`.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let request = self.request(method, path);
        let request = match body {
            None => request.body(Full::default()),
            Some(body) => request.header("content-type", "application/json").body(Full::from(body.to_string())),
        };
        self.try_raw(request.unwrap()).await.unwrap()
    }

    /// A request with host and key.
    pub(crate) fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:X", self.key)));
        self.anonymous(method, path).header("authorization", basic)
    }

    /// A request with a host and no key.
    pub(crate) fn anonymous(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("/api/v2{path}")).header("host", "acme.freshdesk.com")
    }

    /// Sends exactly this.
    pub(crate) async fn raw(&self, request: Request<Full<Bytes>>) -> Reply {
        self.try_raw(request).await.unwrap()
    }

    /// Sends exactly this over a connection of its own. Fails when the connection ends too early.
    pub(crate) async fn try_raw(&self, request: Request<Full<Bytes>>) -> hyper::Result<Reply> {
        Reply::read(self.begin(request).await?).await
    }

    /// Sends exactly this and reads the head of the answer.
    pub(crate) async fn begin(&self, request: Request<Full<Bytes>>) -> hyper::Result<http::Response<Incoming>> {
        let stream = TcpStream::connect(self.simulator.addr()).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        sender.send_request(request).await
    }
}

impl Reply {
    /// Reads an answer to its end.
    pub(crate) async fn read(response: http::Response<Incoming>) -> hyper::Result<Reply> {
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as JSON, of a call that must succeed.
    pub(crate) fn ok(&self) -> Value {
        assert!(StatusCode::from_u16(self.status).unwrap().is_success(), "{} {:?}", self.status, self.body);
        self.json()
    }

    /// One header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The ids of a list, in order.
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.ok().as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
    }

    /// The failing fields of a 400 or 409 with their codes, in alphabetical order.
    pub(crate) fn failing(&self) -> Vec<(String, String)> {
        let body = self.json();
        assert_eq!(body["description"], "Validation failed", "{body}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = body["errors"].as_array().unwrap().clone();
        let mut failing: Vec<_> = errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect();
        failing.sort();
        failing
    }

    /// Asserts that the call is a 400 for exactly these fields and codes.
    pub(crate) fn assert_invalid(&self, expected: &[(&str, &str)]) {
        assert_eq!(self.status, 400, "{:?}", self.body);
        let owned = |&(field, code): &(&str, &str)| (field.to_owned(), code.to_owned());
        assert_eq!(self.failing(), expected.iter().map(owned).collect::<Vec<_>>());
    }
}
