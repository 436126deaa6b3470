//! The line that a connection sends on: bytes leave as they come, unless a fault holds them up.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::state::LineFault;

/// Decides what happens to the bytes of one line.
#[derive(Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<Flow>>);

/// What happens to the bytes that leave next.
#[derive(Default)]
struct Flow {
    fault: Option<LineFault>,
    /// How many have left since the fault began.
    sent: usize,
    pausing: Option<Pin<Box<Sleep>>>,
}

/// How many bytes may leave now.
enum Leave {
    All,
    Some(usize),
    Never,
    /// The connection is over.
    Over,
}

impl Tap {
    /// From now on this happens; with none, nothing does. A line that is dead stays it.
    pub(crate) fn set(&self, fault: Option<LineFault>) {
        let mut flow = self.flow();
        if !flow.dead() {
            *flow = Flow { fault, ..Flow::default() };
        }
    }

    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flow {
    /// Whether nothing leaves or arrives any more.
    fn dead(&self) -> bool {
        matches!(self.fault, Some(LineFault::Hang(most)) if self.sent >= most)
    }

    /// How many bytes may leave, once a pause is over.
    fn leave(&mut self, cx: &mut Context<'_>) -> Poll<Leave> {
        if let Some(pausing) = &mut self.pausing {
            ready!(pausing.as_mut().poll(cx));
            self.pausing = None;
        }
        let (dead, left) = (self.dead(), |most: usize| most.saturating_sub(self.sent));
        Poll::Ready(match self.fault {
            None => Leave::All,
            Some(LineFault::Drip { chunk, .. }) => Leave::Some(chunk.max(1)),
            Some(LineFault::Cut(most)) if left(most) == 0 => Leave::Over,
            Some(LineFault::Hang(_)) if dead => Leave::Never,
            Some(LineFault::Cut(most) | LineFault::Hang(most)) => Leave::Some(left(most)),
        })
    }

    /// So many have left.
    fn left(&mut self, bytes: usize) {
        self.sent += bytes;
        if let Some(LineFault::Drip { pause, .. }) = self.fault {
            self.pausing = Some(Box::pin(tokio::time::sleep(pause.max(Duration::from_millis(1)))));
        }
    }
}

/// What carries a connection, with its tap.
pub(crate) struct Line<S> {
    carrier: S,
    tap: Tap,
}

impl<S> Line<S> {
    pub(crate) fn new(carrier: S, tap: Tap) -> Line<S> {
        Line { carrier, tap }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.tap.flow().dead() {
            return Poll::Pending;
        }
        Pin::new(&mut self.carrier).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let tap = self.tap.clone();
        let mut flow = tap.flow();
        let most = match ready!(flow.leave(cx)) {
            Leave::All => buf.len(),
            Leave::Some(most) => most.min(buf.len()),
            // Nobody wakes it: the connection ends with the simulator, or when it hangs up.
            Leave::Never => return Poll::Pending,
            Leave::Over => {
                ready!(Pin::new(&mut self.carrier).poll_flush(cx))?;
                return Poll::Ready(Err(ErrorKind::ConnectionReset.into()));
            }
        };
        let sent = ready!(Pin::new(&mut self.carrier).poll_write(cx, &buf[..most]))?;
        flow.left(sent);
        Poll::Ready(Ok(sent))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carrier).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.carrier).poll_shutdown(cx)
    }
}
