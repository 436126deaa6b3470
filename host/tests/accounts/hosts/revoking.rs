//! What is taken back at one host is taken back at all.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::block_in_place;

use super::{Hosts, roles};
use crate::client::ask;
use crate::office::TENANT;

/// How long it takes until hosts refuse a user's calls with this code, each asked in turn. Nothing leaves for Freshdesk then.
fn refused_by(hosts: &Hosts, urls: &[String], token: &str, identifier: &str, status: u16, code: &str) -> Duration {
    let begun = Instant::now();
    for url in urls {
        loop {
            let before = hosts.office.requests().len();
            let answer = roles(url, token, identifier);
            if (answer.status, answer.code().as_str()) == (status, code) {
                assert_eq!(hosts.office.requests().len(), before, "what is refused does not leave");
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(1), "{url} goes on: {answer:?}");
        }
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_at_one_host_is_refused_by_the_others_within_a_second() {
    let Some(hosts) = Hosts::start(&[]).await else { return };
    let urls = hosts.urls();
    let (_, token) = hosts.token(None).await;
    let delete = |url: &str, path: String| block_in_place(|| ask(url, "DELETE", &path, Some(&token), &[], "").unwrap());

    hosts.connected("disconnected").await;
    urls.iter().for_each(|url| assert_eq!(roles(url, &token, "disconnected").status, 200));
    assert_eq!(delete(&urls[0], "/v1/accounts/disconnected".to_owned()).status, 200);
    let took = refused_by(&hosts, &urls[1..], &token, "disconnected", 409, "not_connected");
    println!("disconnected: refused by the others after {took:?}");

    hosts.connected("revoked").await;
    urls.iter().for_each(|url| assert_eq!(roles(url, &token, "revoked").status, 200));
    hosts.office.reset_key("FAKEkeyAfterTheReset9");
    let refused = roles(&urls[0], &token, "revoked");
    assert_eq!(refused.code(), "revoked", "{refused:?}");
    let took = refused_by(&hosts, &urls[1..], &token, "revoked", refused.status, "revoked");
    println!("a key that was refused: refused by the others after {took:?}");
    assert_eq!(hosts.office.json(&["accounts", "show", TENANT, "revoked"])["state"], "revoked");

    let (id, own) = hosts.token(Some("disconnected")).await;
    urls.iter().for_each(|url| assert_eq!(roles(url, &own, "disconnected").code(), "not_connected"));
    assert_eq!(delete(&urls[1], format!("/v1/tokens/{id}")).status, 204);
    let took = refused_by(&hosts, &[urls[0].clone(), urls[2].clone()], &own, "disconnected", 401, "unauthorized");
    println!("a token: refused by the others after {took:?}");
}

/// A host that opened an account's connections for a key that was taken back does not use it for the next one.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_connected_anew_at_one_host_is_used_by_all_with_its_new_key() {
    let Some(hosts) = Hosts::start(&[]).await else { return };
    let (_, token) = hosts.token(None).await;
    hosts.connected("jane").await;
    hosts.urls().iter().for_each(|url| assert_eq!(roles(url, &token, "jane").status, 200));
    let key = "FAKEkeyAfterTheReset9";
    hosts.office.reset_key(key);
    hosts.office.connect(&crate::office::user("jane"), key).await;
    let before = hosts.office.requests().len();
    hosts.urls().iter().for_each(|url| assert_eq!(roles(url, &token, "jane").status, 200));
    let requests = hosts.office.requests().split_off(before);
    assert_eq!(requests.iter().map(|request| request.status).collect::<Vec<_>>(), [200; 3]);
    assert_eq!(hosts.office.json(&["accounts", "show", TENANT, "jane"])["version"], json!(2));
}
