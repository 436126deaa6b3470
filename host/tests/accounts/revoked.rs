//! A key that was reset: the account says so, its tenant is told, and a fresh link mends it.

use std::sync::Arc;
use std::time::Duration;

use freshdesk_host::{Accounts, CallError, LinkWish, State, Wish};
use freshdesk_simulator::{Fault, FaultAction, seed};
use serde_json::{Value, json};
use tokio::task::{JoinSet, block_in_place};

use crate::office::{EMAIL, Engine, Office, TENANT, user};
use crate::receiver::Receiver;
use crate::visitor::Visitor;

const RESET: &str = "FAKEkeyAfterTheReset9";

/// Calls a tool for Jane by the command.
fn call(office: &Office) -> Value {
    let arguments = ["call", "freshdesk_roles_list", "{}", "--tenant", TENANT, "--identifier", "jane"];
    serde_json::from_slice(&office.run(&arguments).stdout).unwrap()
}

async fn reset(engine: Engine) {
    let Some(office) = Office::with_tenant(engine).await else { return };
    let receiver = Receiver::start();
    let hooks = office.json(&["tenants", "set", TENANT, "--webhook-url", &receiver.url]);
    let key = hooks["webhook_key"].as_str().unwrap();
    office.json(&["accounts", "connect", TENANT, "jane", "--email", EMAIL]);
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let server = office.serve(&["--local-webhooks"]);
    assert!(call(&office)["roles"].is_array());
    receiver.await_event("jane", "pending", "active");

    office.reset_key(RESET);
    let before = office.requests().len();
    let revoked = call(&office);
    assert_eq!(revoked["error"], "revoked");
    let paths: Vec<_> = office.requests()[before..].iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths, ["/api/v2/roles", "/api/v2/agents/me"], "the call, and one question");
    let told = receiver.await_event("jane", "active", "revoked");
    told.is_signed_by(key);
    let data = &told.json()["data"];
    assert_eq!((&data["old_state"], &data["new_state"]), (&json!("active"), &json!("revoked")));
    assert_eq!((&data["reason"], &data["helpdesk"]), (&json!("key_refused"), &json!("acme")));
    assert_eq!(told.headers["webhook-id"].to_str().unwrap().split('_').next(), Some("evt"));

    let later = call(&office);
    assert_eq!(later["error"], "revoked");
    assert_eq!(office.requests().len(), before + 2, "no request leaves any more");
    assert_eq!(office.json(&["accounts", "show", TENANT, "jane"])["state"], "revoked");

    let mut visitor = Visitor::at(&server.url);
    let connected = block_in_place(|| {
        let form = visitor.open(later["connect_url"].as_str().unwrap()).unwrap();
        let shown = visitor.offer(&form, RESET).unwrap();
        visitor.submit(&shown, &[]).unwrap()
    });
    assert!(connected.says_connected(), "{connected:?}");
    assert!(call(&office)["roles"].is_array());
    let told = receiver.await_event("jane", "revoked", "active").json();
    assert_eq!(told["data"]["reason"], "reconnected");
    assert_eq!(office.json(&["accounts", "show", TENANT, "jane"])["version"], 2);
    office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_reset_revokes_the_account_until_a_fresh_link_mends_it() {
    reset(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_too_a_key_that_was_reset_revokes_the_account() {
    reset(Engine::Postgres).await;
}

/// Reconnects Jane with the new key, as the operator of another host.
async fn reconnect(office: &Office) {
    office.reset_key(RESET);
    office.connect(&user("jane"), RESET).await;
}

/// A call that Freshdesk refuses so much later that the account was reconnected meanwhile. None where that took longer, on a
/// machine that has much to do.
async fn refused_late(
    office: &Office,
    accounts: &Arc<Accounts>,
    path: &'static str,
    delay: Duration,
) -> Option<CallError> {
    let revoked = office.count("events", "new_state = 'revoked'");
    office.reset_key("FAKEkeyOfNobodyAtAll");
    office.simulator.state().faults.push(Fault::on("GET", path, FaultAction::Delay(delay)));
    let (before, accounts) = (office.requests().len(), Arc::clone(accounts));
    let call = async move { accounts.call(&user("jane"), "freshdesk_roles_list", &json!({})).await };
    let late = tokio::spawn(call);
    office.await_request(before, path);
    reconnect(office).await;
    let in_time = !late.is_finished();
    let error = late.await.unwrap().unwrap_err();
    (in_time && office.count("events", "new_state = 'revoked'") == revoked).then_some(error)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_refusal_of_the_old_key_does_not_revoke_the_new_one() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(office) = Office::with_tenant(engine).await else { continue };
        office.connect(&user("jane"), seed::ADMIN_KEY).await;
        let accounts = office.another_host("slow").await;
        // Freshdesk refuses the old key, and its answers take their time: the call's own, then that to the question.
        for path in ["/roles", "/agents/me"] {
            let mut late = None;
            for delay in [1, 4, 15].map(Duration::from_secs) {
                if late.is_none() {
                    late = refused_late(&office, &accounts, path, delay).await;
                }
            }
            let error = late.unwrap();
            assert_eq!(case(&error), "unavailable", "the next call goes out with the new key: {error}");
            let account = accounts.get(&user("jane")).await.unwrap();
            assert_eq!(account.state, State::Active);
            accounts.call(&user("jane"), "freshdesk_roles_list", &json!({})).await.unwrap();
        }
        accounts.close().await;
    }
}

fn case(error: &CallError) -> &str {
    let CallError::Tool { error, .. } = error else { panic!("{error}") };
    &error.case
}

#[tokio::test(flavor = "multi_thread")]
async fn many_refused_calls_of_two_hosts_ask_once_each_and_revoke_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(office) = Office::with_tenant(engine).await else { continue };
        office.connect(&user("jane"), seed::ADMIN_KEY).await;
        let hosts = [office.another_host("one").await, office.another_host("two").await];
        office.reset_key(RESET);
        let mut calls = JoinSet::new();
        for accounts in hosts.iter().cycle().take(32).map(Arc::clone) {
            calls.spawn(async move {
                let error = accounts.call(&user("jane"), "freshdesk_roles_list", &json!({})).await.unwrap_err();
                case(&error).to_owned()
            });
        }
        let cases = calls.join_all().await;
        assert!(cases.iter().all(|case| case == "revoked"), "{cases:?}");
        let questions =
            office.requests().iter().filter(|request| request.path.ends_with("/me") && request.status == 401).count();
        assert!((1..=2).contains(&questions), "one question a host: {questions}");
        for (table, condition) in [("events", "new_state = 'revoked'"), ("audit", "kind = 'account.revoked'")] {
            assert_eq!(office.count(table, condition), 1, "{table}");
        }
        for accounts in hosts {
            accounts.close().await;
        }
        office.is_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_freshdesk_does_not_repeat_and_a_403_revoke_nobody() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    office.connect(&user("jane"), seed::ADMIN_KEY).await;
    let accounts = office.another_host("product").await;
    for (status, expected) in [(401, "unavailable"), (403, "forbidden")] {
        let action = FaultAction::Respond { status, headers: Vec::new(), body: b"{}".to_vec() };
        office.simulator.state().faults.push(Fault::on("GET", "/roles", action));
        let error = accounts.call(&user("jane"), "freshdesk_roles_list", &json!({})).await.unwrap_err();
        assert_eq!(case(&error), expected);
        assert_eq!(accounts.get(&user("jane")).await.unwrap().state, State::Active);
    }
    accounts.close().await;
}

/// All that was asked for at the same time is the same account, and nobody is refused.
async fn made_at_once(hosts: &[Arc<Accounts>]) -> (usize, usize) {
    let mut making = JoinSet::new();
    for accounts in hosts.iter().cycle().take(32).map(Arc::clone) {
        making.spawn(async move {
            let wish = Wish { expected_email: Some(EMAIL.to_owned()), ..Wish::default() };
            let (account, new) = accounts.get_or_create(&user("jane"), &wish).await.unwrap();
            accounts.link(&user("jane"), &LinkWish::default()).await.unwrap();
            (account.id, new)
        });
    }
    let made = making.join_all().await;
    let ids: std::collections::BTreeSet<_> = made.iter().map(|(id, _)| id).collect();
    (ids.len(), made.iter().filter(|(_, new)| *new).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_who_ask_for_an_account_at_once_get_one() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(office) = Office::with_tenant(engine).await else { continue };
        let hosts = [office.another_host("one").await, office.another_host("two").await];
        assert_eq!(made_at_once(&hosts).await, (1, 1));
        assert_eq!(office.count("events", "new_state = 'pending'"), 1);
        assert_eq!(office.count("links", "state = 'live'"), 5, "the others gave way");
        for accounts in hosts {
            accounts.close().await;
        }
        office.is_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_commands_at_once_make_one_account() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(office) = Office::with_tenant(engine).await else { continue };
        let mut running = Vec::new();
        for number in 0..8 {
            let mut command = office.command(&["accounts", "connect", TENANT, "jane", "--email", EMAIL, "--json"]);
            command.env("FRESHDESK_HOST_NAME", format!("office-{number}"));
            running.push(command.stdout(std::process::Stdio::piped()).spawn().unwrap());
        }
        let ids: std::collections::BTreeSet<_> = block_in_place(|| {
            let outputs = running.into_iter().map(|child| child.wait_with_output().unwrap());
            outputs
                .map(|output| {
                    let made: Value = serde_json::from_str(&crate::output::succeeded(&output)).unwrap();
                    made["account"]["id"].as_str().unwrap().to_owned()
                })
                .collect()
        });
        assert_eq!(ids.len(), 1, "{ids:?}");
        office.is_sound();
    }
}
