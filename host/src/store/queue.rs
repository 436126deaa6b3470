//! The queue to the writer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tracing::error;

use super::StoreError;
use super::chain::Chain;
use super::engine::{Change, Outcome};
use super::records::Entry;

/// Changes and entries that may wait. More means that the database is far slower than what it is given.
const QUEUED: usize = 10_000;

/// Time for what is queued to be written at the end: supervisors end a process that takes longer than some seconds.
const LAST: Duration = Duration::from_secs(10);

/// Who waits for a change.
pub(super) type Reply = oneshot::Sender<Result<Outcome, StoreError>>;

/// What is handed to the writer.
pub(super) enum Job {
    Use(Entry, Instant),
    Change(Change, Reply),
    Begin(Chain),
    Close(oneshot::Sender<()>),
}

/// Why uses of keys are not taken at the moment; nothing when they are.
#[derive(Clone)]
pub(super) struct Standing(Arc<Mutex<Option<StoreError>>>);

impl Standing {
    pub(super) fn refusal(&self) -> Option<StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, to: Option<StoreError>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

/// Where changes are handed in.
#[derive(Clone)]
pub(super) struct Queue {
    jobs: mpsc::Sender<Job>,
    standing: Standing,
}

impl Queue {
    pub(super) fn new() -> (Self, mpsc::Receiver<Job>, Standing) {
        let (sender, jobs) = mpsc::channel(QUEUED);
        let standing = Standing(Arc::new(Mutex::new(Some(StoreError::NotBegun))));
        (Self { jobs: sender, standing: standing.clone() }, jobs, standing)
    }

    /// Makes a change, and tells what became of it when that is durable.
    pub(super) async fn change(&self, change: Change) -> Result<Outcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Change(change, reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Queues the entry of a use.
    pub(super) fn note(&self, entry: Entry) -> Result<(), StoreError> {
        if let Some(reason) = self.standing.refusal() {
            return Err(reason);
        }
        self.jobs.try_send(Job::Use(entry, Instant::now())).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Full,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    /// Why uses are not taken at the moment, if they are not.
    pub(super) fn refusal(&self) -> Option<StoreError> {
        self.standing.refusal()
    }

    /// From here on, entries are appended to this chain.
    pub(super) async fn begin(&self, chain: Chain) -> Result<(), StoreError> {
        self.jobs.send(Job::Begin(chain)).await.map_err(|_| StoreError::Closed)?;
        self.standing.set(None);
        Ok(())
    }

    /// Writes what is queued, and ends the writer. A database that does not answer keeps nobody waiting for long.
    pub(super) async fn close(&self) {
        let (reply, answer) = oneshot::channel();
        let closing = async {
            if self.jobs.send(Job::Close(reply)).await.is_ok() {
                let _ = answer.await;
            }
        };
        if timeout(LAST, closing).await.is_err() {
            error!("the store does not answer: what waited to be written to the trail is lost");
        }
        self.standing.set(Some(StoreError::Closed));
    }
}
