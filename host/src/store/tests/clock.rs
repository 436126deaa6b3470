//! The clock that hosts share.

use super::fixture::*;
use super::{TestDatabase, postgres, sqlite};
use crate::accounts::now;

const HOUR: i64 = 3_600_000;

/// Has a database's clock show a time that is so many hours away from this machine's.
fn skew(database: &TestDatabase, hours: i64) {
    database.meddle(&format!(
        "CREATE SCHEMA IF NOT EXISTS skewed;
        CREATE OR REPLACE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
            $$ SELECT pg_catalog.clock_timestamp() + interval '{hours} hours' $$;
        DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET search_path = public, skewed, pg_catalog', current_database());
        END $$"
    ));
}

/// How far a moment is from this machine's clock, in hours, when it is a whole number of them, give or take a second.
fn hours(moment: i64) -> Option<i64> {
    let hours = (moment - now() + HOUR / 2).div_euclid(HOUR);
    ((moment - now() - hours * HOUR).abs() < 1000).then_some(hours)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_stores_of_a_database_go_by_its_clock() {
    let Some(database) = postgres() else { return };
    skew(&database, -3);
    let world = World::new(database).await;
    let other = world.another("two").await;
    assert_eq!((hours(world.store.now()), hours(other.now())), (Some(-3), Some(-3)));
    assert_eq!(hours(world.store.now_us() / 1000), Some(-3));
    let (one, two) = (world.store.now_us(), other.now_us());
    assert!((two - one).abs() < 500_000, "they differ by {} µs", two - one);
}

/// Another server has taken its place, or its clock was set.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_connection_brings_the_clock_that_the_database_has_by_then() {
    let Some(database) = postgres() else { return };
    let world = World::new(database).await;
    assert_eq!(hours(world.store.now()), Some(0));
    skew(&world.database, 5);
    assert_eq!(hours(world.store.now()), Some(0), "nobody has asked");
    world.database.meddle(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'freshdesk-host'",
    );
    world.store.write(entry("goes on")).await.unwrap();
    assert_eq!(hours(world.store.now()), Some(5));
}

#[tokio::test]
async fn a_file_goes_by_the_machines_clock() {
    let world = World::new(sqlite()).await;
    assert!((world.store.now() - now()).abs() < 1000);
}
