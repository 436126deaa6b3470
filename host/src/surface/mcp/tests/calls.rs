//! Calls, and what comes of them.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::client::Client;
use super::world::World;

/// Two tools: one that reads and one that writes.
fn two() -> [(&'static str, Value); 2] {
    [
        ("freshdesk_ticket_get", json!({"ticket_id": seed::TICKET_ID})),
        ("freshdesk_tickets_reply", json!({"ticket_id": seed::TICKET_ID, "body": "Hi"})),
    ]
}

/// The schema of a tool's answer, as this client sees it.
async fn schema(client: &mut Client, tool: &str) -> Value {
    let list = client.ask("tools/list", json!({})).await;
    let tools = list["result"]["tools"].as_array().unwrap();
    tools.iter().find(|listed| listed["name"] == tool).unwrap()["outputSchema"].clone()
}

/// The error that a failed call tells.
fn told(answer: &Value) -> Value {
    let result = &answer["result"];
    assert_eq!(result["isError"], true, "{answer}");
    assert!(result.get("structuredContent").is_none(), "clients would check it by the answer's schema: {answer}");
    let content = result["content"].as_array().unwrap();
    assert_eq!((content.len(), &content[0]["type"]), (1, &json!("text")));
    serde_json::from_str(content[0]["text"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_success_has_both_copies_and_fits_its_schema_in_every_revision() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for mut client in world.everybody(&alice).await {
        for (tool, arguments) in two() {
            let schema = schema(&mut client, tool).await;
            let answer = client.call(tool, arguments).await;
            let result = &answer["result"];
            assert_ne!(result["isError"], true, "{answer}");
            jsonschema::validate(&schema, &result["structuredContent"]).unwrap_or_else(|why| panic!("{why}: {result}"));
            assert!(!result["content"][0]["text"].as_str().unwrap().is_empty());
            assert_eq!(result.get("resultType"), client.stands_alone().then_some(&json!("complete")));
        }
    }
}

#[tokio::test]
async fn a_refusal_of_freshdesk_is_an_error_that_a_model_can_act_on() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for mut client in [world.web(&alice, "2026-07-28").await, world.line(&alice, "2025-06-18", json!({})).await] {
        for (tool, arguments) in two() {
            world.answers(403, &[("content-type", "application/json")], r#"{"code":"access_denied","message":"No"}"#);
            let error = told(&client.call(tool, arguments.clone()).await);
            assert_eq!((&error["error"], &error["reason"]), (&json!("forbidden"), &json!("role")), "{error}");
            world.recovers();
            world.answers(404, &[], "");
            assert_eq!(told(&client.call(tool, arguments.clone()).await)["error"], "not_found");
            world.recovers();
        }
    }
}

#[tokio::test]
async fn a_throttle_says_how_long_to_wait() {
    for (tool, arguments) in two() {
        let world = World::new().await;
        let alice = world.connected("alice").await;
        world.answers(429, &[("retry-after", "50")], "");
        let error = told(&world.web(&alice, "2025-11-25").await.call(tool, arguments).await);
        assert_eq!((&error["error"], &error["retry_after"]), (&json!("rate_limited"), &json!(50)), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_is_refused_ends_the_account() {
    for (tool, arguments) in two() {
        let world = World::new().await;
        let alice = world.connected("alice").await;
        world.answers(401, &[], "");
        let mut client = world.web(&alice, "2025-11-25").await;
        let error = told(&client.call(tool, arguments.clone()).await);
        assert_eq!(error["error"], "revoked", "{error}");
        assert_eq!(world.accounts.get(&alice).await.unwrap().state.as_str(), "revoked");
        let before = world.asked();
        assert_eq!(told(&client.call(tool, arguments).await)["error"], "revoked");
        assert_eq!(world.asked(), before, "nothing leaves any more");
    }
}

#[tokio::test]
async fn bad_arguments_are_told_field_by_field() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let before = world.asked();
    for mut client in world.everybody(&alice).await {
        let error = told(&client.call("freshdesk_ticket_get", json!({"ticket_id": "x", "colour": "red"})).await);
        assert_eq!(error["error"], "invalid_input");
        let fields: Vec<_> = error["problems"].as_array().unwrap().iter().map(|problem| &problem["field"]).collect();
        assert!(fields.contains(&&json!("ticket_id")) && fields.contains(&&json!("colour")), "{error}");
    }
    assert_eq!(world.asked(), before);
}

#[tokio::test]
async fn what_is_no_call_is_an_error_of_the_protocol() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for mut client in world.everybody(&alice).await {
        for params in [
            json!({"name": "freshdesk_nothing", "arguments": {}}),
            json!({"arguments": {}}),
            json!({"name": 7}),
            json!({"name": "freshdesk_ticket_get", "arguments": [42_817]}),
            json!({"name": "freshdesk_ticket_get", "arguments": "42817"}),
        ] {
            let answer = client.ask("tools/call", params.clone()).await;
            // Over HTTP, newer clients have the name in a header, too, and it has to be the same.
            let codes = [json!(-32602), json!(-32020)];
            assert!(codes.contains(&answer["error"]["code"]), "{} {params}: {answer}", client.revision);
        }
        let answer = client.ask("tools/dance", json!({})).await;
        assert_eq!(answer["error"]["code"], -32601);
    }
}

#[tokio::test]
async fn a_call_without_arguments_is_one_with_none() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, "2026-07-28").await;
    let answer = client.ask("tools/call", json!({"name": "freshdesk_roles_list"})).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
}

#[tokio::test]
async fn the_account_of_an_environment_is_called_by_all_revisions() {
    let world = World::new().await;
    for revision in super::world::REVISIONS {
        let mut client = world.own(revision, json!({})).await;
        let answer = client.call("freshdesk_ticket_get", json!({"ticket_id": seed::TICKET_ID})).await;
        assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    }
}
