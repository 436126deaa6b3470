//! Calls that wait for their turn: what their clients are told, and how they call them off.

use std::time::Duration;

use freshdesk_simulator::seed;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::client::{Client, events};
use super::world::World;
use crate::surface::listen::{self, Room};

/// A call that writes, and would be seen.
fn reply() -> Value {
    json!({"name": "freshdesk_tickets_reply", "arguments": {"ticket_id": seed::TICKET_ID, "body": "Hi"}})
}

/// The same, for a client that wants to know of its progress.
fn told() -> Value {
    let mut params = reply();
    params["_meta"] = json!({"progressToken": "p-1"});
    params
}

/// Sees that notes came, in order, and before the answer.
fn progressed(notes: &[Value]) {
    let notes: Vec<_> = notes.iter().filter(|note| note["method"] == "notifications/progress").collect();
    assert!(!notes.is_empty(), "nothing was told");
    let values: Vec<_> = notes.iter().map(|note| note["params"]["progress"].as_f64().unwrap()).collect();
    assert!(values.is_sorted_by(|one, next| one < next) && values[0] >= 0.9, "{values:?}");
    for note in notes {
        assert_eq!(note["params"]["progressToken"], "p-1");
        assert!(note["params"]["message"].as_str().unwrap().contains("waiting for a turn"));
    }
}

#[tokio::test]
async fn a_client_that_asked_is_told_how_long_its_call_waits() {
    for revision in ["2025-11-25", "2026-07-28"] {
        for over_http in [true, false] {
            let world = World::narrow().await;
            let alice = world.connected("alice").await;
            let mut client = match over_http {
                true => world.web(&alice, revision).await,
                false => world.line(&alice, revision, json!({})).await,
            };
            world.use_up(&alice).await;
            let answer = client.ask("tools/call", told()).await;
            assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
            progressed(&client.notes);
            client.notes.clear();
            if !over_http {
                // Whatever came late would stand before the next answer.
                client.ask("tools/list", json!({})).await;
                assert_eq!(client.notes, Vec::<Value>::new(), "nothing is told after the answer");
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_did_not_ask_is_told_nothing() {
    let world = World::narrow().await;
    let alice = world.connected("alice").await;
    let mut client = world.line(&alice, "2025-11-25", json!({})).await;
    world.use_up(&alice).await;
    let answer = client.ask("tools/call", reply()).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    assert_eq!(client.notes, Vec::<Value>::new());
}

/// Waits longer than a window, and sees that nothing has left but what was known.
async fn nothing_left(world: &World, known: usize) {
    sleep(Duration::from_secs(4)).await;
    assert_eq!(world.asked(), known, "a call that was called off has left");
}

#[tokio::test]
async fn a_cancelled_call_that_waits_never_leaves_and_is_not_answered() {
    for revision in ["2024-11-05", "2025-11-25", "2026-07-28"] {
        let world = World::narrow().await;
        let alice = world.connected("alice").await;
        let mut client = world.line(&alice, revision, json!({})).await;
        world.use_up(&alice).await;
        let known = world.asked();
        let call = client.request("tools/call", reply());
        client.send(call.clone()).await;
        sleep(Duration::from_millis(300)).await;
        let cancelled = json!({"requestId": call["id"], "reason": "enough"});
        client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled})).await;
        nothing_left(&world, known).await;
        client.ask("tools/list", json!({})).await;
        assert_eq!(client.notes, Vec::<Value>::new(), "it is not answered");
    }
}

#[tokio::test]
async fn a_session_cancels_its_call_by_a_message_of_its_own() {
    let world = World::narrow().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, "2025-11-25").await;
    world.use_up(&alice).await;
    let known = world.asked();
    let call = client.request("tools/call", reply());
    let mut other = Client::web(world.router.clone(), client.http().token.clone(), "2025-11-25", json!({}));
    other.http().session = client.http().session.clone();
    let calling = tokio::spawn({
        let call = call.clone();
        async move {
            client.send(call).await;
            client.notes
        }
    });
    sleep(Duration::from_millis(300)).await;
    let cancelled = json!({"requestId": call["id"]});
    other.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled})).await;
    let notes = timeout(Duration::from_secs(1), calling).await.unwrap().unwrap();
    assert!(notes.iter().all(|note| note["id"] != call["id"]), "{notes:?}");
    nothing_left(&world, known).await;
}

#[tokio::test]
async fn who_closes_the_stream_cancels_the_call() {
    // Before anything was answered, and after it was told that it waits.
    for told_first in [false, true] {
        let world = World::narrow().await;
        let alice = world.connected("alice").await;
        let mut client = world.web(&alice, "2026-07-28").await;
        world.use_up(&alice).await;
        let known = world.asked();
        let call = client.request("tools/call", told());
        let request = client.http().request(&call, "2026-07-28");
        match told_first {
            false => {
                let answer = timeout(Duration::from_millis(300), client.http().raw(request)).await;
                assert!(answer.is_err(), "there is nothing to answer yet");
            }
            true => {
                let mut response = client.http().raw(request).await;
                let frame = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
                progressed(&events(std::str::from_utf8(&frame).unwrap()));
            }
        }
        nothing_left(&world, known).await;
    }
}

/// The same over a connection that is closed.
#[tokio::test]
async fn who_hangs_up_cancels_the_call() {
    let world = World::narrow().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, "2026-07-28").await;
    world.use_up(&alice).await;
    let known = world.asked();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(listen::serve(
        listener,
        world.router.clone(),
        Room::behind(0, Duration::from_secs(35)),
        std::future::pending(),
    ));
    let call = client.request("tools/call", reply());
    let (head, _) = client.http().request(&call, "2026-07-28").into_parts();
    let (body, mut text) = (call.to_string(), "POST /mcp HTTP/1.1\r\n".to_owned());
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{text}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    let mut first = [0];
    assert!(timeout(Duration::from_millis(500), stream.read(&mut first)).await.is_err(), "it waits for its turn");
    drop(stream);
    nothing_left(&world, known).await;
}

/// Somebody's connection that breaks is not their word: older clients cancel by a message.
#[tokio::test]
async fn a_session_that_loses_its_stream_has_not_cancelled() {
    let world = World::narrow().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, "2025-11-25").await;
    world.use_up(&alice).await;
    let known = world.asked();
    let call = client.request("tools/call", reply());
    let request = client.http().request(&call, "2025-11-25");
    drop(client.http().raw(request).await);
    sleep(Duration::from_secs(4)).await;
    assert_eq!(world.asked(), known + 1);
}

/// A call that has left is not taken back, and its client hears nothing of it.
#[tokio::test]
async fn what_has_left_runs_to_its_end() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut client = world.line(&alice, "2025-11-25", json!({})).await;
    let slow = freshdesk_simulator::FaultAction::Delay(Duration::from_millis(2000));
    world.simulator.state().faults.push(freshdesk_simulator::Fault::once(slow));
    let known = world.asked();
    let call = client.request("tools/call", reply());
    client.send(call.clone()).await;
    let leaves = async {
        while world.asked() == known {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), leaves).await.unwrap();
    let cancelled = json!({"requestId": call["id"]});
    client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled})).await;
    sleep(Duration::from_millis(2500)).await;
    assert_eq!(world.asked(), known + 1);
    client.ask("tools/list", json!({})).await;
    assert_eq!(client.notes, Vec::<Value>::new());
}
