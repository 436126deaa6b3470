//! A receiver of webhooks on this machine, which answers as it is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;

/// An answer that is in order.
pub(super) const FINE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// An answer that asks to be left alone for the moment.
pub(super) const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\noops";

/// No answer: the connection is closed.
pub(super) const DROPPED: &str = "";

/// No answer, and the connection stays.
pub(super) const SILENT: &str = "silent";

/// A request that arrived.
pub(super) struct Arrived {
    pub(super) at: Instant,
    pub(super) line: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Arrived {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    arrived: UnboundedReceiver<Arrived>,
}

impl Receiver {
    /// One that gives these answers in turn, and the last of them from then on.
    pub(super) async fn answering(answers: &[&'static str]) -> Self {
        Self::start(answers, None).await
    }

    /// The same over TLS.
    pub(super) async fn over_tls(answers: &[&'static str], tls: TlsAcceptor) -> Self {
        Self::start(answers, Some(tls)).await
    }

    async fn start(answers: &[&'static str], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (arrive, arrived) = unbounded_channel();
        let answers = Arc::new(std::sync::Mutex::new(answers.to_vec()));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (arrive, answers, tls) = (arrive.clone(), Arc::clone(&answers), tls.clone());
                tokio::spawn(async move {
                    let mut stream: Box<dyn Stream> = match tls {
                        None => Box::new(stream),
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                    };
                    let Some(request) = read(&mut stream).await else { return };
                    let answer = {
                        let mut answers = answers.lock().unwrap();
                        if answers.len() > 1 { answers.remove(0) } else { answers[0] }
                    };
                    let _ = arrive.send(request);
                    if answer == SILENT {
                        std::future::pending::<()>().await;
                    }
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { address, arrived }
    }

    /// The next request.
    pub(super) async fn next(&mut self) -> Arrived {
        timeout(Duration::from_secs(20), self.arrived.recv()).await.expect("nothing arrives").unwrap()
    }

    /// Requests that arrive in this time.
    pub(super) async fn within(&mut self, time: Duration) -> Vec<Arrived> {
        let until = Instant::now() + time;
        let mut all = Vec::new();
        while let Ok(Some(arrived)) = tokio::time::timeout_at(until, self.arrived.recv()).await {
            all.push(arrived);
        }
        all
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn read(stream: &mut Box<dyn Stream>) -> Option<Arrived> {
    let mut read = Vec::new();
    let (head, rest) = loop {
        if let Some(end) = memchr::memmem::find(&read, b"\r\n\r\n") {
            break (String::from_utf8(read[..end].to_vec()).ok()?, read.split_off(end + 4));
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: HeaderMap = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap()))
        .collect();
    let length: usize = headers["content-length"].to_str().ok()?.parse().ok()?;
    let mut body = rest;
    while body.len() < length {
        stream.read_buf(&mut body).await.ok()?;
    }
    Some(Arrived { at: Instant::now(), line, headers, body: body.into() })
}
