//! Calls of tools, and how they fail.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::world::World;
use crate::accounts::{LinkWish, User, Wish};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_answers_in_two_copies() {
    let world = World::new().await;
    let client = world.client().await;
    let answer = client.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await;
    assert_eq!(answer.is(200).json["result"]["id"], 42817);
    assert!(answer.json["text"].as_str().unwrap().contains("42817"));
    assert_eq!(answer.json.as_object().unwrap().len(), 2);
    assert_eq!(answer.header("content-type"), "application/json");
    let list =
        client.post("/v1/tools/execute", json!({"identifier": "jane", "tool_name": "freshdesk_roles_list"})).await;
    list.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tools_errors_are_problems_of_their_own_codes() {
    let world = World::new().await;
    let client = world.client().await;
    let wrong = client.execute("jane", "freshdesk_ticket_get", json!({"ticket": 1})).await;
    wrong.is_problem(422, "invalid_input");
    assert!(wrong.fields().contains(&"ticket_id"), "{}", wrong.text);
    client.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 1})).await.is_problem(404, "not_found");
    let contact = json!({"name": "Twice", "email": "twice@example.com"});
    client.execute("jane", "freshdesk_contact_create", contact.clone()).await.is(200);
    let conflict = client.execute("jane", "freshdesk_contact_create", contact).await;
    conflict.is_problem(409, "conflict");
    assert!(conflict.json["user_id"].is_u64(), "{}", conflict.text);
    client.execute("jane", "rm", json!({})).await.is_problem(404, "unknown_tool");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_connected_is_given_the_link() {
    let world = World::new().await;
    let client = world.client().await;
    client.execute("nobody", "freshdesk_roles_list", json!({})).await.is_problem(409, "not_connected");
    client.post("/v1/accounts", json!({"identifier": "jo", "expected_email": "jo@acme.example"})).await.is(201);
    let refused = client.execute("jo", "freshdesk_roles_list", json!({})).await;
    refused.is_problem(409, "not_connected");
    assert!(refused.json["connect_url"].as_str().unwrap().starts_with("https://connect.example.com/connect/"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_freshdesk_refuses_is_revoked() {
    let world = World::new().await;
    let client = world.client().await;
    world.simulator.state().helpdesk(seed::LABEL).agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = None;
    client.execute("jane", "freshdesk_roles_list", json!({})).await.is_problem(409, "revoked");
    assert_eq!(client.get("/v1/accounts/jane").await.is(200).json["state"], "revoked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helpdesk_without_calls_left_says_when_to_come_back() {
    let world = World::new().await;
    let client = world.client().await;
    world.simulator.state().helpdesk(seed::LABEL).limits = freshdesk_simulator::Limits::total(1);
    let mut refused = client.execute("jane", "freshdesk_roles_list", json!({})).await;
    for _ in 0..3 {
        if refused.status.as_u16() == 200 {
            refused = client.execute("jane", "freshdesk_roles_list", json!({})).await;
        }
    }
    refused.is_problem(429, "rate_limited");
    let seconds = refused.json["retry_after"].as_u64().unwrap();
    assert_eq!(refused.header("retry-after"), seconds.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_key_or_a_token_is_in_an_answer() {
    let world = World::new().await;
    let client = world.client().await;
    let user = User::new("app", "jo").unwrap();
    world.accounts.get_or_create(&user, &Wish::default()).await.unwrap();
    let link = world.accounts.link(&user, &LinkWish { code: true, ..LinkWish::default() }).await.unwrap();
    let token = client.headers[0].1.strip_prefix("Bearer ").unwrap().to_owned();
    for path in ["/v1/accounts", "/v1/accounts/jane", "/v1/accounts/jo", "/v1/tokens", "/v1/helpdesks", "/v1/tools"] {
        let answer = client.get(path).await;
        for secret in [seed::ADMIN_KEY, token.as_str(), link.url.as_str(), link.code.as_deref().unwrap()] {
            assert!(!answer.is(200).text.contains(secret), "{path}");
        }
    }
    assert_eq!(client.get("/v1/accounts/jo").await.json["person"], Value::Null);
}
