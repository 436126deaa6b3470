//! One try to deliver an event, and what its receiver said to it.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::again;
use crate::egress::{Dialer, Target, story};

/// How the host names itself.
const NAME: &str = concat!("freshdesk-host/", env!("CARGO_PKG_VERSION"));

/// Longest head of an answer, in bytes, and most of its headers.
const LONGEST_HEAD: usize = 32 << 10;
const MOST_HEADERS: usize = 100;

/// So much of an answer's body is read, and dropped: receivers that say a word do not find the connection closed on it.
const LONGEST_BODY: usize = 4 << 10;

/// Time for that body, after which nobody waits for it.
const BODY: Duration = Duration::from_secs(1);

/// An event as it goes out.
pub(super) struct Message {
    pub(super) id: String,
    /// The time of this try, in seconds since 1970.
    pub(super) timestamp: i64,
    pub(super) signature: String,
    pub(super) body: String,
}

/// What a receiver said to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The time that it asked for before the next try.
    pub(super) asked: Option<Duration>,
}

/// Why there was no answer.
#[derive(Debug, Error)]
pub(super) enum NoAnswer {
    /// No connection came about.
    #[error("no connection: {0}")]
    Unreachable(#[from] std::io::Error),
    /// What was to be sent is no request.
    #[error("this is no request: {0}")]
    NoRequest(#[from] http::Error),
    /// The connection failed. The receiver may have the event all the same.
    #[error("no answer: {0}")]
    Lost(String),
}

impl From<hyper::Error> for NoAnswer {
    fn from(why: hyper::Error) -> Self {
        Self::Lost(story(&why))
    }
}

/// Sends an event, once, over a connection of its own. No redirect is followed: it is an answer like others. The caller
/// limits the time; when it drops this, the connection is closed.
pub(super) async fn post(dialer: &Dialer, target: &Target, message: Message) -> Result<Answer, NoAnswer> {
    let now = message.timestamp.saturating_mul(1000);
    let request = request(target, message)?;
    let stream = dialer.dial(target.destination()).await?;
    let mut builder = http1::Builder::new();
    builder.max_headers(MOST_HEADERS).max_buf_size(LONGEST_HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let answer = sender.send_request(request).await?;
    let asked = answer.headers().get(RETRY_AFTER).and_then(|header| again::asked(header, now));
    let status = answer.status();
    // What the receiver says beside its status does not matter.
    let _ = timeout(BODY, drain(answer.into_body())).await;
    Ok(Answer { status, asked })
}

fn request(target: &Target, message: Message) -> Result<Request<Full<Bytes>>, http::Error> {
    Request::post(target.path())
        .header(HOST, target.authority())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, NAME)
        .header("webhook-id", message.id)
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", message.signature)
        .body(Full::from(message.body))
}

async fn drain(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read >= LONGEST_BODY {
            return;
        }
    }
}
