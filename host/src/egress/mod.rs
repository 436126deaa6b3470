//! The one way out. Every request of the plugin passes here, and nothing else of it gets out.

mod attach;
mod client;
mod hooks;
mod policy;
mod routes;
mod seen;

use std::pin::pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use thiserror::Error;

use crate::account::Account;
use client::Client;
pub use client::{Development, EgressError};
use policy::{Denied, Permit};
pub(crate) use seen::Seen;

/// Longest request, in bytes. Freshdesk's own limit on a ticket is far below; 1 MiB is a book of 500 pages.
const LONGEST_REQUEST: usize = 1 << 20;

/// Longest answer, in bytes: a full page of 100 tickets with descriptions is about 2 MB.
const LONGEST_ANSWER: usize = 8 << 20;

/// Headers of an answer that the plugin does not see: they are for browsers.
const NOT_HANDED_BACK: [http::HeaderName; 2] = [http::header::SET_COOKIE, http::header::WWW_AUTHENTICATE];

/// The way out of the process: connections, and how they are made.
pub(crate) struct Egress {
    client: Client,
    speak_as_others: bool,
}

/// Why a request got no answer.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    /// It was not let out.
    #[error("not let out: {0}")]
    Denied(#[from] Denied),
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
    pub(crate) fn new(development: &Development, speak_as_others: bool) -> Result<Self, EgressError> {
        Ok(Self { client: Client::new(development)?, speak_as_others })
    }
}

/// The passage of one call: bound to its account and its tool, good for one request.
#[derive(Clone)]
pub(crate) struct Passage {
    egress: Arc<Egress>,
    account: Arc<Account>,
    function: Arc<str>,
    seen: Arc<Seen>,
}

impl Passage {
    /// A passage for one call of `account`, to the tool whose function this is.
    pub(crate) fn new(egress: Arc<Egress>, account: Arc<Account>, function: &str) -> Self {
        Self { egress, account, function: function.into(), seen: Arc::default() }
    }

    /// The account's helpdesk, as the plugin addresses it.
    pub(crate) fn base_url(&self) -> String {
        format!("https://{}", self.account.helpdesk().host())
    }

    /// What the passage sees, readable while the call runs.
    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    /// Takes one request out and its answer back: whole request read, destination, method and path, headers, body, one
    /// request a call, key attached, sent, whole answer read.
    async fn pass<B>(&self, request: Request<B>) -> Result<Response<Full<Bytes>>, Refused>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut head, body) = request.into_parts();
        let body = whole(body, LONGEST_REQUEST).await.map_err(Broken::of_request)?;
        let host = self.account.helpdesk().host();
        let speak_as_others = self.egress.speak_as_others;
        policy::check(&head, &body, &Permit { host: &host, function: &self.function, speak_as_others })?;
        self.seen.leave(&head.method)?;
        attach::key(&mut head.headers, self.account.key());
        let answer = self.egress.client.send(Request::from_parts(head, Full::new(body))).await?;
        let (mut head, body) = answer.into_parts();
        let body = whole(body, LONGEST_ANSWER).await.map_err(Broken::of_answer)?;
        self.seen.answer(head.status);
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

/// Reads a body to its end, `longest` bytes at most, into one piece however small the pieces are that it comes in.
async fn whole<B>(body: B, longest: usize) -> Result<Bytes, Broken>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = pin!(body);
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|why| Broken::Off(why.into().to_string()))?.into_data() else { continue };
        if all.len() + data.len() > longest {
            return Err(Broken::TooLong);
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}
