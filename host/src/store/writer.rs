//! The writer: the one task of a process that changes the store. It commits what is queued as a group, so that many
//! changes share one wait for the disk, and appends the trail's entries in the order of their coming.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing::{error, info, warn};

use super::StoreError;
use super::chain::Chain;
use super::clock::Clock;
use super::engine::{Change, Done, Engine, Failure, Outcome};
use super::queue::{Job, Queue, Reply, Standing};
use super::records::Entry;

/// Most changes of a group: one that fails is made again change by change.
const GROUP: usize = 500;

/// How long a use of a key waits for others; a timer is at most 1 ms late, which makes 10 ms.
const PATIENCE: Duration = Duration::from_millis(8);

/// How often it is tried to write again after a failure.
const AGAIN: Duration = Duration::from_millis(250);

/// How often a group that got into the way of another host's is tried again, change by change.
const CONFLICTS: usize = 3;

/// How often a commit is tried again because other processes of this host went on with its chain in between: one server
/// and some commands beside it.
const OTHERS: usize = 50;

/// Starts the writer. It ends when it is told to close, or when nobody has the queue any more.
pub(super) fn start(engine: Arc<dyn Engine>, clock: Arc<Clock>) -> Queue {
    let (queue, jobs, standing) = Queue::new();
    tokio::spawn(Writer { engine, clock, jobs, chain: None, standing, uses: Vec::new(), doubt: None }.run());
    queue
}

struct Writer {
    engine: Arc<dyn Engine>,
    clock: Arc<Clock>,
    jobs: mpsc::Receiver<Job>,
    chain: Option<Chain>,
    standing: Standing,
    /// Uses that were taken and could not be written yet.
    uses: Vec<Entry>,
    /// What a commit may have made of the chain, of which it is not known whether it took place; and the uses in it.
    doubt: Option<(Chain, usize)>,
}

/// What is committed together.
#[derive(Default)]
struct Group {
    uses: Vec<Entry>,
    changes: Vec<Change>,
    replies: Vec<Reply>,
    close: Option<oneshot::Sender<()>>,
    ended: bool,
}

impl Writer {
    async fn run(mut self) {
        loop {
            let mut group = self.gather().await;
            let (close, ended) = (group.close.take(), group.ended);
            self.uses.append(&mut group.uses);
            self.write(group.changes, group.replies).await;
            if ended {
                return self.end(close).await;
            }
        }
    }

    /// Waits for something to write. A change is written at once, with all that came meanwhile; a use waits for others.
    async fn gather(&mut self) -> Group {
        let mut group = Group::default();
        let mut until = (!self.uses.is_empty() || self.stopped()).then(|| Instant::now() + AGAIN);
        while group.changes.len() + group.uses.len() < GROUP {
            let job = match until {
                // What is in the queue already is taken, also when the time is over.
                Some(until) => match timeout_at(until, self.jobs.recv()).await {
                    Ok(job) => job,
                    Err(_) => return group,
                },
                None => self.jobs.recv().await,
            };
            match job {
                Some(Job::Use(entry, at)) => {
                    group.uses.push(entry);
                    until = Some(until.map_or(at + PATIENCE, |until| until.min(at + PATIENCE)));
                }
                Some(Job::Change(change, reply)) => {
                    self.admit(change, reply, &mut group);
                    until = Some(Instant::now());
                }
                Some(Job::Begin(chain)) => self.chain = Some(chain),
                Some(Job::Close(reply)) => {
                    group.close = Some(reply);
                    group.ended = true;
                    return group;
                }
                None => {
                    group.ended = true;
                    return group;
                }
            }
        }
        group
    }

    fn admit(&self, change: Change, reply: Reply, group: &mut Group) {
        if self.chain.is_none() && !change.entries.is_empty() {
            let _ = reply.send(Err(StoreError::NotBegun));
            return;
        }
        group.changes.push(change);
        group.replies.push(reply);
    }

    fn stopped(&self) -> bool {
        self.chain.is_some() && self.standing.refusal().is_some()
    }

    /// Writes the uses that wait, and these changes; answers who waits for the changes. Uses that could not be written
    /// wait on.
    async fn write(&mut self, changes: Vec<Change>, replies: Vec<Reply>) {
        let resumed = self.stopped().then(|| resumed(self.uses.len(), self.clock.now_us() / 1000));
        if changes.is_empty() && self.uses.is_empty() && resumed.is_none() {
            return;
        }
        // What a commit in doubt has told of is not told again.
        if let Err(error) = self.settle().await {
            self.stand(Some(error.clone()));
            for reply in replies {
                let _ = reply.send(Err(error.clone()));
            }
            return;
        }
        let uses = self.uses.len();
        let told = self.uses.iter().cloned().chain(resumed).collect();
        let mut group = vec![Change { entries: told, ..Change::default() }];
        group.extend(changes);
        let group = Arc::new(group);
        let answers = match self.commit(&group, uses).await {
            Ok(mut outcomes) => {
                self.uses.clear();
                outcomes.drain(1..).map(Ok).collect()
            }
            Err(Failure::Conflict(_)) => self.one_by_one(&group).await,
            Err(Failure::Undone(error) | Failure::Unknown(_, error)) => vec![Err(error); replies.len()],
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            let _ = reply.send(answer);
        }
    }

    async fn one_by_one(&mut self, group: &[Change]) -> Vec<Result<Outcome, StoreError>> {
        let mut answers = Vec::with_capacity(group.len());
        for (index, change) in group.iter().enumerate() {
            let change = Arc::new(vec![change.clone()]);
            // The first change tells of the uses, and no other does.
            let uses = if index == 0 { self.uses.len() } else { 0 };
            let mut answer = self.commit(&change, uses).await;
            for _ in 1..CONFLICTS {
                if matches!(answer, Err(Failure::Conflict(_))) {
                    answer = self.commit(&change, uses).await;
                }
            }
            if index == 0 && answer.is_ok() {
                self.uses.clear();
            }
            answers.push(match answer {
                Ok(mut outcomes) => outcomes.pop().ok_or(StoreError::Closed),
                Err(Failure::Undone(error) | Failure::Conflict(error) | Failure::Unknown(_, error)) => Err(error),
            });
        }
        answers.drain(1..).collect()
    }

    /// Commits a group, which tells of so many of the uses that wait, and keeps the standing up to date: whether uses of
    /// keys may be taken.
    async fn commit(&mut self, group: &Arc<Vec<Change>>, uses: usize) -> Result<Vec<Outcome>, Failure> {
        let committed = match self.settle().await {
            Ok(()) => self.commit_after_others(group).await,
            Err(error) => Err(Failure::Undone(error)),
        };
        let committed = match committed {
            Err(Failure::Unknown(done, error)) => self.resolve(*done, error, uses).await,
            committed => committed,
        };
        match committed {
            Ok(done) => {
                self.chain = done.chain;
                self.stand(None);
                Ok(done.outcomes)
            }
            Err(failure) => {
                if let Failure::Undone(error) | Failure::Unknown(_, error) = &failure {
                    self.stand(Some(error.clone()));
                }
                Err(failure)
            }
        }
    }

    /// Commits, behind what other processes of this host have added to its chain meanwhile.
    async fn commit_after_others(&mut self, group: &Arc<Vec<Change>>) -> Result<Done, Failure> {
        for _ in 0..OTHERS {
            match self.engine.commit(Arc::clone(group), self.chain.clone()).await {
                Err(Failure::Undone(moved @ StoreError::OtherWriter { .. })) => {
                    let chain = self.chain.as_ref().ok_or_else(|| Failure::Undone(moved.clone()))?;
                    let row = self.engine.row(chain.read_on()).await.map_err(Failure::Undone)?;
                    let gone_on = row.map(|row| chain.gone_on(row)).transpose().map_err(Failure::Undone)?.flatten();
                    self.chain = Some(gone_on.ok_or(Failure::Undone(moved))?);
                }
                committed => return committed,
            }
        }
        self.engine.commit(Arc::clone(group), self.chain.clone()).await
    }

    /// Asks the head whether a commit took place. Where nothing was appended nobody can tell, and it counts as undone.
    async fn resolve(&mut self, done: Done, error: StoreError, uses: usize) -> Result<Done, Failure> {
        let moved = done.chain.as_ref().filter(|chain| Some(chain.seq) != self.chain.as_ref().map(|before| before.seq));
        let Some(chain) = moved.cloned() else { return Err(Failure::Undone(error)) };
        self.doubt = Some((chain, uses));
        let before = self.chain.as_ref().map(|chain| chain.seq);
        match self.settle().await {
            Ok(()) if self.chain.as_ref().map(|chain| chain.seq) != before => Ok(done),
            Ok(()) => Err(Failure::Undone(error)),
            Err(_) => Err(Failure::Unknown(Box::new(done), error)),
        }
    }

    /// Finds out what became of the commit that is in doubt.
    async fn settle(&mut self) -> Result<(), StoreError> {
        let Some((chain, uses)) = self.doubt.clone() else { return Ok(()) };
        let row = self.engine.row(chain.read_on()).await?;
        let Some(row) = row else { return Err(StoreError::OtherWriter { host: chain.host.to_string() }) };
        self.doubt = None;
        if let Some(chain) = chain.gone_on(row)? {
            self.uses.drain(..uses.min(self.uses.len()));
            self.chain = Some(chain);
        }
        Ok(())
    }

    fn stand(&self, to: Option<StoreError>) {
        match (&to, self.stopped()) {
            (None, true) => info!("the store can be written again"),
            (Some(error), false) => warn!(%error, "the store cannot be written: calls are refused until it can"),
            _ => {}
        }
        if self.chain.is_some() {
            self.standing.set(to);
        }
    }

    async fn end(mut self, close: Option<oneshot::Sender<()>>) {
        self.jobs.close();
        while let Some(job) = self.jobs.recv().await {
            match job {
                Job::Use(entry, _) => self.uses.push(entry),
                Job::Change(change, reply) => {
                    let mut group = Group::default();
                    self.admit(change, reply, &mut group);
                    self.write(group.changes, group.replies).await;
                }
                Job::Begin(_) => {}
                Job::Close(reply) => drop(reply),
            }
        }
        self.write(Vec::new(), Vec::new()).await;
        if !self.uses.is_empty() {
            error!(entries = self.uses.len(), "uses of keys could not be written to the trail before the end");
        }
        if let Err(error) = self.engine.tidy().await {
            warn!(%error, "the store was not tidied up at the end");
        }
        if let Some(close) = close {
            let _ = close.send(());
        }
    }
}

/// That the trail goes on after a failure. It is also how it is found out that it can.
fn resumed(uses: usize, at: i64) -> Entry {
    let detail = serde_json::json!({ "uses_kept": uses });
    Entry { at, kind: "trail.resumed", tenant: String::new(), identifier: String::new(), detail }
}
