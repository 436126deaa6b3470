//! One suite over both databases: each test runs on a file of SQLite and on a database of PostgreSQL, made for it.

mod accounts;
mod budgets;
mod clock;
mod events;
mod failures;
mod fixture;
mod links;
mod once;
mod opening;
mod sealed;
mod shredding;
mod tenants;
mod trail;

use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio_postgres::NoTls;

use super::Database;

/// A database that is there as long as this is.
pub(crate) struct TestDatabase {
    /// Where it is.
    pub(crate) database: Database,
    _folder: Option<TempDir>,
    made: Option<(String, String)>,
}

/// A new database of each kind. Where no server of PostgreSQL answers, there is SQLite alone, and a line says so; a
/// build server (`CI=true`) has to have one.
pub(crate) fn databases() -> Vec<TestDatabase> {
    std::iter::once(sqlite()).chain(postgres()).collect()
}

/// A new file of SQLite.
pub(crate) fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("freshdesk.db"));
    TestDatabase { database, _folder: Some(folder), made: None }
}

/// A new database of PostgreSQL, on the server that `FRESHDESK_TEST_POSTGRES` names.
pub(crate) fn postgres() -> Option<TestDatabase> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("FRESHDESK_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let name = format!("freshdesk_test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let made = run(&server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
    if let Err(error) = made {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no PostgreSQL: {error}");
        eprintln!("SKIPPED: no PostgreSQL at {}", server.rsplit('@').next().unwrap_or_default());
        return None;
    }
    let database = Database::Postgres(format!("{}/{name}", server.rsplit_once('/').unwrap().0));
    Some(TestDatabase { database, _folder: None, made: Some((server, name)) })
}

impl TestDatabase {
    /// Whether a statement behind the store's back goes well.
    pub(crate) fn accepts(&self, sql: &str) -> bool {
        match &self.database {
            Database::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).is_ok(),
            Database::Postgres(url) => run(url, sql).is_ok(),
        }
    }

    /// Runs statements behind the store's back.
    pub(crate) fn meddle(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
            Database::Postgres(url) => run(url, sql).unwrap(),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = self.made.take() {
            // Should it fail, a database of a few kilobytes is left.
            let _ = run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs statements on a thread of its own, so that it does not matter in which runtime a test is.
fn run(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let running = scope.spawn(move || {
            runtime.block_on(async {
                let mut config: tokio_postgres::Config = url.parse()?;
                config.connect_timeout(std::time::Duration::from_secs(5));
                let (client, connection) = config.connect(NoTls).await?;
                let connection = tokio::spawn(connection);
                let done = client.batch_execute(sql).await;
                drop(client);
                let _ = connection.await;
                done
            })
        });
        running.join().unwrap()
    })
}
