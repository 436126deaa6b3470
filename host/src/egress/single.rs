//! One request of the host's own, over a connection of its own: a webhook, or the question for an issuer's keys. No redirect is
//! followed: it is an answer like others.

use std::io;

use http::header::{HOST, USER_AGENT};
use http::request::Builder;
use http::{Method, Request, Response};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::task::JoinSet;

use super::dial::Dialer;
use super::story;
use super::target::Target;

/// How the host names itself.
const NAME: &str = concat!("freshdesk-host/", env!("CARGO_PKG_VERSION"));

/// Longest head of an answer, in bytes, and most of its headers.
const LONGEST_HEAD: usize = 32 << 10;
const MOST_HEADERS: usize = 100;

/// Why there was no answer.
#[derive(Debug, Error)]
pub(crate) enum Unanswered {
    /// No connection came about.
    #[error("no connection: {0}")]
    Unreachable(#[from] io::Error),
    /// What was to be sent is no request.
    #[error("this is no request: {0}")]
    NoRequest(#[from] http::Error),
    /// The connection failed. The other side may have the request all the same.
    #[error("no answer: {0}")]
    Lost(String),
}

impl From<hyper::Error> for Unanswered {
    fn from(why: hyper::Error) -> Self {
        Self::Lost(story(&why))
    }
}

/// The connection that an answer comes on. It is closed when this is dropped, also where the body was not read.
pub(crate) struct Open(#[expect(dead_code, reason = "it is there to be dropped")] JoinSet<hyper::Result<()>>);

impl Target {
    /// A request to it, without a body yet.
    pub(crate) fn request(&self, method: Method) -> Builder {
        let request = Request::builder().method(method).uri(self.path());
        request.header(HOST, self.authority()).header(USER_AGENT, NAME)
    }
}

impl Dialer {
    /// Sends a request, once. The caller limits the time; when it drops this, the connection is closed.
    pub(crate) async fn send<B>(
        &self,
        target: &Target,
        request: Request<B>,
    ) -> Result<(Response<Incoming>, Open), Unanswered>
    where
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static,
    {
        let stream = self.dial(target.destination()).await?;
        let mut builder = http1::Builder::new();
        builder.max_headers(MOST_HEADERS).max_buf_size(LONGEST_HEAD);
        let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        Ok((sender.send_request(request).await?, Open(connections)))
    }
}
