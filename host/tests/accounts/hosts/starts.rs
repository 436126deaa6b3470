//! Hosts that start at the same time over one store.

use tokio::task::block_in_place;

use super::{all_room, start_over};
use crate::client::ask;
use crate::office::{Engine, Office, Server};
use crate::store::query;

/// The store of version 2, as the program made it that knew no other.
const VERSION_2: [&str; 2] =
    [include_str!("../../../src/store/schema.sql"), include_str!("../../../src/store/schema_2.sql")];

/// Notes what is made in the database, and each time that it is.
const WATCH: &str = "CREATE SCHEMA watched; CREATE TABLE watched.made (what TEXT);
    CREATE FUNCTION watched.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO watched.made SELECT object_type || ' ' || object_identity FROM pg_event_trigger_ddl_commands()
            WHERE command_tag LIKE 'CREATE%';
    END $$;
    CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watched.note();";

/// Starts eight hosts at once, and sees that all of them serve.
fn start_eight(office: &Office) -> Vec<Server> {
    let servers: Vec<_> = block_in_place(|| {
        std::thread::scope(|scope| {
            let starting: Vec<_> = (0..8)
                .map(|number| scope.spawn(move || start_over(office, &office.database, &format!("host-{number}"), &[])))
                .collect();
            starting.into_iter().map(|started| started.join().unwrap()).collect()
        })
    });
    for server in &servers {
        let ready = block_in_place(|| ask(&server.url, "GET", "/readyz", None, &[], "").unwrap());
        assert_eq!(ready.status, 200, "{ready:?}");
    }
    servers
}

/// A number that a query of the store gives.
fn number(office: &Office, statement: &str) -> i64 {
    query(&office.database, statement).unwrap().parse().unwrap()
}

/// Asserts that everything was made once, and that the store is of one version.
fn made_once(office: &Office, at_least: i64) {
    let made = number(office, "SELECT count(*) FROM watched.made");
    assert!(made >= at_least, "{made} tables and indices");
    assert_eq!(number(office, "SELECT count(DISTINCT what) FROM watched.made"), made, "each was made once");
    assert_eq!(number(office, "SELECT count(*) FROM schema_version"), 1);
    assert_eq!(office.count("heads", "host LIKE 'host-%'"), 8, "each has its chain");
    assert_eq!(office.count("keys", "TRUE"), 2, "the hosts have their keys in common");
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_hosts_that_start_at_once_make_an_empty_stores_tables_once() {
    let _room = all_room().await;
    let Some(office) = Office::with(Engine::Postgres).await else { return };
    office.meddle(WATCH);
    let servers = start_eight(&office);
    made_once(&office, 15);
    drop(servers);
    office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_hosts_that_start_at_once_bring_a_store_of_version_2_up_to_date_once() {
    let _room = all_room().await;
    let Some(office) = Office::with(Engine::Postgres).await else { return };
    let tables = VERSION_2.concat().replace(" TEXT", " TEXT COLLATE \"C\"");
    office.meddle(&format!(
        "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (2); {tables};
        INSERT INTO tenants (id, name, return_urls, created_at) VALUES ('acme-app', 'Acme App', '[]', 1800000000000)"
    ));
    office.meddle(WATCH);
    let servers = start_eight(&office);
    made_once(&office, 1);
    assert_eq!(number(&office, "SELECT count(*) FROM watched.made WHERE what = 'table public.accounts'"), 0);
    drop(servers);
    assert_eq!(office.json(&["tenants", "list"])[0]["id"], "acme-app");
    office.is_sound();
}
