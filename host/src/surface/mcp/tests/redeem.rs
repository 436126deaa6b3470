//! States that come back with a call that they are none for.

use serde_json::{Value, json};

use super::client::Client;
use super::connect::{TOOL, arguments, asks, link, opens_links, repeated};
use super::world::World;
use crate::accounts::{User, now};
use crate::surface::mcp::state::{Purpose, Seal};

/// Sends a call with a state that is none for it: nothing is called, and nothing is told but how to go on.
async fn refuses(world: &World, client: &mut Client, params: Value) {
    let before = world.asked();
    let answer = client.ask("tools/call", params).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("Call again without it"), "{answer}");
    assert_eq!(world.asked(), before);
}

#[tokio::test]
async fn a_state_is_good_once() {
    let world = World::new().await;
    let alice = world.pending("alice").await;
    let mut client = world.web_that_can(&alice, "2026-07-28", opens_links()).await;
    let required = asks(&mut client).await;
    world.connect(&link(&required)).await;
    let params = repeated(&required, "accept");
    assert!(client.ask("tools/call", params.clone()).await["result"]["structuredContent"].is_object());
    refuses(&world, &mut client, params.clone()).await;
    // Another host knows that it was used, too.
    refuses(&world, &mut world.line(&alice, "2026-07-28", opens_links()).await, params).await;
}

#[tokio::test]
async fn a_state_is_good_for_its_call_alone() {
    let world = World::new().await;
    let alice = world.pending("alice").await;
    let bob = world.pending("bob").await;
    let mut client = world.web_that_can(&alice, "2026-07-28", opens_links()).await;
    let required = asks(&mut client).await;
    world.connect(&link(&required)).await;
    let good = repeated(&required, "accept");
    let with = |name: &str, value: Value| {
        let mut params = good.clone();
        params[name] = value;
        params
    };
    refuses(&world, &mut client, with("arguments", json!({"ticket_id": 1}))).await;
    refuses(&world, &mut client, with("name", json!("freshdesk_roles_list"))).await;
    let state = good["requestState"].as_str().unwrap();
    for other in [format!("{state}A"), state[1..].to_owned(), state.to_uppercase(), String::new()] {
        refuses(&world, &mut client, with("requestState", json!(other))).await;
    }
    let mut of_bob = world.web_that_can(&bob, "2026-07-28", opens_links()).await;
    refuses(&world, &mut of_bob, good.clone()).await;
    let mut other_token = world.web_that_can(&alice, "2026-07-28", opens_links()).await;
    refuses(&world, &mut other_token, good.clone()).await;
    assert!(client.ask("tools/call", good).await["result"]["structuredContent"].is_object(), "it was not used up");
}

#[tokio::test]
async fn a_state_ends_after_half_an_hour() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut client = world.line(&alice, "2026-07-28", opens_links()).await;
    let (seal, arguments) = (Seal::new(world.accounts.shared_key()), arguments());
    let at = |moment: i64| {
        let state = seal.seal(&purpose(&alice, arguments.as_object().unwrap()), moment).unwrap();
        json!({"name": TOOL, "arguments": arguments, "requestState": state})
    };
    refuses(&world, &mut client, at(now() - 30 * 60_000)).await;
    let answer = client.ask("tools/call", at(now() - 29 * 60_000)).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
}

/// What the server over standard input and output binds a state to.
fn purpose<'a>(user: &'a User, arguments: &'a serde_json::Map<String, Value>) -> Purpose<'a> {
    Purpose { tenant: user.tenant(), identifier: user.identifier(), token: "stdio", tool: TOOL, arguments }
}
