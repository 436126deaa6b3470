//! SQLite: one connection writes, some read. Readers see the last commit and wait for nobody, as the journal is a WAL.

mod open;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, params_from_iter};

use super::StoreError;
use super::chain::Chain;
use super::engine::{Answer, Change, Datum, Done, Engine, Failure, Outcome, Row, Sql, Touches};

/// Connections for reading that are kept; more are made when more read at a time, which takes 100 µs.
const READERS: usize = 4;

/// A file of SQLite.
#[derive(Clone)]
pub(super) struct Sqlite(Arc<Inner>);

struct Inner {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens the file, makes it when it is missing, and brings its tables up to date.
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        aside(move || {
            let writer = open::writer(&path)?;
            Ok(Self(Arc::new(Inner { path, writer: Mutex::new(writer), readers: Mutex::default() })))
        })
        .await
    }

    fn read(&self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        let idle = lock(&self.0.readers).pop();
        let reader = idle.map_or_else(|| open::reader(&self.0.path), Ok)?;
        let rows = rows(&reader, sql).map_err(|error| self.told(&error));
        let mut readers = lock(&self.0.readers);
        if readers.len() < READERS {
            readers.push(reader);
        }
        rows
    }

    fn told(&self, error: &rusqlite::Error) -> StoreError {
        told(&self.0.path, error)
    }

    fn commit_now(&self, changes: &[Change], chain: Option<Chain>) -> Result<Done, Failure> {
        let writer = lock(&self.0.writer);
        let group = Group { writer: &writer, path: &self.0.path };
        group.begin().map_err(|error| Failure::Undone(self.told(&error)))?;
        let done = group.make(changes, chain).map_err(|error| group.undo(error))?;
        match writer.execute_batch("COMMIT") {
            Ok(()) => Ok(done),
            Err(error) => Err(Failure::Unknown(Box::new(done), group.roll_back(self.told(&error)))),
        }
    }
}

impl Engine for Sqlite {
    /// In line: a row is found by its key in some ten microseconds, which is less than it takes to hand it to another
    /// thread.
    fn row(&self, sql: Sql) -> Answer<'_, Option<Row>> {
        Box::pin(async move { Ok(self.read(&sql)?.pop()) })
    }

    fn page(&self, sql: Sql) -> Answer<'_, Vec<Row>> {
        let this = self.clone();
        Box::pin(aside(move || this.read(&sql)))
    }

    fn exchange(&self, sql: Sql) -> Answer<'_, Option<Row>> {
        let this = self.clone();
        Box::pin(aside(move || {
            let rows = rows(&lock(&this.0.writer), &sql);
            Ok(rows.map_err(|error| this.told(&error))?.pop())
        }))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn commit(&self, changes: Arc<Vec<Change>>, chain: Option<Chain>) -> Answer<'_, Done, Failure> {
        let this = self.clone();
        Box::pin(async move {
            let committed = tokio::task::spawn_blocking(move || this.commit_now(&changes, chain)).await;
            committed.unwrap_or(Err(Failure::Undone(StoreError::Closed)))
        })
    }

    /// A checkpoint that empties the WAL: it has pages as they were before keys were destroyed. Where somebody reads at
    /// that moment, the next one does it.
    fn tidy(&self) -> Answer<'_, ()> {
        let this = self.clone();
        Box::pin(aside(move || {
            let checkpoint = lock(&this.0.writer).execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
            checkpoint.map_err(|error| this.told(&error))
        }))
    }
}

/// A transaction that is under way.
struct Group<'a> {
    writer: &'a Connection,
    path: &'a Path,
}

impl Group<'_> {
    /// A transaction is left open where a thread panicked in it.
    fn begin(&self) -> rusqlite::Result<()> {
        if !self.writer.is_autocommit() {
            self.writer.execute_batch("ROLLBACK")?;
        }
        self.writer.execute_batch("BEGIN IMMEDIATE")
    }

    fn make(&self, changes: &[Change], mut chain: Option<Chain>) -> Result<Done, StoreError> {
        let outcomes = changes.iter().map(|change| self.change(change)).collect::<Result<Vec<_>, _>>()?;
        if let Some(chain) = &mut chain {
            let done = changes.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Done(_)));
            for told in chain.append(done.flat_map(|(change, _)| &change.entries)) {
                if self.run(&told).map_err(|error| self.told(&error))? != 1 {
                    return Err(StoreError::OtherWriter { host: chain.host.to_string() });
                }
            }
        }
        Ok(Done { outcomes, chain })
    }

    /// Fails when the whole transaction did.
    fn change(&self, change: &Change) -> Result<Outcome, StoreError> {
        if change.statements.is_empty() {
            return Ok(Outcome::Done(Vec::new()));
        }
        let control = |text| self.writer.execute_batch(text).map_err(|error| self.told(&error));
        control("SAVEPOINT change")?;
        let outcome = self.statements(change);
        if self.writer.is_autocommit() {
            return Err(match outcome {
                Outcome::Failed(error) => error,
                _ => StoreError::Closed,
            });
        }
        if !matches!(outcome, Outcome::Done(_)) {
            control("ROLLBACK TO change")?;
        }
        control("RELEASE change")?;
        Ok(outcome)
    }

    fn statements(&self, change: &Change) -> Outcome {
        let mut touched = Vec::with_capacity(change.statements.len());
        for (sql, touches) in &change.statements {
            match self.run(sql) {
                Ok(rows) if *touches == Touches::One && rows != 1 => return Outcome::Unmet,
                Ok(rows) => touched.push(rows),
                Err(error) => return Outcome::Failed(self.told(&error)),
            }
        }
        Outcome::Done(touched)
    }

    fn run(&self, sql: &Sql) -> rusqlite::Result<u64> {
        let mut statement = self.writer.prepare_cached(&own_words(sql))?;
        Ok(statement.execute(params_from_iter(&sql.values))? as u64)
    }

    fn told(&self, error: &rusqlite::Error) -> StoreError {
        told(self.path, error)
    }

    fn undo(&self, error: StoreError) -> Failure {
        Failure::Undone(self.roll_back(error))
    }

    /// SQLite may have rolled back by itself; then there is nothing to do.
    fn roll_back(&self, error: StoreError) -> StoreError {
        if !self.writer.is_autocommit() {
            let _ = self.writer.execute_batch("ROLLBACK");
        }
        error
    }
}

impl ToSql for Datum {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Number(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// A statement in SQLite's words. It knows no BYTEA, and would cast to a number.
fn own_words(sql: &Sql) -> String {
    sql.text.replace('$', "?").replace("AS BYTEA", "AS BLOB")
}

fn rows(reader: &Connection, sql: &Sql) -> rusqlite::Result<Vec<Row>> {
    let mut statement = reader.prepare_cached(&own_words(sql))?;
    let columns = statement.column_count();
    let read =
        |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column).map(datum)).collect::<Result<_, _>>();
    let rows = statement.query_map(params_from_iter(&sql.values), |row| read(row).map(Row::new))?;
    rows.collect()
}

/// Tables have no fractions; one that somebody wrote is not what a row is read as.
fn datum(value: Value) -> Datum {
    match value {
        Value::Null | Value::Real(_) => Datum::Null,
        Value::Integer(number) => Datum::Number(number),
        Value::Text(text) => Datum::Text(text),
        Value::Blob(bytes) => Datum::Bytes(bytes),
    }
}

/// Runs what takes a while where it keeps nobody waiting.
async fn aside<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(act).await.unwrap_or(Err(StoreError::Closed))
}

/// Connections are whole whenever they can be locked, also after a panic.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn told(path: &Path, error: &rusqlite::Error) -> StoreError {
    let place = path.display().to_string();
    let rusqlite::Error::SqliteFailure(code, _) = error else {
        return StoreError::Failed { place, reason: "a value is of another type".to_owned() };
    };
    let reason = code.to_string();
    match code.code {
        ErrorCode::ConstraintViolation | ErrorCode::Unknown | ErrorCode::TypeMismatch => {
            StoreError::Failed { place, reason }
        }
        _ => StoreError::Unavailable { place, reason },
    }
}
