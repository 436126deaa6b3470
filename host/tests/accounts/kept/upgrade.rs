//! Stores of earlier versions, opened by this program: what programs of those versions wrote is there and works.
//!
//! `stores/` has what a program of version 2 wrote, row by row, and the root keys that it was sealed by. Version 1 had the
//! same rows in the same form, but for the tools of tokens, the answers of calls, and nonces.

use freshdesk_simulator::seed;
use serde_json::json;
use tokio::task::block_in_place;

use super::Application;
use super::elsewhere::Elsewhere;
use crate::office::{Engine, Office, ticket};
use crate::receiver::Receiver;
use crate::visitor::Visitor;

/// The tables of each version, as its migration makes them.
const TABLES: [&str; 2] =
    [include_str!("../../../src/store/schema.sql"), include_str!("../../../src/store/schema_2.sql")];

/// The rows, one statement a line.
const ROWS: &str = include_str!("stores/version_2.sql");

/// What was told at the time, and is nowhere in the rows: a token of the tenant and one of Jane's for one tool, a link, the key
/// of webhooks, and the ticket that was made with a key.
const TOLD: &str = include_str!("stores/told.json");

const ROOT_KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accounts/kept/stores/root.keys");

/// The statements that make a store of this version, as an engine reads them.
pub(super) fn statements(engine: Engine, version: usize) -> String {
    let tables = TABLES[..version].concat();
    let rows: String = ROWS
        .lines()
        .filter(|row| version > 1 || !is_of_version_2(row))
        .map(|row| match version {
            1 => without_tools(row),
            _ => format!("{row}\n"),
        })
        .collect();
    let made = format!(
        "BEGIN; CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES ({version});
        {tables}\n{rows}COMMIT;"
    );
    match engine {
        Engine::Sqlite => made,
        Engine::Postgres => made.replace(" TEXT", " TEXT COLLATE \"C\"").replace("X'", "'\\x"),
    }
}

fn is_of_version_2(row: &str) -> bool {
    row.starts_with("INSERT INTO calls") || row.starts_with("INSERT INTO nonces")
}

/// A token's row without its last column.
fn without_tools(row: &str) -> String {
    match row.strip_prefix("INSERT INTO tokens ") {
        Some(_) => format!("{});\n", &row[..row.rfind(',').unwrap()]),
        None => format!("{row}\n"),
    }
}

/// A machine with a store of this version.
pub(super) fn with_store(office: &Office, engine: Engine, version: usize) -> Elsewhere<'_> {
    let elsewhere = Elsewhere::new(office, engine);
    if engine == Engine::Sqlite {
        elsewhere.meddle("PRAGMA journal_mode = WAL");
    }
    elsewhere.meddle(&statements(engine, version));
    elsewhere.bring_root_keys(ROOT_KEYS.as_ref());
    elsewhere
}

/// Counts of all tables.
fn counts(elsewhere: &Elsewhere<'_>) -> Vec<(&'static str, Option<String>)> {
    let tables = ["data_keys", "keys", "tenants", "tokens", "accounts", "links", "events", "calls", "nonces"];
    tables.map(|table| (table, elsewhere.value(&format!("SELECT count(*) FROM {table}")))).to_vec()
}

async fn is_brought_up_to_date(engine: Engine, version: usize) {
    let Some(office) = Office::with(engine).await else { return };
    let elsewhere = with_store(&office, engine, version);
    let told: serde_json::Value = serde_json::from_str(TOLD).unwrap();
    let told = |name: &str| told[name].as_str().unwrap().to_owned();
    let before = counts(&elsewhere);
    // Sealed in there: the host's own two keys, the webhook's, Jane's, the candidate's; and an answer.
    let sealed = if version == 1 { 5 } else { 6 };
    assert_eq!(elsewhere.is_sound(), sealed, "opening it brings it up to date");
    for ((table, before), (_, after)) in before.into_iter().zip(counts(&elsewhere)) {
        assert_eq!(after, before.or(Some("0".to_owned())), "{table}");
    }
    let states = elsewhere.json(&["accounts", "list"]);
    let states: Vec<_> =
        states.as_array().unwrap().iter().map(|account| (&account["identifier"], &account["state"])).collect();
    let state = |identifier, state| (json!(identifier), json!(state));
    let expected = [
        state("jane", "active"),
        state("leaves", "disconnected"),
        state("reset", "revoked"),
        state("waits", "pending"),
    ];
    assert!(states.iter().copied().eq(expected.iter().map(|(identifier, state)| (identifier, state))), "{states:?}");

    let receiver = Receiver::start();
    elsewhere.meddle(&format!("UPDATE tenants SET webhook_url = '{}'", receiver.url));
    let server = elsewhere.serve();
    let application = Application::at(&server.url, &told("token"));
    assert_eq!(application.lists_roles("jane").status, 200);
    assert_eq!(application.lists_roles("leaves").status, 409);
    assert_eq!(application.lists_roles("reset").status, 409);
    let of_jane = Application::at(&server.url, &told("token_of_jane"));
    assert_eq!(of_jane.lists_roles("jane").status, 200);
    let other_tool = of_jane.execute("jane", "freshdesk_agents_list", &json!({}), None).status;
    assert_eq!(other_tool, if version == 1 { 200 } else { 403 }, "tools of a token came with version 2");
    receiver.await_event("jane", "pending", "active").is_signed_by(&told("webhook_key"));
    block_in_place(|| {
        let mut visitor = Visitor::at(&server.url);
        let form = visitor.open(&told("link")).unwrap();
        let shown = visitor.offer(&form, seed::ADMIN_KEY).unwrap();
        assert!(visitor.submit(&shown, &[]).unwrap().says_connected());
    });
    assert_eq!(application.lists_roles("waits").status, 200);
    if version == 2 {
        remembers(&office, &application, &told("ticket"));
    }
    assert_eq!(application.ticket("jane", "new").0, 200);
    let rotated = elsewhere.json(&["vault", "rotate"]);
    assert_eq!(rotated["failed"], json!([]), "{rotated}");
    server.end(rustix::process::Signal::TERM);
    elsewhere.is_sound();
}

/// What was answered then is answered again, and what ended without a word is looked for or stays unknown: neither is made again.
fn remembers(office: &Office, application: &Application, id: &str) {
    let posts = || office.requests().iter().filter(|request| request.method == "POST").count();
    let before = posts();
    assert_eq!(application.ticket("jane", "kept"), (200, id.parse().ok()));
    let unlike = application.execute("jane", "freshdesk_ticket_create", &ticket("unlike"), Some("kept"));
    assert_eq!(unlike.status, 422, "{}", unlike.body);
    let broken_off = application.execute("jane", "freshdesk_ticket_create", &ticket("broken-off"), Some("broken-off"));
    assert!(broken_off.body.contains("outcome_unknown"), "{}", broken_off.body);
    assert_eq!(posts(), before, "nothing was made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_version_1_is_brought_up_to_date_and_all_of_it_works() {
    is_brought_up_to_date(Engine::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_version_2_is_brought_up_to_date_and_all_of_it_works() {
    is_brought_up_to_date(Engine::Sqlite, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_a_store_of_version_1_is_brought_up_to_date_and_all_of_it_works() {
    is_brought_up_to_date(Engine::Postgres, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_a_store_of_version_2_is_brought_up_to_date_and_all_of_it_works() {
    is_brought_up_to_date(Engine::Postgres, 2).await;
}
