//! A database that does not answer, and what is told of it.

use std::time::Duration;

use super::super::engine::{Change, sql};
use super::super::records::TokenRow;
use super::super::{Database, Store, StoreError};
use super::fixture::*;
use super::postgres;

/// Waits until uses of keys are taken again.
async fn recovered(store: &Store) {
    for _ in 0..200 {
        if store.note(entry("key.used")).is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the store did not recover");
}

#[tokio::test]
async fn while_the_trail_cannot_be_written_nothing_is_done_and_then_it_goes_on() {
    for world in worlds().await {
        world.pending(&user("bob")).await;
        world.database.meddle("ALTER TABLE audit RENAME TO away");
        world.store.note(entry("key.used")).unwrap();
        let jane = user("jane");
        let event = event(&jane, "e1", None, crate::accounts::State::Pending);
        assert!(world.store.create_account(&account(&jane), &event, entry("created")).await.is_err());
        assert_eq!(world.store.account(&jane).await, Ok(None));
        let refused = world.store.note(entry("refused")).unwrap_err();
        assert!(matches!(refused, StoreError::Failed { .. } | StoreError::Unavailable { .. }), "{refused:?}");
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert!(world.store.note(entry("refused")).is_err());

        world.database.meddle("ALTER TABLE away RENAME TO audit");
        recovered(&world.store).await;
        world.store.write(entry("last")).await.unwrap();
        let kinds = world.kinds().await;
        assert_eq!(kinds, ["last", "key.used", "key.used", "account.created", "tenant.created", "trail.resumed"]);
        let report = world.store.verify_trail(&KEY).await.unwrap();
        assert_eq!(report.faults, [""; 0]);
    }
}

#[tokio::test]
async fn a_statement_that_is_refused_takes_no_other_change_with_it() {
    for world in worlds().await {
        let token = |tenant: &str, number: u8| TokenRow {
            id: format!("canary-{number}"),
            hash: vec![number; 32],
            tenant: tenant.to_owned(),
            identifier: None,
            name: "canary-name".to_owned(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            tools: None,
        };
        let (first, second, third) = (token("acme", 1), token("canary-tenant", 2), token("acme", 3));
        let (one, two, three) = tokio::join!(
            world.store.create_token(&first, entry("made")),
            world.store.create_token(&second, entry("refused")),
            world.store.create_token(&third, entry("made"))
        );
        assert_eq!((one, three), (Ok(true), Ok(true)));
        let error = two.unwrap_err();
        assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        assert_eq!(world.store.note(entry("key.used")), Ok(()));
        world.store.write(entry("last")).await.unwrap();
        assert_eq!(world.kinds().await, ["last", "key.used", "made", "made", "tenant.created"]);
    }
}

#[tokio::test]
async fn errors_repeat_no_values() {
    for world in worlds().await {
        let statement = sql("INSERT INTO tokens (tenant, id, hash, name, created_at) VALUES ('acme', $1, $2, NULL, 1)");
        let statement = statement.with("canary-text").with(b"canary-bytes".as_slice());
        let shown = format!("{statement:?}");
        let error = world.store.change(Change::default().one(statement)).await.unwrap_err();
        let hex: String = b"canary-bytes".iter().map(|byte| format!("{byte:02x}")).collect();
        for text in [error.to_string(), format!("{error:?}"), shown] {
            assert!(!text.contains("canary-text") && !text.contains("canary-bytes") && !text.contains(&hex), "{text}");
        }
    }
}

#[tokio::test]
async fn a_file_that_another_process_writes_is_waited_for() {
    let world = World::new(super::sqlite()).await;
    let Database::Sqlite(path) = &world.database.database else { panic!("no file") };
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let store = world.store.clone();
    let writing = tokio::spawn(async move { store.write(entry("waits")).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!writing.is_finished());
    assert_eq!(world.kinds().await, ["tenant.created"]);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(writing.await.unwrap(), Ok(()));
}

/// Ends all connections of this program to the database, and waits until they have ended.
fn terminate(world: &World) {
    let others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'freshdesk-host'";
    world.database.meddle(others);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_ended_are_made_again() {
    let Some(database) = postgres() else { return };
    let world = World::new(database).await;
    world.pending(&user("jane")).await;
    for _ in 0..3 {
        world.store.ping().await.unwrap();
        terminate(&world);
        assert!(world.store.account(&user("jane")).await.unwrap().is_some());
        world.store.write(entry("goes on")).await.unwrap();
        terminate(&world);
        world.store.note(entry("key.used")).unwrap();
        world.store.write(entry("goes on")).await.unwrap();
    }
    assert_eq!(world.kinds().await.len(), 11);
    assert_eq!(world.store.verify_trail(&KEY).await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_while_connections_end_is_true() {
    let Some(database) = postgres() else { return };
    let world = World::new(database).await;
    let store = world.store.clone();
    let writing = tokio::spawn(async move {
        let mut written = 0;
        for _ in 0..400 {
            written += usize::from(store.write(entry("written")).await.is_ok());
        }
        written
    });
    while !writing.is_finished() {
        terminate(&world);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let written = writing.await.unwrap();
    world.store.write(entry("last")).await.unwrap();
    let kinds = world.kinds().await;
    // One whose answer was lost may have been written, too.
    assert!(kinds.iter().filter(|kind| *kind == "written").count() >= written);
    assert_eq!(world.store.verify_trail(&KEY).await.unwrap().faults, [""; 0]);
}
