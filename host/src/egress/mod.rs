//! The one way out. Every request of the plugin passes here, and nothing else of it gets out.

mod attach;
mod client;
mod hooks;
mod policy;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use thiserror::Error;

use crate::account::Account;
use client::Client;
pub use client::{Development, SetupError};

/// Longest request, in bytes. Freshdesk's own limit on a ticket is far below; 1 MiB is a book of 500 pages.
const LONGEST_REQUEST: usize = 1 << 20;

/// Longest answer, in bytes: a full page of 100 tickets with descriptions is about 2 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Headers of an answer that the plugin does not see: they are for browsers.
const NOT_HANDED_BACK: [http::HeaderName; 2] = [http::header::SET_COOKIE, http::header::WWW_AUTHENTICATE];

/// The way out of the process: connections, and how they are made.
pub(crate) struct Egress {
    client: Client,
}

/// Why a request got no answer.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    /// It was not let out.
    #[error("not let out: {0}")]
    Denied(#[from] policy::Denied),
    /// It was longer than [`LONGEST_REQUEST`].
    #[error("the request is longer than {LONGEST_REQUEST} bytes")]
    TooLong,
    /// The plugin did not finish it.
    #[error("the request broke off: {0}")]
    BrokenOff(String),
    /// No connection came about, so that nothing was sent.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The connection failed after something may have been sent.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer was longer than [`LONGEST_ANSWER`].
    #[error("the answer is longer than {LONGEST_ANSWER} bytes")]
    AnswerTooLong,
}

impl Egress {
    /// A way out that reaches Freshdesk, and what `development` names instead of it.
    pub(crate) fn new(development: &Development) -> Result<Self, SetupError> {
        Ok(Self { client: Client::new(development)? })
    }
}

/// The passage of one call: bound to its account, good for one request.
pub(crate) struct Passage {
    egress: Arc<Egress>,
    account: Arc<Account>,
    sent: Arc<Sent>,
}

/// What the passage has let out so far.
#[derive(Default)]
pub(crate) struct Sent(AtomicU8);

impl Sent {
    const READ: u8 = 1;
    const WRITE: u8 = 2;

    /// Notes that a request is about to leave; false if one has left before.
    fn first(&self, method: &http::Method) -> bool {
        let kind = if method.is_safe() { Self::READ } else { Self::WRITE };
        self.0.compare_exchange(0, kind, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Whether a request left that may have changed something.
    pub(crate) fn write(&self) -> bool {
        self.0.load(Ordering::Acquire) == Self::WRITE
    }
}

impl Passage {
    /// A passage for one call of `account`.
    pub(crate) fn new(egress: Arc<Egress>, account: Arc<Account>) -> Self {
        Self { egress, account, sent: Arc::default() }
    }

    /// The account's helpdesk, as the plugin addresses it.
    pub(crate) fn base_url(&self) -> String {
        format!("https://{}", self.account.helpdesk().host())
    }

    /// What has been let out, readable while the call runs.
    pub(crate) fn sent(&self) -> Arc<Sent> {
        Arc::clone(&self.sent)
    }

    /// Takes one request out and its answer back: whole request read, destination, headers, one request a call, key
    /// attached, sent, whole answer read.
    async fn pass<B>(self, request: Request<B>) -> Result<Response<Full<Bytes>>, Refused>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: std::fmt::Display + Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut head, body) = request.into_parts();
        let body = whole(body, LONGEST_REQUEST).await.map_err(|why| why.of_request())?;
        policy::check(&head, &self.account.helpdesk().host())?;
        if !self.sent.first(&head.method) {
            return Err(policy::Denied::SecondRequest.into());
        }
        attach::key(&mut head.headers, self.account.key());
        let answer = self.egress.client.send(Request::from_parts(head, Full::new(body))).await?;
        let (mut head, body) = answer.into_parts();
        let body = whole(body, LONGEST_ANSWER).await.map_err(|why| why.of_answer())?;
        NOT_HANDED_BACK.iter().for_each(|name| drop(head.headers.remove(name)));
        Ok(Response::from_parts(head, Full::new(body)))
    }
}

/// Why a body could not be read whole.
enum Broken {
    TooLong,
    Off(String),
}

impl Broken {
    fn of_request(self) -> Refused {
        match self {
            Self::TooLong => Refused::TooLong,
            Self::Off(why) => Refused::BrokenOff(why),
        }
    }

    fn of_answer(self) -> Refused {
        match self {
            Self::TooLong => Refused::AnswerTooLong,
            Self::Off(why) => Refused::NoAnswer(why),
        }
    }
}

/// Reads a body to its end, `longest` bytes at most.
async fn whole<B>(body: B, longest: usize) -> Result<Bytes, Broken>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, longest).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(why) if why.is::<LengthLimitError>() => Err(Broken::TooLong),
        Err(why) => Err(Broken::Off(why.to_string())),
    }
}
