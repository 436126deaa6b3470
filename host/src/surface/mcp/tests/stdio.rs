//! Standard input and output.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freshdesk_simulator::{Fault, FaultAction, seed};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::client::{Client, Wire};
use super::world::World;
use crate::accounts::User;
use crate::surface::calls::Whose;
use crate::surface::mcp::{self, McpSettings, Opened};

fn whose(world: &World, user: &User) -> Whose {
    Whose::Users(Arc::clone(&world.accounts), user.clone())
}

/// Writes what is no message of the client's.
async fn write(client: &mut Client, text: &str) {
    let Wire::Line { input, .. } = &mut client.wire else { panic!("it has no line") };
    input.write_all(text.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn what_is_no_message_ends_nothing() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for begun in [false, true] {
        let (client, _served) = world.line_for(whose(&world, &alice), "2025-11-25", json!({}));
        let mut client = if begun { client.begun().await } else { client };
        for line in [
            r#"{"jsonrpc":"2.0","id":"first","method":"ping"}"#,
            "",
            "\r",
            "nothing",
            "{",
            "[1, 2",
            "\u{feff}",
            "null",
            r#"{"jsonrpc":"2.0"}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/nothing"}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}"#,
            r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#,
        ] {
            write(&mut client, &format!("{line}\n")).await;
        }
        write(&mut client, &format!("\"{}\"\n", "x".repeat(3 << 20))).await;
        let mut client = if begun { client } else { client.begun().await };
        let answer = client.ask("tools/list", json!({})).await;
        assert_eq!(answer["result"]["tools"].as_array().unwrap().len(), 10);
    }
}

#[tokio::test]
async fn the_end_of_the_input_ends_it() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for begun in [false, true] {
        let (client, served) = world.line_for(whose(&world, &alice), "2026-07-28", json!({}));
        let mut client = client;
        if begun {
            client.ask("tools/list", json!({})).await;
        }
        drop(client);
        assert_eq!(timeout(Duration::from_secs(10), served).await.unwrap().unwrap(), Ok(()));
    }
}

/// As in `printf … | freshdesk-host mcp`.
#[tokio::test]
async fn calls_that_run_are_answered_after_the_end_of_the_input() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let slow = FaultAction::Delay(Duration::from_secs(7));
    world.simulator.state().faults.push(Fault::once(slow));
    let (mut client, served) = world.line_for(whose(&world, &alice), "2026-07-28", json!({}));
    let call = client
        .request("tools/call", json!({"name": "freshdesk_ticket_get", "arguments": {"ticket_id": seed::TICKET_ID}}));
    client.send(call.clone()).await;
    let Wire::Line { input, output } = &mut client.wire else { panic!("it has no line") };
    input.shutdown().await.unwrap();
    let mut text = String::new();
    timeout(Duration::from_secs(12), output.read_to_string(&mut text)).await.unwrap().unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&answer["id"], answer["result"]["structuredContent"].is_object()), (&call["id"], true), "{answer}");
    assert_eq!(served.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_call_that_was_cancelled_is_not_waited_for() {
    let world = World::narrow().await;
    let alice = world.connected("alice").await;
    world.use_up(&alice).await;
    let (client, served) = world.line_for(whose(&world, &alice), "2025-11-25", json!({}));
    let mut client = client.begun().await;
    let call = client.request("tools/call", json!({"name": "freshdesk_roles_list"}));
    client.send(call.clone()).await;
    sleep(Duration::from_millis(100)).await;
    let cancelled = json!({"requestId": call["id"]});
    client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled})).await;
    drop(client);
    assert_eq!(timeout(Duration::from_secs(2), served).await.unwrap().unwrap(), Ok(()));
}

/// A server that opens when it is told to.
fn held(world: &World, user: &User, result: Result<(), &'static str>) -> (Client, Held) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (input, output) = tokio::io::split(far);
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let (calls, whose) = (world.calls(), whose(world, user));
    let open = async move {
        let _ = gone.await;
        result.map(|()| Opened { calls, whose })
    };
    let served = tokio::spawn(async move { mcp::stdio(input, output, &McpSettings::default(), open).await });
    (Client::line(near, "2025-11-25", json!({})), Held { go, served })
}

struct Held {
    go: tokio::sync::oneshot::Sender<()>,
    served: tokio::task::JoinHandle<Result<(), &'static str>>,
}

#[tokio::test]
async fn hands_are_shaken_before_all_else_is_opened() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let (client, held) = held(&world, &alice, Ok(()));
    let mut client = client.begun().await;
    assert_eq!(client.ask("ping", json!({})).await["result"], json!({}));
    let list = client.request("tools/list", json!({}));
    client.send(list.clone()).await;
    assert!(timeout(Duration::from_millis(200), client.answer(&list)).await.is_err(), "it waits for the tools");
    held.go.send(()).unwrap();
    assert!(client.answer(&list).await["result"]["tools"].is_array());
}

#[tokio::test]
async fn who_asks_for_the_tools_at_once_does_not_wait_for_more() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    // The fastest of some, as a machine that tests is busy.
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let (mut client, _served) = world.line_for(whose(&world, &alice), "2026-07-28", json!({}));
        let begun = Instant::now();
        assert!(client.ask("tools/list", json!({})).await["result"]["tools"].is_array());
        fastest = fastest.min(begun.elapsed());
    }
    assert!(fastest < Duration::from_millis(200), "{fastest:?}");
}

#[tokio::test]
async fn what_cannot_be_opened_ends_it_and_says_why() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for asked in [false, true] {
        let (client, held) = held(&world, &alice, Err("no database"));
        let client = if asked { client.begun().await } else { client };
        held.go.send(()).unwrap();
        assert_eq!(timeout(Duration::from_secs(10), held.served).await.unwrap().unwrap(), Err("no database"));
        drop(client);
    }
}
