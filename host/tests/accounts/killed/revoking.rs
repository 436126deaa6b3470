//! Hosts that are killed while they revoke an account.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use freshdesk_host::State;
use freshdesk_simulator::{Fault, FaultAction};
use serde_json::json;
use tokio::task::block_in_place;

use super::kill;
use crate::office::{Engine, Office, TENANT, user};

/// A command that calls a tool for a user.
fn start_call(office: &Office, identifier: &str) -> Child {
    let arguments = ["call", "freshdesk_roles_list", "{}", "--tenant", TENANT, "--identifier", identifier];
    office.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

async fn kill_hosts_that_revoke(engine: Engine, rounds: u32) {
    let Some(office) = Office::with_tenant(engine).await else { return };
    let key = |number: u32| format!("FAKEkeyOfNumber{number:05}");
    // How long it takes from the first refusal of Freshdesk to the end of the command.
    let mut pace = Duration::ZERO;
    let (mut before, mut after) = (0, 0);
    for number in 0..=rounds + 1 {
        let identifier = format!("user-{number}");
        office.reset_key(&key(number));
        office.connect(&user(&identifier), &key(number)).await;
        office.reset_key("FAKEkeyOfNobodyAtAll");
        let seen = office.requests().len();
        let held = number == rounds + 1;
        if held {
            let delay = Fault::on("GET", "/agents/me", FaultAction::Delay(Duration::from_secs(60)));
            office.simulator.state().faults.push(delay);
        }
        let mut call = start_call(&office, &identifier);
        office.await_request(seen, if held { "/agents/me" } else { "/roles" });
        block_in_place(|| match number {
            0 => {
                let begun = Instant::now();
                call.wait().unwrap();
                pace = begun.elapsed();
            }
            _ if held => kill(&mut call),
            _ => {
                std::thread::sleep(pace.mul_f64(1.2 * f64::from(number - 1) / f64::from(rounds - 1)));
                kill(&mut call);
            }
        });
        office.simulator.state().faults.clear();
        let revoked = is_revoked_or_as_before(&office, &identifier).await;
        assert!(!(held && revoked), "nobody is revoked before Freshdesk has answered twice");
        assert!(number != 0 || revoked);
        if revoked { after += 1 } else { before += 1 }
    }
    println!("{engine:?}: killed {before} times before and {after} times after the account was revoked");
    assert!(before > 0 && after > 0, "both were met");
    office.is_sound();
}

/// Asserts that an account is revoked with all that belongs to it, or active with a key that opens; the next call revokes it
/// then. Tells which it was.
async fn is_revoked_or_as_before(office: &Office, identifier: &str) -> bool {
    office.await_silence();
    let accounts = office.another_host("product").await;
    let state = accounts.get(&user(identifier)).await.unwrap().state;
    assert_eq!(accounts.vault_verify().await.unwrap().failed, [""; 0], "what is sealed opens");
    let of_user = format!("identifier = '{identifier}'");
    let revoked = state == State::Revoked;
    assert!(revoked || state == State::Active, "{state:?}");
    assert_eq!(office.count("events", &format!("{of_user} AND new_state = 'revoked'")), u64::from(revoked));
    assert_eq!(office.count("audit", &format!("{of_user} AND kind = 'account.revoked'")), u64::from(revoked));
    assert_eq!(office.count("accounts", &format!("{of_user} AND secret IS NOT NULL")), u64::from(!revoked));
    let asked = office.requests().len();
    let error = accounts.call(&user(identifier), "freshdesk_roles_list", &json!({})).await.unwrap_err();
    assert!(error.to_string().contains("no longer accepts the key"), "{error}");
    assert_eq!(office.requests().len() - asked, if revoked { 0 } else { 2 }, "the call and the question, or nothing");
    assert_eq!(accounts.get(&user(identifier)).await.unwrap().state, State::Revoked);
    accounts.close().await;
    revoked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_while_it_revokes_leaves_the_account_active_or_revoked() {
    kill_hosts_that_revoke(Engine::Sqlite, 24).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_too_a_killed_host_leaves_the_account_active_or_revoked() {
    kill_hosts_that_revoke(Engine::Postgres, 6).await;
}
