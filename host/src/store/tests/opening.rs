//! Opening a store: its tables, its file, and what refuses.

use sha2::{Digest, Sha256};

use super::super::migrations::{MIGRATIONS, PREPARE};
use super::super::records::TokenRow;
use super::super::texts::hex;
use super::super::{Database, Store, StoreError};
use super::fixture::*;
use super::{TestDatabase, databases, postgres, sqlite};
use crate::accounts::State;

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    for world in worlds().await {
        let active = world.active(&user("jane")).await;
        world.pending(&user("bob")).await;
        let link = world.link(&user("bob"), 1).await;
        world.store.close().await;
        let again = world.another("one").await;
        assert_eq!(again.account(&user("jane")).await, Ok(Some(active)));
        assert_eq!(again.link(&link.hash).await, Ok(Some(link)));
        assert_eq!(again.events("acme", None, 10).await.unwrap().len(), 3);
        let event = event(&user("jane"), "e3", Some(State::Active), State::Revoked);
        assert_eq!(again.revoke(&user("jane"), 1, &event, entry("revoked")).await, Ok(true));
        let report = again.verify_trail(&KEY).await.unwrap();
        assert_eq!((report.chains, report.faults), (vec![("one".to_owned(), 6)], Vec::new()));
    }
}

#[tokio::test]
async fn what_was_not_closed_is_there_too() {
    for world in worlds().await {
        world.pending(&user("jane")).await;
        let (database, store) = (world.database, world.store);
        drop(store);
        let again = open(&database.database, "one").await;
        assert!(again.account(&user("jane")).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_who_open_a_new_store_at_a_time_all_do() {
    for database in databases() {
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let database = database.database.clone();
                tokio::spawn(async move { open(&database, &format!("host-{number}")).await.write(entry("x")).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        let report = open(&database.database, "last").await.verify_trail(&KEY).await.unwrap();
        assert_eq!((report.chains.len(), report.faults), (9, Vec::new()));
    }
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_refused() {
    for world in worlds().await {
        world.store.close().await;
        world.database.meddle("UPDATE schema_version SET version = 99");
        let error = Store::open(&world.database.database, "one").await.err();
        assert_eq!(error, Some(StoreError::Newer { found: 99, known: MIGRATIONS.len() as i64 }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_version_1_is_brought_up_to_date_and_keeps_its_rows() {
    for database in databases() {
        let hash = match &database.database {
            Database::Sqlite(_) => format!("x'{}'", "01".repeat(32)),
            Database::Postgres(_) => format!("'\\x{}'", "01".repeat(32)),
        };
        let first = version_1(&database);
        database.meddle(&format!(
            "{first}
            INSERT INTO tenants (id, name, return_urls, created_at) VALUES ('acme', 'Acme', '[]', {NOW});
            INSERT INTO tokens (tenant, id, hash, identifier, name, created_at, expires_at, revoked_at)
                VALUES ('acme', 't1', {hash}, 'jane', 'for the app', {NOW}, {NOW}, NULL);
            INSERT INTO accounts (tenant, identifier, id, state, roles, version, created_at, changed_at)
                VALUES ('acme', 'jane', 'acc-jane', 'pending', '[]', 0, {NOW}, {NOW})"
        ));
        // Hosts that start together do it once.
        let opened: Vec<_> = (0..4)
            .map(|number| {
                let database = database.database.clone();
                tokio::spawn(async move { open(&database, &format!("host-{number}")).await })
            })
            .collect();
        for opened in opened {
            let store = opened.await.unwrap();
            let tokens = store.tokens("acme").await.unwrap();
            assert_eq!(tokens.len(), 1);
            let TokenRow { hash, identifier, expires_at, tools, .. } = &tokens[0];
            assert_eq!(
                (hash, identifier.as_deref(), *expires_at, tools),
                (&vec![1; 32], Some("jane"), Some(NOW), &None)
            );
            assert_eq!(store.account(&user("jane")).await.unwrap().unwrap().id, "acc-jane");
            assert_eq!(store.tenant("acme").await.unwrap().unwrap().name, "Acme");
        }
        let store = open(&database.database, "host-0").await;
        let tools = Some(vec!["freshdesk_ticket_get".to_owned()]);
        let second =
            TokenRow { id: "t2".to_owned(), hash: vec![2; 32], tools, ..store.tokens("acme").await.unwrap().remove(0) };
        assert_eq!(store.create_token(&second, entry("made")).await, Ok(true));
        assert_eq!(store.token(&[2; 32]).await, Ok(Some(second)));
        assert_eq!(store.use_nonce(&[1; 32], NOW).await, Ok(true));
    }
}

/// The tables of version 1 as this kind of database reads them.
fn version_1(database: &TestDatabase) -> String {
    let first = match &database.database {
        Database::Sqlite(_) => MIGRATIONS[0].to_owned(),
        Database::Postgres(_) => MIGRATIONS[0].replace(" TEXT", " TEXT COLLATE \"C\""),
    };
    format!("{PREPARE}; INSERT INTO schema_version VALUES (1); {first};")
}

/// Something stands in the way of the last of its tables.
#[tokio::test]
async fn an_upgrade_that_fails_in_the_middle_leaves_the_store_as_it_was() {
    for database in databases() {
        database.meddle(&(version_1(&database) + "CREATE TABLE claims (mine BIGINT)"));
        for _ in 0..2 {
            let error = Store::open(&database.database, "one").await.err().unwrap();
            assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
            // Of version 2, whose statements went well.
            for (statement, stands) in [
                ("INSERT INTO nonces (hash, expires_at) SELECT hash, 1 FROM tokens", false),
                ("UPDATE tokens SET tools = '[]'", false),
                ("UPDATE tokens SET name = name", true),
            ] {
                assert_eq!(database.accepts(statement), stands, "{statement}");
            }
        }
        database.meddle("DROP TABLE claims");
        assert_eq!(open(&database.database, "one").await.write(entry("x")).await, Ok(()));
    }
}

/// A dump holds all tables as readers do. Who starts meanwhile and has new tables to make gives up soon, since hosts that run
/// wait behind it.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_does_not_wait_for_a_dump_and_says_so() {
    let Some(database) = postgres() else { return };
    let Database::Postgres(url) = &database.database else { panic!("no server") };
    database.meddle(&version_1(&database));
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute("BEGIN; LOCK TABLE tokens IN ACCESS SHARE MODE").await.unwrap();
    let opened = tokio::time::timeout(std::time::Duration::from_secs(5), Store::open(&database.database, "one"));
    let error = opened.await.expect("others wait behind it").err().unwrap();
    assert!(error.to_string().contains("others use its tables, such as a dump"), "{error}");
    client.batch_execute("COMMIT").await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    assert_eq!(open(&database.database, "one").await.write(entry("x")).await, Ok(()));
}

/// A store has the tables that its version had when it was released, whatever is changed since.
#[test]
fn what_a_version_made_stays_as_it_was() {
    let known = [
        "c42924a461fd55d8bcdc5e8d081471b5ca3068b4d4c6b0fdfdcd0c6b32b9a2c3",
        "6211062d1026b7174b258d185bab4cfa8c72362d190042103d698a63ca0484af",
    ];
    for (number, (migration, known)) in MIGRATIONS.iter().zip(known).enumerate() {
        assert_eq!(hex(&Sha256::digest(migration)), known, "version {}", number + 1);
    }
}

/// Hosts of the version before go on while the first of a newer one has started: they find all that they know, and what they
/// write is taken.
#[test]
fn a_version_only_adds_to_the_one_before() {
    for migration in &MIGRATIONS[1..] {
        let statements =
            migration.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
        for statement in statements.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            assert!(only_adds(statement), "{statement}");
        }
    }
    for statement in [
        "DROP TABLE calls",
        "ALTER TABLE calls DROP COLUMN run",
        "ALTER TABLE calls RENAME TO made",
        "ALTER TABLE calls ADD COLUMN host TEXT NOT NULL",
        "CREATE UNIQUE INDEX calls_by_run ON calls (run)",
        "UPDATE calls SET run = 0",
        "DELETE FROM calls",
    ] {
        assert!(!only_adds(statement), "{statement}");
    }
}

/// Whether a statement makes a table, an index that refuses nothing, or a column that may be left out.
fn only_adds(statement: &str) -> bool {
    let column = statement.starts_with("ALTER TABLE ") && statement.contains(" ADD COLUMN ");
    let may_be_left_out = !statement.contains("NOT NULL") || statement.contains(" DEFAULT ");
    let table = statement.starts_with("CREATE ") && statement.contains("TABLE ") && !statement.contains("INDEX ");
    table || statement.starts_with("CREATE INDEX ") || (column && may_be_left_out)
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("freshdesk.db");
    let world = open(&Database::Sqlite(path.clone()), "one").await;
    world.write(entry("x")).await.unwrap();
    for (name, mode) in
        [("new", 0o700), ("new/freshdesk.db", 0o600), ("new/freshdesk.db-wal", 0o600), ("new/freshdesk.db-shm", 0o600)]
    {
        let found = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
    world.close().await;
    assert_eq!(std::fs::metadata(path.with_extension("db-wal")).map_or(0, |file| file.len()), 0);
}

#[tokio::test]
async fn what_is_no_database_is_refused_with_its_place() {
    let database = sqlite();
    let Database::Sqlite(path) = &database.database else { panic!("no file") };
    std::fs::write(path, "a text of some length, which is none of SQLite's files".repeat(100)).unwrap();
    let error = Store::open(&database.database, "one").await.err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let url = format!("postgres://jane:canary-password@127.0.0.1:{port}/canary_base?sslmode=disable");
    let database = Database::Postgres(url);
    let error = Store::open(&database, "one").await.err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    assert!(!format!("{error} {error:?} {database:?}").contains("canary-password"));
    for url in ["postgres://jane:canary-password@[", "canary-password", "postgres://h/d?sslmode=canary-password"] {
        let error = Store::open(&Database::Postgres(url.to_owned()), "one").await.err().unwrap();
        assert!(!format!("{error} {error:?}").contains("canary-password"), "{error}");
    }
}
