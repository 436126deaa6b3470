//! What the store asks of a database, whichever it is: rows, and groups of changes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::StoreError;
use super::chain::Chain;
use super::records::Entry;
use crate::vault::Sealed;

/// An answer that takes a while.
pub(super) type Answer<'a, T, E = StoreError> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A database.
pub(super) trait Engine: Send + Sync {
    /// Reads the one row, or none. The statement finds it by a key, so that it takes microseconds.
    fn row(&self, sql: Sql) -> Answer<'_, Option<Row>>;

    /// Reads rows.
    fn page(&self, sql: Sql) -> Answer<'_, Vec<Row>>;

    /// Makes a small change that need not outlive a crash of the database, and reads the one row that the statement
    /// returns. When it fails the change may have been made, or be made twice.
    fn exchange(&self, sql: Sql) -> Answer<'_, Option<Row>>;

    /// Whether hosts on several machines may have it.
    fn is_shared(&self) -> bool;

    /// Makes a group of changes in one transaction: each as a whole or not at all. Entries of those that took place are
    /// appended to the chain, in the same transaction.
    fn commit(&self, changes: Arc<Vec<Change>>, chain: Option<Chain>) -> Answer<'_, Done, Failure>;

    /// Takes from the disk what the database keeps of earlier states of its pages, where it can.
    fn tidy(&self) -> Answer<'_, ()>;
}

/// A value of a row or of a statement.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Datum {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Shows nothing: a driver logs the values of statements.
impl fmt::Debug for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

impl From<i64> for Datum {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(clean(text))
    }
}

impl From<&String> for Datum {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&[u8]> for Datum {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&Vec<u8>> for Datum {
    fn from(bytes: &Vec<u8>) -> Self {
        bytes.as_slice().into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Datum {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A text as it is stored: PostgreSQL has no text with a zero character, so that both databases keep U+FFFD in its
/// place. What Freshdesk says of people is stored as JSON, in which nothing is lost.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A statement and its values. One text serves both databases: of types it names BIGINT, TEXT and BYTEA, and its values
/// are `$1` and so on.
#[derive(Clone, Debug)]
pub(super) struct Sql {
    pub(super) text: &'static str,
    pub(super) values: Vec<Datum>,
}

/// A statement.
pub(super) fn sql(text: &'static str) -> Sql {
    Sql { text, values: Vec::new() }
}

impl Sql {
    /// With its next value.
    pub(super) fn with(mut self, value: impl Into<Datum>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// How many rows a statement has to touch, lest its change be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touches {
    Any,
    One,
}

/// Statements that take effect together, and what the trail is to tell of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    pub(super) statements: Vec<(Sql, Touches)>,
    pub(super) entries: Vec<Entry>,
}

impl Change {
    /// And a statement that has to touch one row.
    pub(super) fn one(mut self, sql: Sql) -> Self {
        self.statements.push((sql, Touches::One));
        self
    }

    /// And a statement that may touch any number of rows.
    pub(super) fn any(mut self, sql: Sql) -> Self {
        self.statements.push((sql, Touches::Any));
        self
    }

    /// And an entry.
    pub(super) fn tells(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// And all of these.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.statements.extend(other.statements);
        self.entries.extend(other.entries);
        self
    }
}

/// What became of a change.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// It took place; so many rows were touched by each statement.
    Done(Vec<u64>),
    /// A statement did not touch the row that it had to: nothing was changed.
    Unmet,
    /// The database refused a statement: nothing was changed.
    Failed(StoreError),
}

/// What became of a group of changes.
#[derive(Clone)]
pub(super) struct Done {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) chain: Option<Chain>,
}

/// Why a group was not committed.
pub(super) enum Failure {
    /// Nothing of it was done.
    Undone(StoreError),
    /// Nothing of it was done, since it got into the way of another host's; change by change it may be.
    Conflict(StoreError),
    /// It is not known whether it was done; the head of the trail tells.
    Unknown(Box<Done>, StoreError),
}

/// A row that is read value by value.
pub(super) struct Row(std::vec::IntoIter<Datum>);

impl Row {
    pub(super) fn new(values: Vec<Datum>) -> Self {
        Self(values.into_iter())
    }

    pub(super) fn number(&mut self) -> Result<i64, StoreError> {
        self.number_or_none()?.ok_or(StoreError::Unreadable("a number"))
    }

    pub(super) fn number_or_none(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Datum::Number(number)) => Ok(Some(number)),
            Some(Datum::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("a number")),
        }
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        self.text_or_none()?.ok_or(StoreError::Unreadable("a text"))
    }

    pub(super) fn text_or_none(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Datum::Text(text)) => Ok(Some(text)),
            Some(Datum::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("a text")),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.bytes_or_none()?.ok_or(StoreError::Unreadable("bytes"))
    }

    pub(super) fn bytes_or_none(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.next() {
            Some(Datum::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Datum::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("bytes")),
        }
    }

    /// A wrapped data key and what it seals, where there is one.
    pub(super) fn sealed(&mut self) -> Result<Option<Sealed>, StoreError> {
        let (data_key, secret) = (self.bytes_or_none()?, self.bytes_or_none()?);
        Ok(data_key.zip(secret).map(|(data_key, secret)| Sealed { data_key, secret }))
    }
}
