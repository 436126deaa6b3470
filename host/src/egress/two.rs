//! A connection over HTTP/2. The task that makes a request puts it on the connection and reads its answer: hyper's client
//! hands each to two tasks more, which takes as long as the sandbox does.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::RecvStream;
use h2::client::{Builder, SendRequest};
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper_util::rt::TokioIo;

use super::client::{LONGEST_HEAD, drive};
use super::connect::Stream;
use super::{Refused, story};

/// Bytes of one answer, and of all answers on a connection, that may come before they are read: a long list in one go, and
/// not more of a hundred calls' than one of them may answer.
const WINDOW: u32 = 2 << 20;
const ALL_WINDOWS: u32 = 8 << 20;

/// Requests that are sent together before the server has said how many it takes; servers take a hundred at least.
const AT_FIRST: usize = 100;

/// A way onto the connection. It ends with the last one of its clones.
#[derive(Clone)]
pub(super) struct Two(SendRequest<Bytes>);

impl Two {
    /// Begins to speak HTTP/2.
    pub(super) async fn begin(stream: Stream) -> Result<Self, Refused> {
        let mut builder = Builder::new();
        builder.enable_push(false).initial_max_send_streams(AT_FIRST).max_header_list_size(LONGEST_HEAD.into());
        builder.initial_window_size(WINDOW).initial_connection_window_size(ALL_WINDOWS);
        let (sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|why| Refused::Unreachable(story(&why)))?;
        drive(connection);
        Ok(Self(sender))
    }

    /// Whether requests can be sent, as far as anybody knows.
    pub(super) fn is_open(&mut self) -> bool {
        matches!(self.0.poll_ready(&mut Context::from_waker(std::task::Waker::noop())), Poll::Ready(Ok(())))
    }

    /// Sends a request, and waits for the head of its answer. Dropped before, it takes the request back.
    pub(super) async fn send(self, request: Request<Bytes>) -> Result<Response<Answer>, Refused> {
        let (head, body) = request.into_parts();
        let unsent = |why: h2::Error| Refused::Unsent(story(&why));
        let lost = |why: h2::Error| Refused::NoAnswer(story(&why));
        let mut sender = self.0.ready().await.map_err(unsent)?;
        let (answer, mut rest) = sender.send_request(Request::from_parts(head, ()), body.is_empty()).map_err(unsent)?;
        if !body.is_empty() {
            rest.send_data(body, true).map_err(lost)?;
        }
        Ok(answer.await.map_err(lost)?.map(Answer))
    }
}

/// The body of an answer.
pub(super) struct Answer(RecvStream);

impl Body for Answer {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let polled = self.0.poll_data(context);
        if let Poll::Ready(Some(Ok(data))) = &polled {
            // What was read makes room for more. It fails when the connection has, which the next frame will tell.
            let _ = self.0.flow_control().release_capacity(data.len());
        }
        polled.map_ok(Frame::data)
    }
}
