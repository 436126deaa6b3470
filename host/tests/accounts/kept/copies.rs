//! Copies of a store, made and put back by the commands that `docs/operating.md` names.

use std::path::Path;
use std::process::Command;

use tokio::task::block_in_place;

use crate::office::Engine;
use crate::output::succeeded;

/// What the operator reads.
const DOCS: &str = include_str!("../../../../docs/operating.md");

/// How a copy is made, in the folder of the store; the database is in `FRESHDESK_DATABASE`.
fn making(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "(umask 077; sqlite3 accounts.db \"VACUUM INTO 'copy.db'\")",
        Engine::Postgres => "(umask 077; pg_dump --format=custom --file=copy.dump \"$FRESHDESK_DATABASE\")",
    }
}

/// How a copy is put back, beside which it lies.
fn putting_back(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "rm -f accounts.db accounts.db-wal accounts.db-shm && install -m 600 copy.db accounts.db",
        Engine::Postgres => {
            "pg_restore --exit-on-error --no-owner --no-privileges --dbname=\"$FRESHDESK_DATABASE\" copy.dump"
        }
    }
}

/// The file that a copy is.
pub(super) fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "copy.db",
        Engine::Postgres => "copy.dump",
    }
}

/// Whether this machine has the tools. Where not it is said, and it is a failure where all tests have to run.
pub(super) fn can(engine: Engine) -> bool {
    let tools: &[&str] = if engine == Engine::Sqlite { &["sqlite3"] } else { &["pg_dump", "pg_restore"] };
    let has = |tool: &&&str| Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    let missing: Vec<_> = tools.iter().filter(|tool| !has(tool)).collect();
    assert!(missing.is_empty() || std::env::var_os("CI").is_none(), "no {missing:?}");
    if !missing.is_empty() {
        eprintln!("SKIPPED: no {missing:?} on this machine");
    }
    missing.is_empty()
}

/// Copies the store that is in this folder or at this URL into the folder.
pub(super) fn make(engine: Engine, folder: &Path, database: &str) {
    run(making(engine), folder, database);
}

/// Puts the copy in this folder back, into the folder or at the URL.
pub(super) fn put_back(engine: Engine, folder: &Path, database: &str) {
    run(putting_back(engine), folder, database);
}

fn run(line: &str, folder: &Path, database: &str) {
    assert!(DOCS.contains(line), "the documentation says it otherwise: {line}");
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder).env("FRESHDESK_DATABASE", database);
    succeeded(&block_in_place(|| shell.output().unwrap()));
}
