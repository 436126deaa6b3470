//! The running server.

mod connection;
mod line;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::state::State;
use crate::tls::Authority;
pub(crate) use connection::Scissors;
use connection::Service;

/// How a simulator is started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens: a loopback address, with port 0 for any that is free.
    pub listen: SocketAddr,
    /// Whether it speaks TLS.
    pub transport: Transport,
    /// What it knows at the start.
    pub state: State,
}

impl Default for Settings {
    /// Any free port of 127.0.0.1, TLS, and the seeded helpdesk.
    fn default() -> Settings {
        Settings { listen: SocketAddr::from(([127, 0, 0, 1], 0)), transport: Transport::Tls, state: State::seeded() }
    }
}

/// What lies below HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS with a generated authority; ALPN chooses HTTP/2 or HTTP/1.1.
    Tls,
    /// TLS with a generated authority, and HTTP/1.1 alone.
    TlsOne,
    /// Bare TCP, for trials by hand.
    Plain,
}

/// A running simulator. Dropping it closes the listener and every connection, and ends every task.
pub struct Simulator {
    addr: SocketAddr,
    authority_pem: Option<String>,
    state: Arc<Mutex<State>>,
    hang_up: Arc<Notify>,
    accepting: JoinHandle<()>,
}

impl Simulator {
    /// Binds the address and starts to serve. Fails when the address is not loopback or is taken.
    pub async fn start(settings: Settings) -> anyhow::Result<Simulator> {
        let Settings { listen, transport, state } = settings;
        ensure!(listen.ip().is_loopback(), "{listen} is not a loopback address, and the simulator serves no other");
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let addr = listener.local_addr()?;
        let authority = match transport {
            Transport::Tls => Some(Authority::generate(&["h2", "http/1.1"])?),
            Transport::TlsOne => Some(Authority::generate(&["http/1.1"])?),
            Transport::Plain => None,
        };
        let (authority_pem, acceptor) =
            authority.map_or((None, None), |authority| (Some(authority.pem), Some(authority.acceptor)));
        let state = Arc::new(Mutex::new(state));
        let service = Service { state: Arc::clone(&state), acceptor };
        let hang_up = Arc::new(Notify::new());
        let accepting = tokio::spawn(accept(listener, service, Arc::clone(&hang_up)));
        Ok(Simulator { addr, authority_pem, state, hang_up, accepting })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address as a URL, without a trailing slash: `https://127.0.0.1:PORT`, or `http://` when plain.
    pub fn base_url(&self) -> String {
        let scheme = if self.authority_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    /// The certificate of the generated authority in PEM; none when plain.
    pub fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// Closes every connection, as a server does with those that lie idle.
    pub fn hang_up(&self) {
        self.hang_up.notify_one();
    }

    /// What the simulator knows. No request is answered while the guard is held, so it must not be held over an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections until it is aborted; the set ends the connections with it.
async fn accept(listener: TcpListener, service: Service, hang_up: Arc<Notify>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(service.clone().serve(stream));
                    }
                    // Out of file descriptors, most likely: some come back when a connection ends.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
            Some(_) = connections.join_next() => {}
            () = hang_up.notified() => connections.abort_all(),
        }
    }
}
