//! An issuer's keys as they were read last. They are read again in time, and when a token names one that is not known; who
//! shows a token whose key is known does not wait for an issuer that is slow, nor for one that is gone for a day.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey};
use tracing::{info, warn};

use super::Unknown;
use super::keyset::KeySet;
use super::source::Source;

/// How long keys are good.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// After this time they are read again, beside the calls; after twice the time, before.
    pub(super) fresh: Duration,
    /// Shortest time between two readings.
    pub(super) again: Duration,
    /// So long they are good while they cannot be read again.
    pub(super) kept: Duration,
}

impl Default for Times {
    /// Ten minutes, in which a key that an issuer takes back is good for at most twice that; half a minute; and a day.
    fn default() -> Self {
        let kept = Duration::from_secs(24 * 3600);
        Self { fresh: Duration::from_secs(600), again: Duration::from_secs(30), kept }
    }
}

/// An issuer's keys.
pub(super) struct Keys {
    source: Source,
    times: Times,
    held: Mutex<Held>,
    /// Is held by who reads them.
    turn: tokio::sync::Mutex<()>,
}

/// The keys as they were read last.
#[derive(Clone, Default)]
struct Held {
    set: Arc<KeySet>,
    /// When they were read, and when that was tried last.
    read: Option<Instant>,
    tried: Option<Instant>,
    /// Whether they could not be read, that last time.
    failed: bool,
}

impl Keys {
    pub(super) fn new(source: Source, times: Times) -> Arc<Self> {
        Arc::new(Self { source, times, held: Mutex::default(), turn: tokio::sync::Mutex::default() })
    }

    /// The key by which a token with this key id and algorithm is to be verified.
    pub(super) async fn find(self: &Arc<Self>, id: Option<&str>, algorithm: Algorithm) -> Result<DecodingKey, Unknown> {
        let (held, now) = (self.held(), Instant::now());
        let age = held.read.map(|read| now.saturating_duration_since(read));
        if let (Some(key), Some(age)) = (held.find(id, algorithm, &self.times), age) {
            if age < self.times.fresh {
                return Ok(key);
            }
            if held.failed || age < self.times.fresh * 2 {
                self.read_aside();
                return Ok(key);
            }
        }
        self.read_now().await;
        let held = self.held();
        match held.find(id, algorithm, &self.times) {
            Some(key) => Ok(key),
            // It may be a key that the issuer has made since.
            None if held.failed => Err(Unknown::Broken),
            None => Err(Unknown::Wrong),
        }
    }

    /// Reads the keys, whoever waits for it, unless that was tried a moment ago.
    async fn read_now(self: &Arc<Self>) {
        let keys = Arc::clone(self);
        let _ = tokio::spawn(async move { keys.read().await }).await;
    }

    /// Has the keys read while others go on.
    fn read_aside(self: &Arc<Self>) {
        if self.held().rests(&self.times) || self.turn.try_lock().is_err() {
            return;
        }
        let keys = Arc::clone(self);
        tokio::spawn(async move { keys.read().await });
    }

    async fn read(&self) {
        let _turn = self.turn.lock().await;
        if self.held().rests(&self.times) {
            return;
        }
        let tried = Some(Instant::now());
        let read = self.source.read().await;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.tried = tried;
        held.failed = read.is_err();
        match read {
            Ok(set) => {
                info!(keys = set.len(), "the issuer's keys were read");
                (held.set, held.read) = (Arc::new(set), tried);
            }
            Err(why) => warn!(%why, "the issuer's keys were not read"),
        }
    }

    /// What is held is whole whenever it is readable, also after a panic.
    fn held(&self) -> Held {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Held {
    /// A key that is good still.
    fn find(&self, id: Option<&str>, algorithm: Algorithm, times: &Times) -> Option<DecodingKey> {
        let good = self.read.is_some_and(|read| read.elapsed() < times.kept);
        self.set.find(id, algorithm).filter(|_| good).cloned()
    }

    /// Whether they were read, or that was tried, a moment ago.
    fn rests(&self, times: &Times) -> bool {
        self.tried.is_some_and(|tried| tried.elapsed() < times.again)
    }
}
