//! Calls that are repeated with a key.

use std::sync::Arc;
use std::time::Duration;

use freshdesk_simulator::{Fault, FaultAction};
use serde_json::json;

use super::world::{TENANT, World};
use crate::accounts::User;
use crate::stage::Stages;
use crate::surface::api::format::unquoted;
use crate::surface::calls::{Call, Whose};

const TICKET: &str = "freshdesk_ticket_create";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_repeated_with_its_key_writes_once() {
    let world = World::new().await;
    let client = world.client().await;
    let ticket =
        json!({"subject": "Once", "description": "x", "email": "sarah@example.com", "priority": 1, "status": 2});
    let keyed = client.with("idempotency-key", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"");
    let first = keyed.execute("jane", TICKET, ticket.clone()).await;
    let again = keyed.execute("jane", TICKET, ticket.clone()).await;
    assert_eq!(first.is(200).json, again.is(200).json);
    let bare = client.with("idempotency-key", "8e03978e-40d5-43e8-bc93-6894a57f9324");
    assert_eq!(bare.execute("jane", TICKET, ticket.clone()).await.is(200).json, first.json);
    let other = client.with("idempotency-key", "\"another\"");
    assert_ne!(
        other.execute("jane", TICKET, ticket.clone()).await.is(200).json["result"]["id"],
        first.json["result"]["id"]
    );
    let unlike =
        json!({"subject": "Twice", "description": "x", "email": "sarah@example.com", "priority": 1, "status": 2});
    keyed.execute("jane", TICKET, unlike).await.is_problem(422, "invalid_input");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_none_is_refused_before_anything_is_done() {
    let world = World::new().await;
    let client = world.client().await;
    let asked = world.asked();
    for key in ["", "\"\"", "\"a", "a b", "a\"b", "\"a\"b\"", "a,b", "\"a b\"", "\"\\x\"", &"x".repeat(256)] {
        let refused = client.with("idempotency-key", key).execute("jane", "freshdesk_roles_list", json!({})).await;
        assert_eq!(refused.is_problem(400, "invalid_request").fields(), ["Idempotency-Key"], "{key}");
    }
    let twice = client.with("idempotency-key", "a").with("idempotency-key", "b");
    let refused = twice.execute("jane", "freshdesk_roles_list", json!({})).await;
    assert_eq!(refused.is_problem(400, "invalid_request").fields(), ["Idempotency-Key"]);
    assert_eq!(world.asked(), asked);
}

/// The client is gone, and the server is to stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_has_left_is_waited_for_when_nobody_waits_any_more() {
    let world = World::new().await;
    let late = FaultAction::Delay(Duration::from_millis(2000));
    world.simulator.state().faults.push(Fault::on("POST", "/tickets", late));
    let whose = Whose::Users(Arc::clone(&world.accounts), User::new(TENANT, "jane").unwrap());
    let input =
        json!({"subject": "Late", "description": "x", "email": "sarah@example.com", "priority": 1, "status": 2});
    let call = |whose| Call { whose, tool: TICKET.to_owned(), input: input.clone(), once: Some("late".to_owned()) };
    let stages = Arc::new(Stages::default());
    let known = world.asked();
    let arrives = async {
        while world.asked() == known {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        answer = world.calls.run(call(whose.clone()), stages) => panic!("{answer:?}"),
        () = arrives => {}
    }
    world.calls.rest().await;
    let asked = world.asked();
    let again = world.calls.run(call(whose), Arc::default()).await.unwrap();
    assert_eq!((&again.structured["subject"], world.asked()), (&json!("⟦Late⟧"), asked), "it is remembered");
}

#[test]
fn a_key_is_read_as_structured_fields_write_it() {
    for (text, key) in [("\"a-b\"", "a-b"), (r#""say\"hi\"\\""#, r#"say"hi"\"#), ("8e03", "8e03")] {
        assert_eq!(unquoted(text).as_deref(), Some(key));
    }
    assert_eq!(unquoted("\"ä\""), None);
    assert_eq!(unquoted(&format!("\"{}\"", "x".repeat(255))).map(|key| key.len()), Some(255));
    assert_eq!(unquoted(&format!("\"{}\"", "x".repeat(256))), None);
}
