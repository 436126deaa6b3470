//! Hosts that are killed while they bring a store up to date: it is as it was, or up to date, and nothing between.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::task::block_in_place;

use super::elsewhere::Elsewhere;
use super::upgrade::with_store;
use crate::office::{Engine, Office, wait_for};

/// Tokens in a file: an index of theirs takes a moment, and outgrows the memory that a transaction has, so that half of it
/// is on the disk before it is whole.
const TOKENS: u32 = 200_000;

/// How often a host is killed within the time that it takes.
const ROUNDS: u32 = 6;

/// Starts to bring a store up to date.
fn start(elsewhere: &Elsewhere<'_>) -> Child {
    elsewhere.command(&["tenants", "list"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Whether a store of version 1 is up to date; otherwise it has nothing of what came since.
fn is_up_to_date(elsewhere: &Elsewhere<'_>) -> bool {
    let version = elsewhere.value("SELECT version FROM schema_version");
    let since = ["SELECT count(tools) FROM tokens", "SELECT count(*) FROM nonces", "SELECT count(*) FROM claims"];
    let there = since.map(|statement| elsewhere.value(statement).is_some());
    let is_old = version.as_deref() == Some("1");
    assert_eq!(there, [!is_old; 3], "all of it or nothing, at version {version:?}");
    !is_old
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_while_it_brings_a_file_up_to_date_leaves_it_as_it_was_or_up_to_date() {
    let office = Office::open().await;
    let elsewhere = with_store(&office, Engine::Sqlite, 1);
    elsewhere.meddle(&format!(
        "WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < {TOKENS})
        INSERT INTO tokens (tenant, id, hash, name, created_at)
            SELECT 'acme-app', 'many-' || n, randomblob(32), 'one of many', n FROM number;
        PRAGMA wal_checkpoint(TRUNCATE)"
    ));
    let (log, old) = (elsewhere.path("accounts.db-wal"), elsewhere.path("old.db"));
    fs::copy(&elsewhere.database, &old).unwrap();
    let writes = || fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    // How long it takes from the first that is written.
    let mut pace = Duration::ZERO;
    let (mut before, mut after) = (0, 0);
    for number in 0..=ROUNDS {
        let mut host = start(&elsewhere);
        wait_for("something that is written", writes);
        let begun = Instant::now();
        if number == 0 {
            block_in_place(|| host.wait().unwrap());
            pace = begun.elapsed();
        } else if number == ROUNDS {
            wait_for("the new version", || {
                elsewhere.value("SELECT version FROM schema_version").as_deref() != Some("1")
            });
            block_in_place(|| kill(&mut host));
        } else {
            std::thread::sleep(pace.mul_f64(1.2 * f64::from(number - 1) / f64::from(ROUNDS - 2)));
            block_in_place(|| kill(&mut host));
        }
        if is_up_to_date(&elsewhere) {
            after += 1;
            for file in ["accounts.db", "accounts.db-wal", "accounts.db-shm"] {
                let _ = fs::remove_file(elsewhere.path(file));
            }
            fs::copy(&old, &elsewhere.database).unwrap();
        } else {
            before += 1;
        }
    }
    println!("killed {before} times before and {after} times after the file was up to date");
    assert!(before > 0 && after > 1, "both were met");
    elsewhere.is_sound();
    assert!(is_up_to_date(&elsewhere));
    assert_eq!(elsewhere.value("PRAGMA integrity_check").as_deref(), Some("ok"));
}

/// A session that holds a table until it is dropped.
struct Holder(Child);

impl Holder {
    fn of(table: &str, mode: &str, database: &str) -> Self {
        let mut psql = Command::new("psql");
        psql.args([database, "-qt"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut session = psql.spawn().unwrap();
        let lock = format!("BEGIN; LOCK TABLE {table} IN {mode} MODE; SELECT 'holds';\n");
        session.stdin.as_mut().unwrap().write_all(lock.as_bytes()).unwrap();
        assert!(BufReader::new(session.stdout.as_mut().unwrap()).lines().any(|line| line.unwrap().contains("holds")));
        Self(session)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_a_host_that_is_killed_in_the_middle_leaves_the_store_as_it_was() {
    let Some(office) = Office::with(Engine::Postgres).await else { return };
    let elsewhere = with_store(&office, Engine::Postgres, 1);
    let hosts = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'freshdesk-host'";
    let counted = |condition: &str| elsewhere.value(&format!("SELECT count(*) {hosts} AND {condition}")).unwrap();
    // At its first statement, in the middle of version 2, and once all is made and the version is to be noted.
    for (table, mode) in [("tokens", "ACCESS SHARE"), ("data_keys", "ROW EXCLUSIVE"), ("schema_version", "SHARE")] {
        let holder = block_in_place(|| Holder::of(table, mode, &elsewhere.database));
        let mut host = start(&elsewhere);
        wait_for("a host that waits in the middle", || counted("wait_event_type = 'Lock'") == "1");
        block_in_place(|| kill(&mut host));
        drop(holder);
        wait_for("the end of its session", || counted("true") == "0");
        assert!(!is_up_to_date(&elsewhere), "{table}");
    }
    elsewhere.is_sound();
    assert!(is_up_to_date(&elsewhere));
}
