//! Where an issuer's keys are read: at its URL, or in a file. Whatever is there, little of it is read and soon.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use http::header::{ACCEPT, HOST, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::keyset::KeySet;
use crate::egress::{Dialer, Target, story};

/// How the host names itself.
const NAME: &str = concat!("freshdesk-host/", env!("CARGO_PKG_VERSION"));

/// Time for all of it. Whoever shows a token with a new key waits so long at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// Largest set, in bytes: a hundred keys with their certificates.
const LARGEST: usize = 256 << 10;

/// Longest head of an answer, in bytes, and most of its headers.
const LONGEST_HEAD: usize = 32 << 10;
const MOST_HEADERS: usize = 100;

/// Where the keys are.
pub(super) enum Source {
    /// At a URL.
    Url(Target, Dialer),
    /// In a file.
    File(PathBuf),
}

/// Why there are no keys. The texts are for the log.
#[derive(Debug, Error)]
pub(super) enum Unread {
    /// Nothing came within [`PATIENCE`].
    #[error("nothing came within {} s", PATIENCE.as_secs())]
    Late,
    /// No connection came about, or the file cannot be read.
    #[error(transparent)]
    Unreachable(#[from] io::Error),
    /// The connection failed.
    #[error("no answer: {0}")]
    Lost(String),
    /// The answer is no set of keys. Redirects are not followed: the URL itself has to be given.
    #[error("the answer is {0}, and has to be 200")]
    Status(StatusCode),
    /// The body failed, or is too large.
    #[error("the body was not read: {0}")]
    Body(String),
    /// It is no set of keys.
    #[error("it is no JSON Web Key Set, or one of more than {LARGEST} bytes")]
    NoSet,
}

impl From<hyper::Error> for Unread {
    fn from(why: hyper::Error) -> Self {
        Self::Lost(story(&why))
    }
}

impl Source {
    /// Reads the keys.
    pub(super) async fn read(&self) -> Result<KeySet, Unread> {
        let text = match self {
            Self::Url(target, dialer) => timeout(PATIENCE, get(target, dialer)).await.map_err(|_| Unread::Late)??,
            Self::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || in_file(&path));
                timeout(PATIENCE, read).await.map_err(|_| Unread::Late)?.map_err(io::Error::other)??
            }
        };
        KeySet::read(&text).ok_or(Unread::NoSet)
    }
}

async fn get(target: &Target, dialer: &Dialer) -> Result<Vec<u8>, Unread> {
    let request = Request::get(target.path())
        .header(HOST, target.authority())
        .header(ACCEPT, "application/jwk-set+json, application/json")
        .header(USER_AGENT, NAME)
        .body(Empty::<bytes::Bytes>::new());
    let request = request.map_err(|why| Unread::Lost(why.to_string()))?;
    let stream = dialer.dial(target.destination()).await?;
    let mut builder = http1::Builder::new();
    builder.max_headers(MOST_HEADERS).max_buf_size(LONGEST_HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let answer = sender.send_request(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(Unread::Status(answer.status()));
    }
    let body = Limited::new(answer.into_body(), LARGEST).collect().await;
    Ok(body.map_err(|why| Unread::Body(why.to_string()))?.to_bytes().to_vec())
}

fn in_file(path: &std::path::Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    // What is larger is cut off, and then it is no JSON.
    std::fs::File::open(path)?.take(LARGEST as u64).read_to_end(&mut text)?;
    Ok(text)
}
