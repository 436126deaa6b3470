//! The PostgreSQL that tests make their databases on.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where it is.
pub(crate) fn server() -> String {
    std::env::var("FRESHDESK_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

/// Runs a statement there. Tells whether it went well.
pub(crate) fn psql(statement: &str) -> bool {
    let output = Command::new("psql").args([&server(), "-qc", statement]).output();
    output.is_ok_and(|output| output.status.success())
}

/// A new database. None where there is no server: said, and a failure where all tests have to run.
pub(crate) fn create_database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("fd_office_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    if psql(&format!("CREATE DATABASE {name}")) {
        return Some(name);
    }
    assert!(std::env::var_os("CI").is_none(), "no PostgreSQL at {}", server());
    eprintln!("SKIPPED: no PostgreSQL at {}", server());
    None
}
