//! Sessions of older revisions at hosts that did not begin them.

use std::time::Duration;

use axum::Router;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::Client;
use super::connect::opens_links;
use super::world::{REVISIONS, World};
use crate::accounts::User;

/// Revisions that have sessions.
const OLD: &[&str] = REVISIONS.split_at(4).0;

const REVISION: &str = "2025-11-25";

/// A client that has begun a session at one host.
async fn begun(world: &World, user: &User, revision: &'static str, can: Value) -> Client {
    let client = world.web_that_can(user, revision, can).await;
    assert!(client.session().is_some_and(|id| id.len() < 150));
    client
}

/// The status of a request to list tools, and of one that ends the session.
async fn lists(client: &mut Client) -> StatusCode {
    let (request, revision) = (client.request("tools/list", json!({})), client.revision);
    client.http().post(&request, revision).await.status
}

async fn ends(client: &mut Client) -> StatusCode {
    let (message, revision) = (client.request("tools/list", json!({})), client.revision);
    let mut request = client.http().request(&message, revision);
    *request.method_mut() = Method::DELETE;
    client.http().raw(request).await.status()
}

impl Client {
    fn session(&self) -> Option<&str> {
        match &self.wire {
            super::client::Wire::Web(web) => web.session.as_deref(),
            super::client::Wire::Line { .. } => None,
        }
    }

    /// The same client, whose next requests go there.
    fn at(mut self, router: &Router) -> Self {
        self.http().router = router.clone();
        self
    }
}

#[tokio::test]
async fn a_session_goes_on_at_hosts_that_did_not_begin_it() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let (here, there) = (world.router.clone(), world.elsewhere().await);
    for revision in OLD {
        let mut client = begun(&world, &alice, revision, json!({})).await;
        for router in [&there, &here, &there] {
            client = client.at(router);
            let listed = client.ask("tools/list", json!({})).await;
            assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(10), "{revision}: {listed}");
            let called = client.call("freshdesk_roles_list", json!({})).await;
            assert_eq!(called["result"]["isError"], json!(false), "{revision}: {called}");
        }
    }
}

#[tokio::test]
async fn a_session_goes_on_when_its_host_has_started_anew() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let client = begun(&world, &alice, REVISION, json!({})).await;
    world.accounts.close().await;
    assert_eq!(lists(&mut client.at(&world.elsewhere().await)).await, StatusCode::OK);
}

/// What a client can do is part of its session.
#[tokio::test]
async fn another_host_knows_what_the_client_can_do() {
    let world = World::new().await;
    let alice = world.pending("alice").await;
    let there = world.elsewhere().await;
    for (can, code) in [(opens_links(), json!(-32042)), (json!({}), Value::Null)] {
        let mut client = begun(&world, &alice, REVISION, can).await.at(&there);
        let answer = client.ask("tools/call", json!({"name": "freshdesk_roles_list", "arguments": {}})).await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
}

#[tokio::test]
async fn a_session_is_unknown_to_others_at_every_host() {
    let world = World::new().await;
    let (alice, bob) = (world.connected("alice").await, world.connected("bob").await);
    let there = world.elsewhere().await;
    let mut own = begun(&world, &alice, REVISION, json!({})).await;
    let session = own.http().session.clone();
    for router in [&there, &world.router] {
        for other in [&bob, &alice] {
            // A second token of the same user is somebody else, too.
            let mut stranger = world.web(other, REVISION).await.at(router);
            stranger.http().session = session.clone();
            assert_eq!(lists(&mut stranger).await, StatusCode::NOT_FOUND);
            assert_eq!(ends(&mut stranger).await, StatusCode::ACCEPTED, "as for a session that there is not");
        }
        own = own.at(router);
        assert_eq!(lists(&mut own).await, StatusCode::OK, "nobody ended it");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_at_one_host_is_unknown_at_the_others_within_a_second() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let there = world.elsewhere().await;
    // The quickest of some, as a machine that tests is busy.
    let mut quickest = [Duration::MAX; 2];
    for known_there in [true, false, true, false, true, false] {
        let mut client = begun(&world, &alice, REVISION, json!({})).await;
        if known_there {
            client = client.at(&there);
            assert_eq!(lists(&mut client).await, StatusCode::OK);
        }
        // Ended where it is in memory, or where it is not.
        client = client.at(if known_there { &world.router } else { &there });
        assert_eq!(ends(&mut client).await, StatusCode::ACCEPTED);
        assert_eq!(lists(&mut client).await, StatusCode::NOT_FOUND, "at once where it was ended");
        client = client.at(if known_there { &there } else { &world.router });
        let ended = Instant::now();
        while lists(&mut client).await == StatusCode::OK {
            assert!(ended.elapsed() < Duration::from_secs(5), "it goes on");
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(lists(&mut client).await, StatusCode::NOT_FOUND);
        let quickest = &mut quickest[usize::from(known_there)];
        *quickest = ended.elapsed().min(*quickest);
    }
    assert!(quickest.iter().all(|took| *took < Duration::from_secs(1)), "{quickest:?}");
}

/// Strangers who know the id neither get in nor keep its owner out while another host takes the session up.
#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_take_a_session_up_once() {
    let world = World::new().await;
    let (alice, bob) = (world.connected("alice").await, world.connected("bob").await);
    let there = world.elsewhere().await;
    let mut own = begun(&world, &alice, REVISION, json!({})).await.at(&there);
    let mut stranger = world.web(&bob, REVISION).await.at(&there);
    stranger.http().session = own.http().session.clone();
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        for (client, expected) in [(&mut stranger, StatusCode::NOT_FOUND), (&mut own, StatusCode::OK)] {
            let (web, request) = (client.http().clone(), client.request("tools/list", json!({})));
            asking.spawn(async move { (web.post(&request, REVISION).await.status, expected) });
        }
    }
    for (status, expected) in asking.join_all().await {
        assert_eq!(status, expected);
    }
}
