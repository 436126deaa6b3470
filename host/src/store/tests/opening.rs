//! Opening a store: its tables, its file, and what refuses.

use super::super::migrations::{MIGRATIONS, PREPARE};
use super::super::records::TokenRow;
use super::super::{Database, Store, StoreError};
use super::fixture::*;
use super::{databases, sqlite};
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
        assert_eq!(error, Some(StoreError::Newer { found: 99, known: 2 }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_version_1_is_brought_up_to_date_and_keeps_its_rows() {
    for database in databases() {
        let (first, hash) = match &database.database {
            Database::Sqlite(_) => (MIGRATIONS[0].to_owned(), format!("x'{}'", "01".repeat(32))),
            Database::Postgres(_) => {
                let collated = MIGRATIONS[0].replace(" TEXT", " TEXT COLLATE \"C\"");
                (collated, format!("'\\x{}'", "01".repeat(32)))
            }
        };
        database.meddle(&format!(
            "{PREPARE}; INSERT INTO schema_version VALUES (1); {first};
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
