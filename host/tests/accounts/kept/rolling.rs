//! Hosts of an older version while the first of a newer one has brought the store up to date.

use freshdesk_simulator::seed;
use tokio::task::block_in_place;

use super::Application;
use super::load::Load;
use crate::client::ask;
use crate::office::{Engine, Office, TENANT, user};
use crate::output::refused;

/// What a newer version does to a store: it adds.
const NEWER: &str = "ALTER TABLE accounts ADD COLUMN newer TEXT; ALTER TABLE tokens ADD COLUMN newer BIGINT;
    ALTER TABLE calls ADD COLUMN newer BYTEA; ALTER TABLE events ADD COLUMN newer TEXT;
    CREATE TABLE newer (id BIGINT PRIMARY KEY); CREATE INDEX newer_calls ON calls (begun_at);
    UPDATE schema_version SET version = 99";

async fn hosts_go_on(engine: Engine) {
    let Some(office) = Office::with_tenant(engine).await else { return };
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let made = office.json(&["tokens", "create", TENANT, "--name", "application"]);
    let token = made["token"].as_str().unwrap();
    let server = office.serve(&[]);
    let application = Application::at(&server.url, token);
    let load = Load::begin(&application, "jane");
    load.await_more(20);
    let is_version = |version: &u32| office.count("schema_version", &format!("version = {version}")) == 1;
    let version = (1..99).find(is_version).unwrap();
    office.meddle(NEWER);
    let before = load.made();
    load.await_more(20);
    let made = load.end();
    for (key, id) in before.iter().chain(made.iter().rev().take(5)) {
        assert_eq!(application.ticket("jane", key), (200, Some(*id)), "{key}");
    }
    assert_eq!(application.lists_roles("jane").status, 200);
    let ready = block_in_place(|| ask(&application.url, "GET", "/readyz", None, &[], "").unwrap());
    assert_eq!(ready.status, 200, "{}", ready.body);
    for arguments in [vec!["accounts", "list"], vec!["serve", "--listen", "127.0.0.1:0"]] {
        let said = refused(&office.run(&arguments));
        assert!(said.contains("made by a newer version of this program: it has schema 99"), "{said}");
    }
    server.end(rustix::process::Signal::TERM);
    office.meddle(&format!("UPDATE schema_version SET version = {version}"));
    office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_runs_goes_on_when_its_file_is_brought_to_a_newer_version_and_no_other_one_starts() {
    hosts_go_on(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_too_hosts_that_run_go_on_when_the_store_is_brought_to_a_newer_version() {
    hosts_go_on(Engine::Postgres).await;
}
