//! The server, with clients that are slow, many, or never leave.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::surface::listen::{self, Room};

/// A server, until it is told to stop.
struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

async fn server() -> Server {
    let router = Router::new()
        .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }))
        .route("/slow", get(|| async { sleep(Duration::from_millis(300)).await }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let room = Room { from_one: 64, ..Room::behind(0, Duration::from_secs(35)) };
    let running =
        tokio::spawn(async move { listen::serve(listener, router, room, async { drop(stopped.await) }).await });
    Server { address, stop, running }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Everything that comes, until the other side closes. None when it does not within a minute of the runtime's clock.
async fn rest(mut stream: TcpStream) -> Option<String> {
    let mut all = Vec::new();
    let read = timeout(Duration::from_secs(60), stream.read_to_end(&mut all)).await.ok()?;
    // One that is reset is closed, too.
    read.map_or(Some(String::new()), |_| Some(String::from_utf8(all).unwrap()))
}

#[tokio::test]
async fn a_request_is_answered_and_tells_who_asks() {
    let server = server().await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let answer = rest(stream).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn http_2_is_spoken_with_who_begins_so() {
    let server = server().await;
    let io = hyper_util::rt::TokioIo::new(server.connect().await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut client, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("http://x/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(client.send_request(request).await.unwrap().status(), 200);
}

/// The clock of these tests goes forward by itself whenever everybody waits.
#[tokio::test(start_paused = true)]
async fn clients_that_do_not_come_to_the_point_are_cut_off() {
    let server = server().await;
    for begun in ["", "G", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: x\r\nx: y"] {
        let mut stream = server.connect().await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert!(rest(stream).await.is_some(), "{begun:?} is waited for");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_idles_is_closed() {
    let server = server().await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(rest(stream).await.is_some());
}

#[tokio::test]
async fn one_address_has_so_many_connections() {
    let server = server().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(stream.read(&mut [0; 1]).await.unwrap() == 1);
        streams.push(stream);
    }
    let refused = timeout(Duration::from_secs(5), rest(server.connect().await)).await;
    assert_eq!(refused.ok().flatten().as_deref(), Some(""));
    streams.clear();
    sleep(Duration::from_millis(200)).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(stream).await.unwrap().starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let server = server().await;
    let mut stream = server.connect().await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = rest(stream).await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn who_stops_lets_the_running_request_end() {
    let server = server().await;
    let (mut running, idle) = (server.connect().await, server.connect().await);
    running.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    assert!(rest(running).await.unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!(rest(idle).await.as_deref(), Some(""));
    assert!(timeout(Duration::from_secs(5), server.running).await.unwrap().unwrap().is_ok());
    assert!(TcpStream::connect(server.address).await.is_err());
}
