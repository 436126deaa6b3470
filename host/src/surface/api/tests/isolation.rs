//! What a token is not for.

use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::client::Client;
use super::world::World;
use crate::accounts::{Caller, TokenWish, User};
use crate::surface::api::who::Who;

/// All that changes, reads or uses a user's account.
async fn all_of(client: &Client, identifier: &str) -> Vec<(String, u16, Value)> {
    let mut answers = Vec::new();
    let account = format!("/v1/accounts/{identifier}");
    for (method, path, body) in [
        (Method::GET, account.clone(), Value::Null),
        (Method::POST, "/v1/accounts".to_owned(), json!({"identifier": identifier, "name": "Mine"})),
        (Method::POST, format!("{account}/links"), json!({"code": true})),
        (Method::POST, format!("{account}/tokens"), json!({"name": "mine"})),
        (
            Method::POST,
            "/v1/tools/execute".to_owned(),
            json!({"identifier": identifier, "tool_name": "freshdesk_roles_list"}),
        ),
        (Method::DELETE, account.clone(), Value::Null),
    ] {
        let answer = match method {
            Method::POST => client.post(&path, body).await,
            method => client.send(method, &path, axum::body::Body::empty()).await,
        };
        answers.push((path, answer.status.as_u16(), answer.json["code"].clone()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_finds_nothing_of_another() {
    let world = World::new().await;
    let (client, other) = (world.client().await, world.other().await);
    let before = client.get("/v1/accounts/jane").await.json;
    let asked = world.asked();
    other.get("/v1/accounts/jane").await.is_problem(404, "unknown_account");
    other.delete("/v1/accounts/jane").await.is_problem(404, "unknown_account");
    other.post("/v1/accounts/jane/links", json!({"code": true})).await.is_problem(404, "unknown_account");
    other.post("/v1/accounts/jane/tokens", json!({"name": "x"})).await.is_problem(404, "unknown_account");
    other.execute("jane", "freshdesk_roles_list", json!({})).await.is_problem(409, "not_connected");
    assert_eq!(other.get("/v1/accounts").await.is(200).json["accounts"], json!([]));
    let own = client.get("/v1/tokens").await.json["tokens"][0]["id"].as_str().unwrap().to_owned();
    other.delete(&format!("/v1/tokens/{own}")).await.is_problem(404, "unknown_token");
    let tokens = other.get(&format!("/v1/tokens?after={own}")).await;
    assert_eq!(tokens.is(200).json["tokens"], json!([]));
    other.post("/v1/accounts", json!({"identifier": "jane", "name": "Theirs"})).await.is(201);
    other.delete("/v1/accounts/jane").await.is(200);
    assert_eq!(client.get("/v1/accounts/jane").await.is(200).json, before);
    assert_eq!(world.asked(), asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_one_user_does_that_users_calls_and_no_more() {
    let world = World::new().await;
    world.connect("joe").await;
    let agent = world.agent("jane").await;
    let own: Vec<_> = all_of(&agent, "jane").await.into_iter().map(|(_, status, _)| status).collect();
    assert_eq!(own, [200, 403, 403, 403, 200, 403]);
    for (path, status, code) in all_of(&agent, "joe").await.into_iter().chain(all_of(&agent, "nobody").await) {
        assert_eq!((status, code), (403, json!("forbidden_token")), "{path}");
    }
    for path in ["/v1/accounts", "/v1/tokens", "/v1/helpdesks", "/v1/accounts?after=a"] {
        agent.get(path).await.is_problem(403, "forbidden_token");
    }
    agent.delete("/v1/tokens/tok_x").await.is_problem(403, "forbidden_token");
    agent.get("/v1/tools").await.is(200);
    assert_eq!(world.client().await.get("/v1/accounts/joe").await.json["state"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_some_tools_makes_none_for_more() {
    let world = World::new().await;
    let tools = Some(vec!["freshdesk_roles_list".to_owned()]);
    let limited = world.client_of(TokenWish { tenant: "app".to_owned(), tools, ..TokenWish::default() }).await;
    let statuses: Vec<_> = all_of(&limited, "jane").await.into_iter().map(|(_, status, _)| status).collect();
    assert_eq!(statuses, [200, 403, 403, 403, 200, 403]);
    limited.get("/v1/accounts").await.is_problem(403, "forbidden_token");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_speaks_for_its_own_user_in_its_own_tenant_alone(
        bound in prop::option::of("[a-c]{1,2}"),
        tools in prop::option::of(Just(vec!["freshdesk_roles_list".to_owned()])),
        identifier in prop_oneof!["[a-c]{1,2}", "[ -~]{0,4}"],
    ) {
        let caller = Caller { tenant: "app".to_owned(), identifier: bound.clone(), token: "t".to_owned(), tools: tools.clone() };
        let who = Who(caller);
        let valid = User::new("app", &identifier).is_ok();
        let own = bound.as_ref().is_none_or(|own| *own == identifier);
        let whole = bound.is_none() && tools.is_none();
        prop_assert_eq!(who.own(&identifier).is_ok(), valid && own);
        prop_assert_eq!(who.user(&identifier).is_ok(), valid && whole);
        prop_assert_eq!(who.tenant().is_ok(), whole);
        if let Ok(user) = who.own(&identifier) {
            prop_assert_eq!((user.tenant(), user.identifier()), ("app", identifier.as_str()));
        }
    }
}

/// Whatever is asked for, with whatever names, a token that is none gets nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_nothing_is_answered_but_the_description() {
    let world = World::new().await;
    let stranger = world.stranger();
    for (path, status, code) in all_of(&stranger, "jane").await {
        assert_eq!((status, code), (401, json!("unauthorized")), "{path}");
    }
    for path in ["/v1/accounts", "/v1/tokens", "/v1/helpdesks", "/v1/tools", "/v1/tools?form=nonsense"] {
        let refused = stranger.get(path).await;
        refused.is_problem(401, "unauthorized");
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
    }
    for path in ["/v1/openapi.json", "/v1/docs"] {
        stranger.get(path).await.is(200);
    }
    for header in ["Bearer", "Bearer fdp_", "Basic eDp5", "Bearer fdp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"]
    {
        stranger.with("authorization", header).get("/v1/tools").await.is_problem(401, "unauthorized");
    }
}
