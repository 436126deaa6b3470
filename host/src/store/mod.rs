//! The store: accounts, links, tenants, tokens, events and the audit trail, in SQLite or PostgreSQL. The only folder
//! with SQL.
//!
//! What is asked of it is sorted by what it is about: `tenants`, `accounts`, `links`, `events`, `once`, `budgets`, `sealed`, `trail`. Each
//! has its statements once, for both databases (`engine`, `sqlite`, `postgres`). One task makes all changes that are
//! queued (`queue`, `writer`), and chains the entries of the trail (`chain`) in the transaction of what they tell.

mod accounts;
mod budgets;
mod chain;
mod clock;
mod engine;
mod events;
mod links;
mod migrations;
mod once;
mod postgres;
mod queue;
pub(crate) mod records;
mod sealed;
mod sqlite;
mod tenants;
#[cfg(test)]
pub(crate) mod tests;
mod texts;
mod trail;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use clock::Clock;
use engine::{Change, Engine, Outcome, Row, Sql};
use queue::Queue;

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite, made when it is missing, for its owner alone.
    Sqlite(PathBuf),
    /// A database of PostgreSQL, by its URL: `postgres://user:password@host:5432/database`. With `sslmode=require` TLS
    /// is used, with `prefer` where the server has it, with `disable` never; certificates are always checked, against
    /// the public authorities. Without a word about it a server elsewhere has to speak TLS, and
    /// one on the same machine is spoken to without.
    Postgres(String),
}

/// Does not show a URL, which has a password in it.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.debug_tuple("Postgres").finish_non_exhaustive(),
        }
    }
}

/// Why the store did not do what it was asked. The texts are for the operator, and repeat nothing that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The database cannot be reached, or cannot be written. Nothing was changed, as far as is known.
    #[error("{place} is not available: {reason}")]
    Unavailable {
        /// A file, or a server and its database.
        place: String,
        /// What the database or the operating system says.
        reason: String,
    },
    /// The database refused a statement.
    #[error("{place} refused a statement: {reason}")]
    Failed {
        /// A file, or a server and its database.
        place: String,
        /// The database's code for it.
        reason: String,
    },
    /// Somebody else wrote into the database, or it is not this program's.
    #[error("the store has a row that cannot be read: {0} was expected")]
    Unreadable(&'static str),
    /// This program is older than the store.
    #[error(
        "the store was made by a newer version of this program: it has schema {found}, and this program knows {known}"
    )]
    Newer {
        /// The schema's version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The trail does not go on from what this process wrote last: it was put back, or cut off.
    #[error(
        "the trail of host \"{host}\" is not as this process left it. See `audit verify`; another name begins another chain"
    )]
    OtherWriter {
        /// The name.
        host: String,
    },
    /// The trail was tampered with, or is chained by another key.
    #[error(
        "the trail of host \"{host}\" cannot be continued: {fault}. See `audit verify`; another name begins another chain"
    )]
    TrailBroken {
        /// The host whose chain it is.
        host: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The trail's key was not named yet.
    #[error("the trail was not begun")]
    NotBegun,
    /// More is queued than may be.
    #[error("too much waits to be written to the trail")]
    Full,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The operating system gave no random numbers.
    #[error("the operating system has no random numbers")]
    NoRandom,
}

/// The store of one process. Clones share connections and the writer.
///
/// `Ok(false)` of a change means that its condition was not met: nothing was changed, and nothing was written to the
/// trail. An error means that nothing was changed, but for one case: a connection to PostgreSQL that ends in the middle
/// of a commit. The writer then asks the trail's head, and when it cannot, nobody knows.
#[derive(Clone)]
pub(crate) struct Store {
    engine: Arc<dyn Engine>,
    queue: Queue,
    clock: Arc<Clock>,
    host: Arc<str>,
}

impl Store {
    /// Opens the store, and brings its tables up to date. `host` names the chain of the trail, with which processes of
    /// the same name go on in turns. Has to be called in a runtime, in which the writer will run.
    pub(crate) async fn open(database: &Database, host: &str) -> Result<Self, StoreError> {
        let clock = Arc::new(Clock::default());
        let engine: Arc<dyn Engine> = match database {
            Database::Sqlite(path) => Arc::new(sqlite::Sqlite::open(path).await?),
            Database::Postgres(url) => Arc::new(postgres::Postgres::open(url, Arc::clone(&clock)).await?),
        };
        let queue = writer::start(Arc::clone(&engine), Arc::clone(&clock));
        Ok(Self { engine, queue, clock, host: engine::clean(host).into() })
    }

    /// Whether the store answers.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.row(engine::sql(migrations::READ_VERSION)).await.map(|_| ())
    }

    /// Whether the trail can be written, as far as is known: what was written last, was.
    pub(crate) fn writes(&self) -> Result<(), StoreError> {
        self.queue.refusal().map_or(Ok(()), Err)
    }

    /// Writes what is queued, and stops writing: changes and uses of keys are refused from here on.
    pub(crate) async fn close(&self) {
        self.queue.close().await;
    }

    async fn row(&self, sql: Sql) -> Result<Option<Row>, StoreError> {
        self.engine.row(sql).await
    }

    async fn page(&self, sql: Sql) -> Result<Vec<Row>, StoreError> {
        self.engine.page(sql).await
    }

    /// Makes a change; false when its condition was not met.
    async fn change(&self, change: Change) -> Result<bool, StoreError> {
        Ok(self.counted(change).await?.is_some())
    }

    /// Makes a change that forgets at most so many rows, until it finds no more of them.
    async fn forget(&self, some: Sql, most: i64) -> Result<(), StoreError> {
        loop {
            let forgotten = self.counted(Change::default().any(some.clone())).await?;
            if forgotten.is_none_or(|rows| rows.iter().all(|rows| (*rows as i64) < most)) {
                return Ok(());
            }
        }
    }

    /// Makes a change, and tells how many rows its statements touched.
    async fn counted(&self, change: Change) -> Result<Option<Vec<u64>>, StoreError> {
        match self.queue.change(change).await? {
            Outcome::Done(rows) => Ok(Some(rows)),
            Outcome::Unmet => Ok(None),
            Outcome::Failed(error) => Err(error),
        }
    }
}
