//! Connections that are kept: one client an account, over HTTP/2 or HTTP/1.1 as the server prefers. Redirects are answers
//! like others.

use std::error::Error;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use lru::LruCache;
use tokio::time::{interval, timeout};

use super::connect::{Connecting, Connector, Development, EgressError};
use super::two::Two;
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
pub(super) const LONGEST_HEAD: u16 = 32 << 10;
const MOST_FIELDS: usize = 100;

/// How often a connection looks up. It finds nothing then, but calls wait for longer than that: where no other timer is
/// nearer than theirs, the runtime would wake a thread for each that they set, some three times a call.
const PULSE: Duration = Duration::from_secs(4);

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
    two: Option<Kept<Two>>,
    /// Over HTTP/1.1 one serves one at a time; these are idle.
    ones: Vec<Kept<http1::SendRequest<Full<Bytes>>>>,
    /// Whether the server was found not to speak HTTP/2.
    only_one: bool,
}

/// A connection, since when it is kept, and when it was last used.
struct Kept<S> {
    sender: S,
    since: Instant,
    used: Instant,
}

impl<S> Kept<S> {
    fn new(sender: S) -> Self {
        let now = Instant::now();
        Self { sender, since: now, used: now }
    }

    fn fresh(&self) -> bool {
        self.used.elapsed() < IDLE
    }
}

/// A connection to send one request on.
enum Connection {
    One(http1::SendRequest<Full<Bytes>>),
    Two(Two),
}

impl Client {
    fn new(connector: Connector) -> Self {
        Self { connector, open: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    /// Sends a request, once, and reads its whole answer. It is asked whether the request may leave when there is a connection.
    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
        leaves: impl FnOnce() -> Result<(), Refused>,
    ) -> Result<Response<Bytes>, Refused> {
        let connection = self.connection(request.uri()).await?;
        leaves()?;
        match connection {
            Connection::Two(two) => {
                let left = Instant::now();
                let answered = async { read(begun(two.send(request)).await?).await };
                answered.await.inspect_err(|_| self.doubt(left))
            }
            Connection::One(mut sender) => {
                let answer = begun(answered(sender.try_send_request(of_version_one(request)))).await?;
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
        if two {
            let two = Two::begin(stream).await?;
            return Ok(self.open().keep(two));
        }
        let stream = TokioIo::new(TokioIo::new(stream));
        let (sender, connection) = version_one().handshake(stream).await.map_err(Refused::unreachable)?;
        drive(connection);
        self.open().only_one = true;
        Ok(Connection::One(sender))
    }

    /// A request that left then was not answered as it has to be: the connection that it went out on may be dead or dying, and
    /// goes to nobody else.
    pub(super) fn doubt(&self, left: Instant) {
        self.open().two.take_if(|two| two.since <= left);
    }

    /// What is open is whole whenever it is readable, also after a panic.
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// A connection that is still open, as far as anybody knows.
    fn take(&mut self) -> Option<Connection> {
        self.two.take_if(|two| !two.fresh() || !two.sender.is_open());
        if let Some(two) = &mut self.two {
            two.used = Instant::now();
            return Some(Connection::Two(two.sender.clone()));
        }
        self.ones.retain(|one| one.fresh() && one.sender.is_ready());
        self.ones.pop().map(|one| Connection::One(one.sender))
    }

    /// Keeps a connection that was just made.
    fn keep(&mut self, two: Two) -> Connection {
        self.two = Some(Kept::new(two.clone()));
        Connection::Two(two)
    }
}

fn version_one() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_headers(MOST_FIELDS).max_buf_size(LONGEST_HEAD.into());
    builder
}

/// Keeps a connection going in a task of its own, until it ends.
pub(super) fn drive(connection: impl Future<Output: Send> + Send + 'static) {
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        let mut pulse = interval(PULSE);
        // Why it ended is told by the requests on it.
        while tokio::select! { biased; _ = &mut connection => false, _ = pulse.tick() => true } {}
    });
}

/// HTTP/1.1 names the path in the first line and the host in a header.
fn of_version_one(request: Request<Bytes>) -> Request<Full<Bytes>> {
    let mut request = request.map(Full::new);
    let authority = request.uri().authority().map(|authority| HeaderValue::from_str(authority.as_str()));
    if let Some(Ok(host)) = authority {
        request.headers_mut().insert(header::HOST, host);
    }
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = path.into();
    }
    request
}

/// The head of the answer, or whether the request left.
async fn answered<R>(
    sending: impl Future<Output = Result<Response<Incoming>, TrySendError<R>>>,
) -> Result<Response<Incoming>, Refused> {
    sending.await.map_err(|error| match error.message() {
        // A request that is still there has not left.
        Some(_) => Refused::Unsent(story(&error.into_error())),
        None => Refused::NoAnswer(story(&error.into_error())),
    })
}

/// Waits for the head of the answer, but not forever.
async fn begun<B>(sending: impl Future<Output = Result<Response<B>, Refused>>) -> Result<Response<B>, Refused> {
    let nothing = |_| Refused::NoAnswer(format!("nothing within {} s", FIRST_BYTE.as_secs()));
    timeout(FIRST_BYTE, sending).await.map_err(nothing)?
}

/// Reads the answer to its end. It has to be readable as it is, for what it says to be found in it.
async fn read<B>(answer: Response<B>) -> Result<Response<Bytes>, Refused>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
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
        let never = std::future::pending::<Result<Response<Full<Bytes>>, Refused>>();
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
