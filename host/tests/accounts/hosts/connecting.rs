//! A user who connects while each request goes to another host.

use freshdesk_host::{LinkWish, Wish};
use freshdesk_simulator::seed;
use tokio::task::block_in_place;

use super::{Hosts, roles};
use crate::office::{EMAIL, user};
use crate::visitor::{Page, Visitor};

/// A link for a user whose account is made for it.
async fn link(hosts: &Hosts, identifier: &str, wish: &LinkWish) -> freshdesk_host::NewLink {
    let accounts = hosts.office.another_host("product").await;
    let account = Wish { expected_email: Some(EMAIL.to_owned()), ..Wish::default() };
    accounts.get_or_create(&user(identifier), &account).await.unwrap();
    let link = accounts.link(&user(identifier), wish).await.unwrap();
    accounts.close().await;
    link
}

/// Confirms on the page that is shown, with these fields.
fn confirmed(visitor: &mut Visitor, shown: &Page, fields: &[(&str, &str)]) {
    let connected = visitor.submit(shown, fields).unwrap();
    assert!(connected.says_connected(), "{connected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_begun_at_one_host_is_finished_at_another() {
    let Some(hosts) = Hosts::start(&[]).await else { return };
    let urls = hosts.urls();
    let (_, token) = hosts.token(None).await;
    // The second user types a wrong key first: what was wrong is told by another host than the one that saw it.
    for (identifier, wrong) in [("jane", false), ("joan", true)] {
        let link = link(&hosts, identifier, &LinkWish::default()).await.url;
        block_in_place(|| {
            let mut visitor = Visitor::at(&urls[0]);
            let form = visitor.open(&link).unwrap();
            visitor = visitor.moved(&urls[1]);
            let mut shown = visitor.offer(&form, if wrong { "FAKEkeyOfNobody1" } else { seed::ADMIN_KEY }).unwrap();
            if wrong {
                assert!(!shown.asks_to_confirm(), "{shown:?}");
                visitor = visitor.moved(&urls[0]);
                shown = visitor.offer(&shown, seed::ADMIN_KEY).unwrap();
            }
            assert!(shown.asks_to_confirm(), "{shown:?}");
            visitor = visitor.moved(&urls[2]);
            confirmed(&mut visitor, &shown, &[]);
        });
        urls.iter().for_each(|url| assert_eq!(roles(url, &token, identifier).status, 200));
    }
    hosts.office.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_listener_that_keeps_nobody_on_a_host_users_connect_by_a_code_and_links_stay_used() {
    let Some(hosts) = Hosts::start(&[]).await else { return };
    for number in 0..4 {
        let wish = LinkWish { code: true, ..LinkWish::default() };
        let link = link(&hosts, &format!("user-{number}"), &wish).await;
        block_in_place(|| {
            let mut visitor = Visitor::at(&hosts.balancer.url);
            let form = visitor.open(&link.url).unwrap();
            let shown = visitor.offer(&form, seed::ADMIN_KEY).unwrap();
            confirmed(&mut visitor, &shown, &[("code", link.code.as_deref().unwrap())]);
            for url in hosts.urls() {
                assert_eq!(Visitor::at(&url).open(&link.url).unwrap().status, 410, "it is used at every host");
            }
        });
    }
    assert_eq!(hosts.office.count("accounts", "state = 'active' AND version = 1"), 4);
}
