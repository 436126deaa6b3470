//! One try to deliver an event, and what its receiver said to it.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::again;
use crate::egress::{Dialer, Target, Unanswered};

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

/// Sends an event, once. The caller limits the time; when it drops this, the connection is closed.
pub(super) async fn post(dialer: &Dialer, target: &Target, message: Message) -> Result<Answer, Unanswered> {
    let now = message.timestamp.saturating_mul(1000);
    let (answer, _open) = dialer.send(target, request(target, message)?).await?;
    let asked = answer.headers().get(RETRY_AFTER).and_then(|header| again::asked(header, now));
    let status = answer.status();
    // What the receiver says beside its status does not matter.
    let _ = timeout(BODY, drain(answer.into_body())).await;
    Ok(Answer { status, asked })
}

fn request(target: &Target, message: Message) -> Result<Request<Full<Bytes>>, http::Error> {
    target
        .request(Method::POST)
        .header(CONTENT_TYPE, "application/json")
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
