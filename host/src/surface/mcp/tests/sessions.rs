//! Sessions of older revisions.

use std::time::Duration;

use freshdesk_simulator::{Limits, seed};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::{Answer, Client};
use super::world::World;
use crate::surface::mcp::McpSettings;

const REVISION: &str = "2025-11-25";

/// What a request to list tools is answered with.
async fn lists(client: &mut Client) -> StatusCode {
    let request = client.request("tools/list", json!({}));
    client.http().post(&request, REVISION).await.status
}

/// Ends a client's session.
async fn ends(client: &mut Client) -> StatusCode {
    let message = client.request("tools/list", json!({}));
    let mut request = client.http().request(&message, REVISION);
    *request.method_mut() = Method::DELETE;
    client.http().raw(request).await.status()
}

async fn with(sessions: usize, sessions_each: usize) -> World {
    let settings = McpSettings { sessions, sessions_each, ..McpSettings::default() };
    World::with(settings).await
}

#[tokio::test]
async fn a_session_is_its_callers_and_unknown_to_others() {
    let world = World::new().await;
    let (alice, bob) = (world.connected("alice").await, world.connected("bob").await);
    let mut own = world.web(&alice, REVISION).await;
    let session = own.http().session.clone();
    for other in [&bob, &alice] {
        // A second token of the same user is somebody else, too.
        let mut stranger = world.web(other, REVISION).await;
        stranger.http().session = session.clone();
        assert_eq!(lists(&mut stranger).await, StatusCode::NOT_FOUND);
        stranger.http().session = Some("00000000-0000-4000-8000-000000000000".to_owned());
        assert_eq!(lists(&mut stranger).await, StatusCode::NOT_FOUND);
        stranger.http().session = session.clone();
        assert_eq!(ends(&mut stranger).await, StatusCode::ACCEPTED, "as for a session that there is not");
        let message = stranger.request("tools/list", json!({}));
        let mut request = stranger.http().request(&message, REVISION);
        *request.method_mut() = Method::GET;
        request.headers_mut().insert("last-event-id", "0/0".parse().unwrap());
        assert_eq!(stranger.http().raw(request).await.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(lists(&mut own).await, StatusCode::OK, "nobody ended it");
}

#[tokio::test]
async fn a_session_that_was_ended_is_unknown() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, REVISION).await;
    assert_eq!(ends(&mut client).await, StatusCode::ACCEPTED);
    assert_eq!(lists(&mut client).await, StatusCode::NOT_FOUND);
    client.http().session = None;
    assert_eq!(lists(&mut client).await, StatusCode::BAD_REQUEST);
}

/// Which of them leave is for the book to say, and tested there.
#[tokio::test]
async fn who_makes_more_than_there_is_room_for_takes_no_more_of_it_and_goes_on_with_all() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for settings in [(100, 2), (2, 100)] {
        let world = with(settings.0, settings.1).await;
        let alice = world.connected("alice").await;
        let token = world.token(&alice, None).await;
        let mut sessions = Vec::new();
        let before = tasks();
        for _ in 0..2 {
            sessions.push(Client::web(world.router.clone(), Some(token.clone()), REVISION, json!({})).begun().await);
        }
        let of_two = tasks() - before;
        for _ in 0..10 {
            sessions.push(Client::web(world.router.clone(), Some(token.clone()), REVISION, json!({})).begun().await);
        }
        for session in &mut sessions {
            assert_eq!(lists(session).await, StatusCode::OK, "one that made way comes back");
        }
        for _ in 0..100 {
            if tasks() <= before + of_two {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(tasks() <= before + of_two, "{} tasks, and two sessions have {of_two}", tasks() - before);
    }
}

/// Nothing is left of a session that ended: no task, and no entry.
#[tokio::test]
async fn sessions_leave_nothing_behind() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let token = world.token(&alice, None).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut clients = Vec::new();
    let before = tasks();
    for _ in 0..50 {
        clients.push(Client::web(world.router.clone(), Some(token.clone()), REVISION, json!({})).begun().await);
    }
    assert!(tasks() >= before + 50, "each has its tasks");
    for client in &mut clients {
        assert_eq!(ends(client).await, StatusCode::ACCEPTED);
    }
    for _ in 0..100 {
        if tasks() <= before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} tasks were left", tasks() - before);
}

#[tokio::test]
async fn requests_that_stand_alone_leave_nothing_behind() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, "2026-07-28").await;
    client.ask("tools/list", json!({})).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..50 {
        client.call("freshdesk_roles_list", json!({"colour": 1})).await;
    }
    for _ in 0..100 {
        if tasks() <= before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} tasks were left", tasks() - before);
}

/// Twenty users, since an account has a hundred calls at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sessions_list_tickets_at_once() {
    let world = World::new().await;
    world.simulator.state().helpdesk(seed::LABEL).limits = Limits::total(1_000_000);
    let mut clients = JoinSet::new();
    for number in 0..20 {
        let user = world.connected(&format!("user {number}")).await;
        let token = world.token(&user, None).await;
        for revision in [REVISION, "2026-07-28"].repeat(25) {
            let client = Client::web(world.router.clone(), Some(token.clone()), revision, json!({}));
            clients.spawn(async move {
                let mut client = client.begun().await;
                client.call("freshdesk_tickets_list", json!({})).await
            });
        }
    }
    let answers = clients.join_all().await;
    let wrong: Vec<&Value> =
        answers.iter().filter(|answer| !answer["result"]["structuredContent"].is_object()).collect();
    assert!(wrong.is_empty() && answers.len() == 1000, "{} failed, such as {:?}", wrong.len(), wrong.first());
}

/// Such a stream waits for what never comes: it would hold up a server that is to end.
#[tokio::test]
async fn a_stream_that_answers_no_request_ends_with_the_server() {
    let (going, stopped) = watch::channel(());
    let settings = McpSettings { stopped: Some(stopped), ..McpSettings::default() };
    let world = World::with(settings).await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, REVISION).await;
    let message = client.request("tools/list", json!({}));
    let mut request = client.http().request(&message, REVISION);
    *request.method_mut() = Method::GET;
    let response = client.http().raw(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let reading = tokio::spawn(Answer::read(response));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!reading.is_finished());
    assert_eq!(lists(&mut client).await, StatusCode::OK);
    drop(going);
    tokio::time::timeout(Duration::from_secs(1), reading).await.unwrap().unwrap();
    assert_eq!(lists(&mut client).await, StatusCode::OK, "who asks is still answered");
}
