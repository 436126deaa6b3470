//! One connection: shaking hands, reading requests, sending answers, and being cut.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::line::{Line, Tap};
use crate::outage::{self, OutgoingBody};
use crate::state::{Exchange, Fault, FaultAction, State};
use crate::wire;

/// What every connection shares.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) state: Arc<Mutex<State>>,
    /// Absent when the transport is plain.
    pub(super) acceptor: Option<TlsAcceptor>,
}

/// Cuts the connection it belongs to, and so ends the tasks that serve it.
#[derive(Clone)]
pub(crate) struct Scissors(Arc<watch::Sender<bool>>);

impl Scissors {
    /// Closes the connection.
    pub(crate) fn cut(&self) {
        self.0.send_replace(true);
    }

    /// Returns when the connection is cut.
    async fn wait(&self) {
        // The sender lives in `self`, so waiting ends only by a cut.
        let _ = self.0.subscribe().wait_for(|cut| *cut).await;
    }
}

/// Cuts the connection when the task that serves it ends, however it ends.
struct CutAtTheEnd(Scissors);

impl Drop for CutAtTheEnd {
    fn drop(&mut self) {
        self.0.cut();
    }
}

/// Spawns the streams of an HTTP/2 connection, none of which outlives it.
#[derive(Clone)]
struct StreamSpawner(Scissors);

impl<F> hyper::rt::Executor<F> for StreamSpawner
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let scissors = self.0.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = stream => {}
                () = scissors.wait() => {}
            }
        });
    }
}

impl Service {
    /// Serves one connection to its end.
    pub(super) async fn serve(self, stream: TcpStream) {
        let (number, fault) = {
            let mut state = self.state();
            state.connections += 1;
            let fault = (!state.lines.is_empty()).then(|| state.lines.remove(0));
            (state.connections, fault)
        };
        // Small answers go out at once; a socket that refuses the option is served all the same.
        let _ = stream.set_nodelay(true);
        let tap = Tap::default();
        tap.set(fault);
        let stream = Line::new(stream, tap);
        match self.acceptor.clone() {
            None => self.speak(stream, number, "http").await,
            Some(acceptor) => {
                if let Ok(stream) = acceptor.accept(stream).await {
                    self.state().handshakes += 1;
                    self.speak(stream, number, "https").await;
                }
            }
        }
    }

    /// Speaks HTTP over what carries it, until the other side leaves or the connection is cut.
    async fn speak(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        number: u64,
        scheme: &'static str,
    ) {
        let scissors = Scissors(Arc::new(watch::Sender::new(false)));
        let _end = CutAtTheEnd(scissors.clone());
        let tap = Tap::default();
        let stream = Line::new(stream, tap.clone());
        let shared = (self, scissors.clone());
        let service = service_fn(move |request| {
            let (service, scissors) = shared.clone();
            let tap = tap.clone();
            async move { service.exchange(request, number, scheme, scissors, tap).await }
        });
        let builder = Builder::new(StreamSpawner(scissors.clone()));
        tokio::select! {
            // What goes wrong on a connection is the client's to notice.
            _ = builder.serve_connection(TokioIo::new(stream), service) => {}
            () = scissors.wait() => {}
        }
    }

    /// Reads a request, runs it unless a fault prevents that, and answers.
    async fn exchange(
        self,
        request: Request<Incoming>,
        connection: u64,
        scheme: &'static str,
        scissors: Scissors,
        tap: Tap,
    ) -> Result<Response<OutgoingBody>, Infallible> {
        let (head, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return outage::silence(scissors).await,
        };
        let request = wire::Request::new(head, body, scheme);
        let (answer, action) = self.run(&request, connection);
        tap.set(match &action {
            Some(FaultAction::Line(fault)) => Some(*fault),
            _ => None,
        });
        match answer {
            None => outage::silence(scissors).await,
            Some(answer) => outage::deliver(answer, action, scissors).await,
        }
    }

    /// Runs the request under the lock and writes the journal. No answer means that the connection is to be closed.
    fn run(&self, request: &wire::Request, connection: u64) -> (Option<wire::Answer>, Option<FaultAction>) {
        let mut state = self.state();
        let action = Fault::take(&mut state.faults, request.method.as_str(), request.path_below_api());
        let answer = match &action {
            Some(FaultAction::Reset) => None,
            Some(FaultAction::Respond { status, headers, body }) => {
                Some(wire::Answer::verbatim(*status, headers, Bytes::from(body.clone())))
            }
            Some(FaultAction::Echo(status)) => Some(wire::echo(*status, request)),
            Some(FaultAction::Instead { status, headers, body }) => {
                let credits = wire::answer(&mut state, request).credits;
                let answer = wire::Answer::verbatim(*status, headers, Bytes::from(body.clone()));
                Some(wire::Answer { credits, ..answer })
            }
            Some(FaultAction::Jump(seconds)) => {
                state.clock.jump(*seconds);
                Some(wire::answer(&mut state, request))
            }
            _ => Some(wire::answer(&mut state, request)),
        };
        let credits = answer.as_ref().map_or(0, |answer| answer.credits);
        let answer = answer.filter(|_| !matches!(action, Some(FaultAction::ResetAfter)));
        let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
        state.journal.push(Exchange { connection, status, credits, ..request.exchange() });
        (answer, action)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
