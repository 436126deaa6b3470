//! What a fault does to an answer on its way out.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use hyper::Response;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::server::Scissors;
use crate::state::FaultAction;
use crate::wire::Answer;

/// How long the part of a truncated body has to leave before the connection is cut.
const PARTING: Duration = Duration::from_millis(40);

/// Closes the connection instead of answering.
pub(crate) async fn silence(scissors: Scissors) -> Result<Response<OutgoingBody>, Infallible> {
    scissors.cut();
    std::future::pending().await
}

/// Sends the answer as the fault demands, or plainly when there is none.
pub(crate) async fn deliver(
    answer: Answer,
    action: Option<FaultAction>,
    scissors: Scissors,
) -> Result<Response<OutgoingBody>, Infallible> {
    let whole = answer.body.len();
    let body = match action {
        Some(FaultAction::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            OutgoingBody::plain(answer.body)
        }
        Some(FaultAction::Truncate(kept)) if kept < whole => {
            OutgoingBody { end: End::Cut(scissors), ..OutgoingBody::plain(answer.body.slice(..kept)) }
        }
        Some(FaultAction::SlowBody { chunk, pause }) => {
            OutgoingBody { chunk: chunk.max(1), pause, ..OutgoingBody::plain(answer.body) }
        }
        _ => OutgoingBody::plain(answer.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if answer.status != 204 {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole));
    }
    Ok(response)
}

/// A body that may come in pieces, and may never end.
pub(crate) struct OutgoingBody {
    left: Bytes,
    chunk: usize,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    end: End,
}

/// How a body ends.
enum End {
    /// With its last byte.
    Whole,
    /// By cutting the connection a moment after its last byte.
    Cut(Scissors),
}

impl OutgoingBody {
    /// The whole body at once.
    fn plain(body: Bytes) -> OutgoingBody {
        OutgoingBody { left: body, chunk: usize::MAX, pause: Duration::ZERO, waiting: None, end: End::Whole }
    }

    /// Waits for this long once, and then again at the next call.
    fn wait(&mut self, pause: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        let polled = waiting.as_mut().poll(cx);
        if polled.is_ready() {
            self.waiting = None;
        }
        polled
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let pause = if self.left.is_empty() { PARTING } else { self.pause };
        if self.left.is_empty() && matches!(self.end, End::Whole) {
            return Poll::Ready(None);
        }
        if !pause.is_zero() && self.wait(pause, cx).is_pending() {
            return Poll::Pending;
        }
        if self.left.is_empty() {
            if let End::Cut(scissors) = &self.end {
                scissors.cut();
            }
            return Poll::Pending;
        }
        let chunk = self.chunk.min(self.left.len());
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Whole => SizeHint::with_exact(self.left.len() as u64),
            End::Cut(_) => SizeHint::default(),
        }
    }
}
