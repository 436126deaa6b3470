//! The server: it bears clients that are slow, many, or never leave.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower_service::Service;
use tracing::{debug, warn};

use super::rate::Address;

/// Connections at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// In all. One that waits takes 20 kB; the most that one can take is the buffers below, for each of its streams.
    pub(crate) connections: u32,
    /// From one address. A product's agents may all come from one.
    pub(crate) from_one: u32,
    /// Time for requests that run when a connection or the server is to end.
    pub(crate) grace: Duration,
}

impl Room {
    /// Room for connections that come by so many proxies of ours: behind one, they all come from its address.
    pub(crate) fn behind(proxies: u8, grace: Duration) -> Self {
        let connections = 8192;
        Self { connections, from_one: if proxies == 0 { connections / 4 } else { connections }, grace }
    }
}

/// Time until a client's first request has arrived, and for the head of each.
const HEAD: Duration = Duration::from_secs(15);

/// Time until a connection is asked to end; browsers make another one.
const LIFE: Duration = Duration::from_secs(120);

/// Longest head of a request, and what is read ahead.
const BUFFER: u32 = 16 * 1024;

/// Requests at a time on a connection of HTTP/2. A page makes four; an application may send its agents' calls on one.
const STREAMS: u32 = 32;

/// Serves until `shutdown`, then lets the requests that run come to their end.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    room: Room,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(room.connections as usize));
    let crowd = Arc::new(Crowd { most: room.from_one, counts: Mutex::default() });
    let (stop, stopped) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let Some((stream, peer, permit)) = accepted else { continue };
        let Some(place) = crowd.enter(Address::new(peer.ip())) else { continue };
        let (router, stopped) = (router.clone(), stopped.clone());
        tokio::spawn(async move {
            keep(stream, peer, router, stopped, room.grace).await;
            drop((permit, place));
        });
    }
    drop((listener, stop));
    if timeout(room.grace + HEAD, permits.acquire_many(room.connections)).await.is_err() {
        warn!("connections were left open");
    }
    Ok(())
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is room for it. None when it broke, or there are no files left: then a moment later.
async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> Option<Accepted> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            warn!(%error, "a connection was not accepted");
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// Serves a connection until it ends, is too old, never asks, or the server stops.
async fn keep(stream: TcpStream, peer: SocketAddr, router: Router, mut stopped: watch::Receiver<()>, grace: Duration) {
    let _ = stream.set_nodelay(true);
    let asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let asked = Arc::clone(&asked);
        move |request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            answer(router.clone(), request, peer)
        }
    });
    let server = server();
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => return ended.unwrap_or_else(|error| debug!(%error, "a connection broke")),
        () = silence(&asked) => return,
        () = sleep(LIFE) => {}
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(grace, connection).await;
}

/// Ends when no request came in time.
async fn silence(asked: &AtomicBool) {
    sleep(HEAD).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.call(request).await
}

fn server() -> Builder<TokioExecutor> {
    let mut server = Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER as usize)
        .max_headers(64)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(BUFFER)
        .initial_stream_window_size(BUFFER * 2)
        .initial_connection_window_size(BUFFER * 4)
        .max_send_buf_size(BUFFER as usize)
        .max_local_error_reset_streams(STREAMS as usize);
    server
}

/// Who is connected how often.
struct Crowd {
    most: u32,
    counts: Mutex<HashMap<Address, u32>>,
}

/// One connection of the crowd's, until it is dropped.
struct Place {
    crowd: Arc<Crowd>,
    from: Address,
}

impl Crowd {
    fn enter(self: &Arc<Self>, from: Address) -> Option<Place> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { crowd: Arc::clone(self), from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.crowd.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.from);
            }
        }
    }
}
