//! A group of changes, in one transaction of PostgreSQL. What does not depend on an answer is sent without waiting for
//! one, so that a change takes one round trip.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use tokio_postgres::Error;

use super::super::StoreError;
use super::super::chain::Chain;
use super::super::engine::{Change, Done, Failure, Outcome, Sql, Touches};
use super::connect::{ANSWER, Line, Server, conflict, ended};
use super::{Postgres, values};

/// Why a transaction was not made.
enum Trouble {
    /// The server or the driver says so.
    Server(Error),
    /// A step was not answered in time.
    Late,
    /// Somebody else has moved the head.
    OtherWriter(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl Postgres {
    /// Commits a group; once more, over a new connection, when the connection ended before the commit was asked for.
    pub(super) async fn commit_group(&self, changes: &[Change], chain: Option<Chain>) -> Result<Done, Failure> {
        let (slot, mut again) = (&self.0.writer, true);
        loop {
            let line = slot.line(&self.0.server).await.map_err(Failure::Undone)?;
            match make(&self.0.server, &line, changes, chain.clone()).await {
                Ok(done) => return self.end(&line, done).await,
                Err(Trouble::Server(error)) if ended(&error) && again => {
                    slot.give_up(&line);
                    again = false;
                }
                Err(trouble) => return Err(self.undo(&line, trouble).await),
            }
        }
    }

    async fn end(&self, line: &Arc<Line>, done: Done) -> Result<Done, Failure> {
        match self.0.server.in_time(line.client.batch_execute("COMMIT")).await {
            Ok(()) => Ok(done),
            Err(error) => {
                self.0.writer.give_up(line);
                Err(Failure::Unknown(Box::new(done), error))
            }
        }
    }

    async fn undo(&self, line: &Arc<Line>, trouble: Trouble) -> Failure {
        let late = matches!(trouble, Trouble::Late);
        if late || self.0.server.in_time(line.client.batch_execute("ROLLBACK")).await.is_err() {
            self.0.writer.give_up(line);
        }
        match trouble {
            Trouble::Server(error) if conflict(&error) => Failure::Conflict(self.0.server.told(&error)),
            Trouble::Server(error) => Failure::Undone(self.0.server.told(&error)),
            Trouble::Late => Failure::Undone(self.0.server.late()),
            Trouble::OtherWriter(host) => Failure::Undone(StoreError::OtherWriter { host }),
        }
    }
}

/// Makes a group, up to its commit. Each change has its own time, as a group may be large and its database far away.
async fn make(server: &Server, line: &Line, changes: &[Change], mut chain: Option<Chain>) -> Result<Done, Trouble> {
    in_time(line.client.batch_execute("BEGIN")).await?;
    let mut outcomes = Vec::with_capacity(changes.len());
    for change in changes {
        outcomes.push(in_time(self::change(server, line, change)).await?);
    }
    if let Some(chain) = &mut chain {
        let done = changes.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Done(_)));
        let told = chain.append(done.flat_map(|(change, _)| &change.entries));
        let touched = async { Ok(all(told.iter().map(|sql| execute(line, sql))).await) };
        // The head comes first: where it has moved, the entries have no place, and fail for that.
        for touched in in_time(touched).await? {
            if touched? != 1 {
                return Err(Trouble::OtherWriter(chain.host.to_string()));
            }
        }
    }
    Ok(Done { outcomes, chain })
}

async fn in_time<T>(step: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    Ok(tokio::time::timeout(ANSWER, step).await.map_err(|_| Trouble::Late)??)
}

/// Makes a change, or takes back what of it was made.
async fn change(server: &Server, line: &Line, change: &Change) -> Result<Outcome, Error> {
    if change.statements.is_empty() {
        return Ok(Outcome::Done(Vec::new()));
    }
    for (sql, _) in &change.statements {
        // Outside of the savepoint, whose statements are sent in a row.
        line.prepare(sql.text).await?;
    }
    let mut savepoint = std::pin::pin!(line.client.batch_execute("SAVEPOINT change"));
    let early = poll_fn(|context| Poll::Ready(savepoint.as_mut().poll(context))).await;
    let touched = all(change.statements.iter().map(|(sql, _)| execute(line, sql))).await;
    match early {
        Poll::Ready(savepoint) => savepoint?,
        Poll::Pending => savepoint.await?,
    }
    let outcome = outcome(server, change, touched)?;
    let end = if matches!(outcome, Outcome::Done(_)) { "RELEASE change" } else { "ROLLBACK TO change; RELEASE change" };
    line.client.batch_execute(end).await?;
    Ok(outcome)
}

/// The first statement that did not do what it has to decides; what came after it was in vain.
fn outcome(server: &Server, change: &Change, touched: Vec<Result<u64, Error>>) -> Result<Outcome, Error> {
    let mut done = Vec::with_capacity(touched.len());
    for ((_, touches), touched) in change.statements.iter().zip(touched) {
        match touched {
            Ok(rows) if *touches == Touches::One && rows != 1 => return Ok(Outcome::Unmet),
            Ok(rows) => done.push(rows),
            Err(error) if conflict(&error) || ended(&error) => return Err(error),
            Err(error) => return Ok(Outcome::Failed(server.told(&error))),
        }
    }
    Ok(Outcome::Done(done))
}

async fn execute(line: &Line, sql: &Sql) -> Result<u64, Error> {
    let statement = line.prepare(sql.text).await?;
    line.client.execute(&statement, &values(sql)).await
}

/// Waits for all of them. Each is begun before the first is waited for.
async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut ready = true;
        for (future, answer) in &mut running {
            if answer.is_none() {
                match Pin::new(future).poll(context) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => ready = false,
                }
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, answer)| answer).collect()
}
