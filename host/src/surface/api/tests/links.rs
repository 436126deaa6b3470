//! Links: one proof each.

use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_has_the_proof_that_was_asked_for() {
    let world = World::new().await;
    let client = world.client().await;
    client.post("/v1/accounts", json!({"identifier": "jo", "expected_email": "jo@acme.example"})).await.is(201);
    for wish in [
        json!({}),
        json!({"email": "jo@acme.example"}),
        json!({"return_url": "https://app.example.com/done", "return_state": "7f3a", "allow_other": true}),
    ] {
        let link = client.post("/v1/accounts/jo/links", wish).await;
        assert!(link.is(201).json["url"].as_str().unwrap().starts_with("https://connect.example.com/connect/"));
        assert_eq!(link.json["code"], Value::Null);
        assert_eq!(link.header("cache-control"), "no-store");
    }
    let link = client.post("/v1/accounts/jo/links", json!({"code": true})).await;
    assert_eq!(link.is(201).json["code"].as_str().unwrap().len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_without_one_proof_is_refused_with_what_to_do() {
    let world = World::new().await;
    let client = world.client().await;
    for (wish, says) in [
        (json!({}), "has to show that its holder is its user"),
        (json!({"email": "a@b.example", "code": true}), "one proof"),
        (json!({"return_url": "https://evil.example/"}), "return URLs"),
        (json!({"code": true, "return_state": "x"}), "goes with a return URL"),
    ] {
        let refused = client.post("/v1/accounts/jane/links", wish).await;
        refused.is_problem(422, "refused");
        assert!(refused.json["detail"].as_str().unwrap().contains(says), "{}", refused.text);
    }
}
