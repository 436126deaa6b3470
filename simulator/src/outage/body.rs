//! A body on its way out.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use crate::server::Scissors;

/// How long the part of a truncated body has to leave before the connection is cut.
const PARTING: Duration = Duration::from_millis(40);

/// What a body without end goes on with.
const SPACES: &[u8] = &[b' '; 16 << 10];

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
    /// Never.
    None,
}

impl OutgoingBody {
    /// The whole body at once.
    pub(super) fn plain(body: Bytes) -> OutgoingBody {
        OutgoingBody { left: body, chunk: usize::MAX, pause: Duration::ZERO, waiting: None, end: End::Whole }
    }

    /// The whole body in pieces, each after a pause.
    pub(super) fn slow(body: Bytes, chunk: usize, pause: Duration) -> OutgoingBody {
        OutgoingBody { chunk: chunk.max(1), pause, ..OutgoingBody::plain(body) }
    }

    /// So much of it, and then the connection is cut.
    pub(super) fn cut(part: Bytes, scissors: Scissors) -> OutgoingBody {
        OutgoingBody { end: End::Cut(scissors), ..OutgoingBody::plain(part) }
    }

    /// The whole body, and spaces after it.
    pub(super) fn endless(body: Bytes) -> OutgoingBody {
        OutgoingBody { end: End::None, ..OutgoingBody::plain(body) }
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
        if self.left.is_empty() && matches!(self.end, End::None) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(SPACES)))));
        }
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
            End::Cut(_) | End::None => SizeHint::default(),
        }
    }
}
