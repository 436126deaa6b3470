//! Tokens: minted for one user, listed, revoked.

use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minted_token_calls_for_its_user_until_it_is_revoked() {
    let world = World::new().await;
    let client = world.client().await;
    let minted = client.post("/v1/accounts/jane/tokens", json!({"name": "triage"})).await;
    let about = &minted.is(201).json["about"];
    assert_eq!(
        (&about["identifier"], &about["name"], &about["tools"]),
        (&json!("jane"), &json!("triage"), &Value::Null)
    );
    assert!(about["expires_at"].as_str().unwrap() > about["created_at"].as_str().unwrap());
    let agent = world.client_with(minted.json["token"].as_str().unwrap());
    agent.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await.is(200);
    let path = format!("/v1/tokens/{}", about["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.is(204).text, "");
    let refused = agent.get("/v1/accounts/jane").await;
    refused.is_problem(401, "unauthorized");
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    client.delete(&path).await.is_problem(404, "unknown_token");
    client.delete("/v1/tokens/tok_unknown").await.is_problem(404, "unknown_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_some_tools_calls_no_others() {
    let world = World::new().await;
    let client = world.client().await;
    let wish = json!({"name": "reader", "lifetime_seconds": 60, "tools": ["freshdesk_ticket_get"]});
    let minted = client.post("/v1/accounts/jane/tokens", wish).await;
    assert_eq!(minted.is(201).json["about"]["tools"], json!(["freshdesk_ticket_get"]));
    let agent = world.client_with(minted.json["token"].as_str().unwrap());
    let tools = agent.get("/v1/tools").await;
    assert_eq!(tools.is(200).json["tools"].as_array().unwrap().len(), 1);
    agent.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await.is(200);
    let asked = world.asked();
    agent.execute("jane", "freshdesk_tickets_list", json!({})).await.is_problem(403, "forbidden_token");
    assert_eq!(world.asked(), asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_that_cannot_be_names_what_is_wrong() {
    let world = World::new().await;
    let client = world.client().await;
    for (wish, fields) in [
        (json!({}), vec!["name"]),
        (json!({"name": "x", "tools": ["freshdesk_ticket_get", "rm"]}), vec!["tools[1]"]),
        (json!({"name": "x", "lifetime_seconds": 0}), vec!["lifetime_seconds"]),
        (json!({"name": "x", "lifetime_seconds": 31_536_001}), vec!["lifetime_seconds"]),
        (json!({"name": "x", "lifetime_seconds": 1.5}), vec!["lifetime_seconds"]),
        (json!({"name": "x", "tools": []}), vec!["tools"]),
    ] {
        let refused = client.post("/v1/accounts/jane/tokens", wish).await;
        assert_eq!(refused.is_problem(400, "invalid_request").fields(), fields);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_tokens_have_each_once_and_none_shows_a_token() {
    let world = World::new().await;
    let client = world.client().await;
    let mut names = vec!["a test".to_owned()];
    for number in 0..5 {
        let name = format!("token {number}");
        client.post("/v1/accounts/jane/tokens", json!({"name": name})).await.is(201);
        names.push(name);
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/tokens?limit=2".to_owned());
    loop {
        let page = client.get(&path).await;
        assert!(!page.is(200).text.contains("fdp_"));
        let tokens = page.json["tokens"].as_array().unwrap();
        seen.extend(tokens.iter().map(|token| token["name"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/v1/tokens?limit=2&after={next}");
    }
    seen.sort();
    assert_eq!(seen, names);
}
