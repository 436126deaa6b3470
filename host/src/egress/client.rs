//! Connections that are kept: one client an account, over HTTP/2 or HTTP/1.1 as the server prefers. Redirects are answers
//! like others.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use lru::LruCache;
use tokio::time::timeout;

use super::connect::{Connecting, Connector, Development, EgressError};
use super::{LONGEST_ANSWER, Refused, story, whole};

/// Accounts whose connections are kept. One that was not used for longest gives way to the next, and connects again when
/// it is used; a connection takes about 50 kB.
const KEPT: NonZeroUsize = NonZeroUsize::new(1000).expect("a thousand is not zero");

/// Time a connection may lie idle and still be used: servers close theirs after about a minute, and some do not say so.
const IDLE: Duration = Duration::from_secs(50);

/// Time until an answer begins. A call has 30 s by default, so that a read can be tried again after it.
const FIRST_BYTE: Duration = Duration::from_secs(20);

/// Time between two pieces of an answer; a server that is sending does so many times a second.
const BETWEEN_BYTES: Duration = Duration::from_secs(10);

/// Longest head of an answer. Freshdesk's have about 1.5 kB in 25 fields; content security policies have made others' ten
/// times as long.
const LONGEST_HEAD: u16 = 32 << 10;
const MOST_FIELDS: usize = 100;

/// The clients of all accounts.
pub(super) struct Clients {
    connecting: Connecting,
    kept: Mutex<LruCache<u64, Arc<Client>>>,
}

impl Clients {
    pub(super) fn new(development: &Development) -> Result<Self, EgressError> {
        Ok(Self { connecting: Connecting::new(development)?, kept: Mutex::new(LruCache::new(KEPT)) })
    }

    #[cfg(feature = "accounts")]
    pub(super) fn dialer(&self) -> super::Dialer {
        self.connecting.dialer()
    }

    /// The client of this version of an account.
    pub(super) fn of(&self, version: u64) -> Arc<Client> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.get_or_insert(version, || Arc::new(Client::new(self.connecting.connector()))))
    }
}

/// One account's connections to its helpdesk, with TLS sessions of its own.
pub(super) struct Client {
    connector: Connector,
    open: Mutex<Open>,
    connecting: tokio::sync::Mutex<()>,
}

/// The connections that are open.
#[derive(Default)]
struct Open {
    /// Over HTTP/2 one serves everybody.
    two: Option<Kept<http2::SendRequest<Full<Bytes>>>>,
    /// Over HTTP/1.1 one serves one at a time; these are idle.
    ones: Vec<Kept<http1::SendRequest<Full<Bytes>>>>,
    /// Whether the server was found not to speak HTTP/2.
    only_one: bool,
}

/// A connection and when it was last used.
#[derive(Clone)]
struct Kept<S> {
    sender: S,
    used: Instant,
}

impl<S> Kept<S> {
    fn new(sender: S) -> Self {
        Self { sender, used: Instant::now() }
    }

    fn fresh(&self) -> bool {
        self.used.elapsed() < IDLE
    }
}

/// A connection to send one request on.
enum Connection {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

impl Client {
    fn new(connector: Connector) -> Self {
        Self { connector, open: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    /// Sends a request, once, and reads its whole answer.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Refused> {
        match self.connection(request.uri()).await? {
            Connection::Two(mut sender) => {
                let answer = begun(sender.try_send_request(request)).await.inspect_err(|_| self.open().two = None)?;
                read(answer).await
            }
            Connection::One(mut sender) => {
                let answer = begun(sender.try_send_request(of_version_one(request))).await?;
                let answer = read(answer).await?;
                if sender.ready().await.is_ok() {
                    self.open().ones.push(Kept::new(sender));
                }
                Ok(answer)
            }
        }
    }

    /// An open connection, or else a new one. Who comes while one is being made waits for it, because over HTTP/2 it will
    /// serve them all.
    async fn connection(&self, uri: &Uri) -> Result<Connection, Refused> {
        if let Some(connection) = self.open().take() {
            return Ok(connection);
        }
        let alone = !self.open().only_one;
        let _connecting = if alone { Some(self.connecting.lock().await) } else { None };
        if let Some(connection) = self.open().take() {
            return Ok(connection);
        }
        let (stream, two) = self.connector.connect(uri.clone()).await?;
        let stream = TokioIo::new(TokioIo::new(stream));
        if two {
            let (sender, connection) = version_two().handshake(stream).await.map_err(Refused::unreachable)?;
            tokio::spawn(connection);
            self.open().two = Some(Kept::new(sender.clone()));
            return Ok(Connection::Two(sender));
        }
        let (sender, connection) = version_one().handshake(stream).await.map_err(Refused::unreachable)?;
        tokio::spawn(connection);
        self.open().only_one = true;
        Ok(Connection::One(sender))
    }

    /// What is open is whole whenever it is readable, also after a panic.
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// A connection that is still open, as far as anybody knows.
    fn take(&mut self) -> Option<Connection> {
        self.two = self.two.take().filter(|two| two.fresh() && !two.sender.is_closed());
        if let Some(two) = &mut self.two {
            two.used = Instant::now();
            return Some(Connection::Two(two.sender.clone()));
        }
        self.ones.retain(|one| one.fresh() && one.sender.is_ready());
        self.ones.pop().map(|one| Connection::One(one.sender))
    }
}

fn version_one() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_headers(MOST_FIELDS).max_buf_size(LONGEST_HEAD.into());
    builder
}

fn version_two() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).max_header_list_size(LONGEST_HEAD.into());
    builder
}

/// HTTP/1.1 names the path in the first line and the host in a header.
fn of_version_one(mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let authority = request.uri().authority().map(|authority| HeaderValue::from_str(authority.as_str()));
    if let Some(Ok(host)) = authority {
        request.headers_mut().insert(header::HOST, host);
    }
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = path.into();
    }
    request
}

/// Waits for the head of the answer.
async fn begun<R>(
    sending: impl Future<Output = Result<Response<Incoming>, TrySendError<R>>>,
) -> Result<Response<Incoming>, Refused> {
    match timeout(FIRST_BYTE, sending).await {
        Ok(Ok(answer)) => Ok(answer),
        // A request that is still there has not left.
        Ok(Err(error)) if error.message().is_some() => Err(Refused::Unsent(story(&error.into_error()))),
        Ok(Err(error)) => Err(Refused::NoAnswer(story(&error.into_error()))),
        Err(_) => Err(Refused::NoAnswer(format!("nothing within {} s", FIRST_BYTE.as_secs()))),
    }
}

/// Reads the answer to its end. It has to be readable as it is, for what it says to be found in it.
async fn read(answer: Response<Incoming>) -> Result<Response<Bytes>, Refused> {
    let (head, body) = answer.into_parts();
    let encoding = head.headers.get(header::CONTENT_ENCODING);
    if let Some(encoding) = encoding.filter(|encoding| *encoding != "identity") {
        return Err(Refused::Encoded(String::from_utf8_lossy(encoding.as_bytes()).into_owned()));
    }
    let body = whole(body, LONGEST_ANSWER, BETWEEN_BYTES).await.map_err(super::Broken::of_answer)?;
    Ok(Response::from_parts(head, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_begins_is_not_waited_for() {
        let never = std::future::pending::<Result<Response<Incoming>, TrySendError<()>>>();
        let started = tokio::time::Instant::now();
        let refused = begun(never).await.unwrap_err();
        assert!(matches!(refused, Refused::NoAnswer(_)), "{refused}");
        assert_eq!(started.elapsed(), FIRST_BYTE);
    }

    #[test]
    fn accounts_have_clients_of_their_own_as_long_as_they_are_used() {
        let clients = Clients::new(&Development::default()).unwrap();
        let first = clients.of(1);
        assert!(Arc::ptr_eq(&first, &clients.of(1)) && !Arc::ptr_eq(&first, &clients.of(2)));
        for version in 0..=KEPT.get() as u64 {
            clients.of(version + 10);
        }
        assert!(!Arc::ptr_eq(&first, &clients.of(1)));
    }
}
