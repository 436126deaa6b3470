//! A store, read and changed behind the hosts' backs: a file, or a database of PostgreSQL by its URL.

use std::process::Command;

use rusqlite::Connection;
use rusqlite::types::Value;
use tokio::task::block_in_place;

use crate::office::PATIENCE;
use crate::output::{stderr, stdout, succeeded};

/// What a statement finds, or why it fails: of a file its one value, and of PostgreSQL a line a row.
pub(crate) fn query(database: &str, statement: &str) -> Result<String, String> {
    block_in_place(|| {
        if is_file(database) {
            return match open(database).query_row(statement, (), |row| row.get::<_, Value>(0)) {
                Ok(Value::Integer(number)) => Ok(number.to_string()),
                Ok(Value::Text(text)) => Ok(text),
                other => Err(format!("{other:?}")),
            };
        }
        let output = Command::new("psql").args([database, "-qtAc", statement]).output().unwrap();
        if output.status.success() { Ok(stdout(&output).trim().to_owned()) } else { Err(stderr(&output)) }
    })
}

/// Changes it.
pub(crate) fn meddle(database: &str, statements: &str) {
    block_in_place(|| {
        if is_file(database) {
            open(database).execute_batch(statements).unwrap();
        } else {
            succeeded(&Command::new("psql").args([database, "-qc", statements]).output().unwrap());
        }
    });
}

fn is_file(database: &str) -> bool {
    !database.contains("://")
}

fn open(file: &str) -> Connection {
    let store = Connection::open(file).unwrap();
    store.busy_timeout(PATIENCE).unwrap();
    store
}
