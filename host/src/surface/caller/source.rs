//! Where an issuer's keys are read: at its URL, or in a file. Whatever is there, little of it is read and soon.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use http::header::ACCEPT;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use thiserror::Error;
use tokio::time::timeout;

use super::keyset::KeySet;
use crate::egress::{Dialer, Target, Unanswered};

/// Time for all of it. Whoever shows a token with a new key waits so long at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// Largest set, in bytes: a hundred keys with their certificates.
const LARGEST: usize = 256 << 10;

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
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// There is no answer.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
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
    let request = target.request(Method::GET).header(ACCEPT, "application/jwk-set+json, application/json");
    let request = request.body(Empty::<bytes::Bytes>::new()).map_err(Unanswered::from)?;
    let (answer, _open) = dialer.send(target, request).await?;
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
