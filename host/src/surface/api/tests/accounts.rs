//! Accounts: made, read, listed, disconnected.

use serde_json::{Value, json};

use super::world::{TENANT, World};
use crate::accounts::User;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_once_and_set_later() {
    let world = World::new().await;
    let client = world.client().await;
    let wish = json!({"identifier": "user 42@example.com", "name": "Jo", "expected_helpdesk": "acme.freshdesk.com"});
    let made = client.post("/v1/accounts", wish).await;
    made.is(201);
    assert_eq!(made.json["state"], "pending");
    assert_eq!(made.json["expected_helpdesk"], "acme");
    let wish = json!({"identifier": "user 42@example.com", "name": null, "description": "Night shift", "expected_email": "jo@acme.example"});
    let again = client.post("/v1/accounts", wish).await;
    again.is(200);
    assert_eq!(again.json["id"], made.json["id"]);
    for (field, value) in [("name", "Jo"), ("description", "Night shift"), ("expected_email", "jo@acme.example")] {
        assert_eq!(again.json[field], value);
    }
    let read = client.get("/v1/accounts/user%2042%40example.com").await;
    read.is(200);
    assert_eq!(read.json, again.json);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_reads_as_everywhere_else() {
    let world = World::new().await;
    let read = world.client().await.get("/v1/accounts/jane").await;
    let record = world.accounts.get(&User::new(TENANT, "jane").unwrap()).await.unwrap();
    assert_eq!(read.is(200).json, record.to_json());
    assert_eq!(read.json["state"], "active");
    assert_eq!(read.json["person"]["email"], "jane@acme.example");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identifiers_with_signs_of_their_own_are_found_by_their_encoding() {
    let world = World::new().await;
    let client = world.client().await;
    for (identifier, path) in
        [("a/b", "a%2Fb"), ("ä ö", "%C3%A4%20%C3%B6"), ("100%", "100%25"), ("?#&=+", "%3F%23%26%3D%2B"), ("..", "..")]
    {
        client.post("/v1/accounts", json!({"identifier": identifier})).await.is(201);
        let read = client.get(&format!("/v1/accounts/{path}")).await;
        assert_eq!(read.is(200).json["identifier"], identifier);
        client.post(&format!("/v1/accounts/{path}/links"), json!({"code": true})).await.is(201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_accounts_have_each_once() {
    let world = World::new().await;
    let client = world.client().await;
    for number in 0..7 {
        client.post("/v1/accounts", json!({"identifier": format!("user {number}")})).await.is(201);
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/accounts?limit=3".to_owned());
    loop {
        let page = client.get(&path).await;
        let accounts = page.is(200).json["accounts"].as_array().unwrap();
        seen.extend(accounts.iter().map(|account| account["identifier"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        assert_eq!(accounts.len(), 3);
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("after", next).finish();
        path = format!("/v1/accounts?limit=3&{query}");
    }
    let expected = ["jane"].into_iter().map(str::to_owned).chain((0..7).map(|number| format!("user {number}")));
    assert_eq!(seen, expected.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_listed_by_state() {
    let world = World::new().await;
    let client = world.client().await;
    client.post("/v1/accounts", json!({"identifier": "waits"})).await.is(201);
    client.post("/v1/accounts", json!({"identifier": "gone"})).await.is(201);
    client.delete("/v1/accounts/gone").await.is(200);
    for (state, expected) in [("active", "jane"), ("pending", "waits"), ("disconnected", "gone")] {
        let page = client.get(&format!("/v1/accounts?state={state}")).await;
        let names: Vec<_> = page.json["accounts"].as_array().unwrap().iter().map(|one| &one["identifier"]).collect();
        assert_eq!(names, [expected], "{state}");
    }
    assert_eq!(
        client.get("/v1/accounts?state=revoked").await.is(200).json,
        json!({"accounts": [], "next": Value::Null})
    );
    let refused = client.get("/v1/accounts?state=ACTIVE").await;
    assert_eq!(refused.is_problem(400, "invalid_request").fields(), ["state"]);
    assert!(refused.json["detail"].as_str().unwrap().contains("pending, active, revoked, disconnected"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disconnected_account_calls_no_more_and_can_be_made_anew() {
    let world = World::new().await;
    let client = world.client().await;
    client.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await.is(200);
    for _ in 0..2 {
        let gone = client.delete("/v1/accounts/jane").await;
        assert_eq!(gone.is(200).json["state"], "disconnected");
    }
    let asked = world.asked();
    let refused = client.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await;
    refused.is_problem(409, "not_connected");
    assert_eq!(world.asked(), asked);
    let made = client.post("/v1/accounts", json!({"identifier": "jane"})).await;
    assert_eq!(made.is(201).json["state"], "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let client = world.client().await;
    client.get("/v1/accounts/nobody").await.is_problem(404, "unknown_account");
    client.delete("/v1/accounts/nobody").await.is_problem(404, "unknown_account");
    client.post("/v1/accounts/nobody/links", json!({"code": true})).await.is_problem(404, "unknown_account");
    client.post("/v1/accounts/nobody/tokens", json!({"name": "x"})).await.is_problem(404, "unknown_account");
}
