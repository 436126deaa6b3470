//! Opens a file of SQLite and brings its tables up to date.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::StoreError;
use super::super::migrations::{PREPARE, READ_VERSION, missing, note_version};
use super::told;

/// How long a commit waits for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(5);

/// Statements that a connection keeps prepared: all there are.
const PREPARED: usize = 128;

/// What every connection is told. Deleted content is overwritten by zeros, and a commit is on the disk when it returns. The
/// WAL goes back into the file at 16 MB, or when the store is tidied up, since each time takes two waits for the disk.
const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;
    PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000; PRAGMA trusted_schema = OFF";

/// Opens the connection that writes. Makes the file, and its folder, when it is missing.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    make(path).map_err(|error| StoreError::Unavailable {
        place: path.display().to_string(),
        reason: error.kind().to_string(),
    })?;
    let say = |error| told(path, &error);
    let mut connection = connect(path).map_err(say)?;
    patiently(|| connection.execute_batch("PRAGMA journal_mode = WAL")).map_err(say)?;
    connection.execute_batch(PRAGMAS).map_err(say)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Opens a connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path).map_err(|error| told(path, &error))?;
    let told = connection.execute_batch(PRAGMAS).and_then(|()| connection.execute_batch("PRAGMA query_only = ON"));
    told.map_err(|error| super::told(path, &error))?;
    Ok(connection)
}

/// SQLite gives the files beside a database the mode of the database.
fn make(path: &Path) -> std::io::Result<()> {
    let (mut folders, mut file) = (std::fs::DirBuilder::new(), OpenOptions::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folders.mode(0o700);
        file.mode(0o600);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        folders.recursive(true).create(folder)?;
    }
    match file.write(true).create_new(true).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// SQLite does not wait by itself for those who switch the journal of a new file at the same time.
fn patiently(mut act: impl FnMut() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let begun = Instant::now();
    loop {
        match act() {
            Err(rusqlite::Error::SqliteFailure(error, _))
                if matches!(error.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
                    && begun.elapsed() < BUSY =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let say = |error| told(path, &error);
    if missing(version(connection).unwrap_or(0))?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(say)?;
    transaction.execute_batch(PREPARE).map_err(say)?;
    for migration in missing(version(&transaction).map_err(say)?)? {
        transaction.execute_batch(migration).map_err(say)?;
    }
    transaction.execute_batch(&note_version()).map_err(say)?;
    transaction.commit().map_err(say)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    match connection.query_row(READ_VERSION, [], |row| row.get(0)) {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(0),
        version => version,
    }
}
