//! Links: one proof each.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::world::World;
use crate::accounts::Confirmed;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_confirms_whom_it_was_shown_for_the_links_user_alone() {
    let world = World::new().await;
    let client = world.client().await;
    for identifier in ["jo", "eve"] {
        client.post("/v1/accounts", json!({"identifier": identifier})).await.is(201);
    }
    let wish = json!({"return_url": "https://app.example.com/done"});
    let link = client.post("/v1/accounts/jo/links", wish).await;
    let token = link.is(201).json["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    let (_, _, seen) = world.accounts.offer(&token, seed::LABEL, seed::ADMIN_KEY).await.unwrap();
    let Confirmed::Return(back) = world.accounts.accept(&token, &seen, None).await.unwrap() else {
        panic!("no return")
    };
    let confirmation = back.split_once("confirmation=").unwrap().1.split('&').next().unwrap().to_owned();

    let body = json!({"confirmation": confirmation, "show": true});
    let shown = client.post("/v1/accounts/jo/confirmations", body.clone()).await;
    assert_eq!(shown.is(200).json["connected"], false);
    assert_eq!((&shown.json["helpdesk"], &shown.json["person"]["name"]), (&json!("acme"), &json!("Jane Doe")));
    assert_eq!(client.get("/v1/accounts/jo").await.is(200).json["state"], "pending");
    client.post("/v1/accounts/eve/confirmations", body).await.is_problem(422, "unknown_confirmation");

    let confirmed = client.post("/v1/accounts/jo/confirmations", json!({"confirmation": confirmation})).await;
    assert_eq!(confirmed.is(200).json["connected"], true);
    assert_eq!(client.get("/v1/accounts/jo").await.is(200).json["state"], "active");
    let again = client.post("/v1/accounts/jo/confirmations", json!({"confirmation": confirmation})).await;
    again.is_problem(422, "unknown_confirmation");
}
