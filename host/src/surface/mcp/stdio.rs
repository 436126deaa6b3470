//! Serves one user over standard input and output: a message a line.

use std::collections::HashSet;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{RoleServer, ServiceExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;

use super::handler::Handler;
use super::seat::{Opened, Place, Seat};
use super::{McpSettings, body};

/// Time that the first answer is waited for before all else is opened: nothing is to hold it up.
const FIRST: Duration = Duration::from_millis(300);

/// Serves until the input ends and the calls that run have ended. What the tools need is opened once the first answer
/// is out.
///
/// # Errors
///
/// Fails when `open` does.
pub(crate) async fn serve<E>(
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    settings: &McpSettings,
    open: impl Future<Output = Result<Opened, E>>,
) -> Result<(), E> {
    let (ready, seat) = watch::channel(None);
    let lines = Lines::new(AsyncRwTransport::new(input, output).with_max_line_length(body::LARGEST));
    let mut going = lines.going.subscribe();
    let mut serving = pin!(async {
        // Fails when the input ends before anything was asked.
        if let Ok(service) = Handler::new(Place::Own(seat)).serve(lines).await {
            let _ = service.waiting().await;
        }
    });
    let mut opening = pin!(async {
        let _ = timeout(FIRST, going.wait_for(|going| going.due)).await;
        open.await
    });
    tokio::select! {
        opened = &mut opening => ready.send_replace(Some(Arc::new(Seat::own(opened?, settings)))),
        // Nobody needs it any more, but whoever tries a set-up is told what is wrong with it.
        () = &mut serving => return opening.await.map(|_| ()),
    };
    serving.await;
    Ok(())
}

/// What is going on.
#[derive(Default)]
struct Going {
    /// Requests that are not answered.
    open: HashSet<RequestId>,
    /// Whether what the tools need is to be opened: one was answered, or waits for it.
    due: bool,
}

/// The two streams. The end of the input is told once all requests are answered, and what is no request is not, as long
/// as there was none: it would end the service.
struct Lines<R: AsyncRead, W: AsyncWrite> {
    lines: AsyncRwTransport<RoleServer, R, W>,
    going: Arc<watch::Sender<Going>>,
    begun: bool,
    ended: bool,
}

impl<R: AsyncRead, W: AsyncWrite> Lines<R, W> {
    fn new(lines: AsyncRwTransport<RoleServer, R, W>) -> Self {
        Self { lines, going: Arc::new(watch::Sender::new(Going::default())), begun: false, ended: false }
    }

    /// Notes what came. False for what is not to be told.
    fn takes(&mut self, message: &ClientJsonRpcMessage) -> bool {
        match message {
            JsonRpcMessage::Request(request) => {
                use ClientRequest::{DiscoverRequest, InitializeRequest, PingRequest};
                let probes = matches!(request.request, PingRequest(_) | DiscoverRequest(_));
                self.begun |= !probes;
                self.going.send_modify(|going| {
                    going.open.insert(request.id.clone());
                    going.due |= !probes && !matches!(request.request, InitializeRequest(_));
                });
            }
            JsonRpcMessage::Notification(note) if self.begun => {
                if let ClientNotification::CancelledNotification(note) = &note.notification
                    && let Some(id) = &note.params.request_id
                {
                    // It is not answered any more.
                    self.going.send_modify(|going| {
                        going.open.remove(id);
                    });
                }
            }
            _ => return self.begun,
        }
        true
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(&mut self, message: ServerJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let answers = match &message {
            JsonRpcMessage::Response(response) => Some(response.id.clone()),
            JsonRpcMessage::Error(error) => error.id.clone(),
            _ => None,
        };
        let (sent, going) = (self.lines.send(message), Arc::clone(&self.going));
        async move {
            let sent = sent.await;
            if let Some(id) = answers {
                going.send_modify(|going| {
                    going.open.remove(&id);
                    going.due = true;
                });
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        while !self.ended {
            match self.lines.receive().await {
                Some(message) if self.takes(&message) => return Some(message),
                Some(_) => {}
                None => self.ended = true,
            }
        }
        let _ = self.going.subscribe().wait_for(|going| going.open.is_empty()).await;
        None
    }

    async fn close(&mut self) -> io::Result<()> {
        self.lines.close().await
    }
}
