//! Hosts whose clocks are not the database's.

use freshdesk_host::{LinkWish, Wish};
use freshdesk_simulator::seed;
use tokio::task::block_in_place;

use super::{roles, room, serve, token};
use crate::client::execute;
use crate::office::{EMAIL, Engine, Office, TENANT, ticket, user};
use crate::receiver::Receiver;
use crate::store::query;
use crate::visitor::Visitor;

/// Has the database's clock show a time that is a hundred days away from this machine's. PostgreSQL's own function is still
/// there, and found behind this one.
const SKEW: &str = "CREATE SCHEMA skewed;
    CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
        $$ SELECT pg_catalog.clock_timestamp() + interval '100 days' $$;
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = public, skewed, pg_catalog', current_database());
    END $$";

/// The columns that are moments, in milliseconds.
const MOMENTS: &str = "SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'bigint' AND table_name <> 'budgets'
        AND (column_name = 'at' OR column_name LIKE '%\\_at' OR column_name LIKE '%\\_until')";

/// Does at these hosts all that is remembered with a moment: tenants, tokens, links, connections, calls that are made once, a
/// revocation, events.
async fn live(office: &Office, urls: &[String]) {
    let receiver = Receiver::start();
    office.json(&["tenants", "set", TENANT, "--webhook-url", &receiver.url]);
    let (_, all) = token(office, None).await;
    let made = office.json(&["tokens", "create", TENANT, "--name", "a", "--identifier", "jane", "--days", "1"]);
    let own = made["token"].as_str().unwrap();
    let listed = office.text(&["tokens", "list", TENANT]);
    assert!(listed.contains("ends ") && !listed.contains("ended "), "{listed}");
    let accounts = office.another_host("product").await;
    let wish = Wish { expected_email: Some(EMAIL.to_owned()), ..Wish::default() };
    accounts.get_or_create(&user("jane"), &wish).await.unwrap();
    let link = accounts.link(&user("jane"), &LinkWish::default()).await.unwrap().url;
    accounts.link(&user("jane"), &LinkWish::default()).await.unwrap();
    accounts.close().await;
    block_in_place(|| {
        let mut visitor = Visitor::at(&urls[0]);
        let form = visitor.open(&link).unwrap();
        let shown = visitor.offer(&form, seed::ADMIN_KEY).unwrap();
        assert!(visitor.moved(&urls[1]).submit(&shown, &[]).unwrap().says_connected());
        let input = ticket("s");
        for url in urls {
            let once = execute(url, own, "jane", "freshdesk_ticket_create", &input, Some("once")).unwrap();
            assert_eq!(once.status, 200, "{once:?}");
        }
    });
    assert_eq!(office.count("calls", "ended_at IS NOT NULL"), 1);
    receiver.await_event("jane", "pending", "active");
    office.reset_key("FAKEkeyAfterTheReset9");
    assert_eq!(roles(&urls[1], &all, "jane").code(), "revoked");
    let (id, _) = token(office, None).await;
    office.text(&["tokens", "revoke", TENANT, &id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_stored_goes_by_the_databases_clock() {
    let _room = room().await;
    let Some(office) = Office::with(Engine::Postgres).await else { return };
    office.meddle(SKEW);
    office.text(&["tenants", "create", TENANT, "--name", "Acme App"]);
    let servers = ["one", "two"].map(|name| serve(&office, name, &["--local-webhooks"]));
    live(&office, &servers.each_ref().map(|server| server.url.clone())).await;
    let moments = query(&office.database, MOMENTS).unwrap();
    assert!(moments.lines().count() >= 15, "{moments:?}");
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    for moment in moments.lines() {
        let (table, column) = moment.split_once('.').unwrap();
        // 0 is how a lease that nobody has is written.
        let all = format!("SELECT count(*) FROM {table} WHERE {column} <> 0");
        let now = "EXTRACT(EPOCH FROM skewed.clock_timestamp()) * 1000";
        let of_now = format!("{all} AND {column} BETWEEN {now} - 600000 AND {now} + 2 * 86400000");
        let [all, of_now] = [all, of_now].map(|count| query(&office.database, &count).unwrap());
        if all != "0" {
            seen.push(moment);
        }
        if all != of_now {
            wrong.push(moment);
        }
    }
    assert_eq!(wrong, [""; 0], "they are of a host's own clock");
    for needed in ["audit.at", "events.at", "accounts.changed_at", "links.expires_at", "tokens.expires_at"] {
        assert!(seen.contains(&needed), "{needed} among {seen:?}");
    }
    println!("moments that were looked at: {seen:?}");
    office.is_sound();
}
