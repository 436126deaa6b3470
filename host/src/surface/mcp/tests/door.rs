//! Who may call, and from where.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::world::{REVISIONS, World};
use crate::accounts::TokenWish;
use crate::surface::mcp::McpSettings;

/// What a request to list tools is answered with.
async fn answered(client: &mut Client) -> Answer {
    let request = client.request("tools/list", json!({}));
    let revision = client.revision;
    client.http().post(&request, revision).await
}

/// A client that shakes no hands.
fn client(world: &World, token: Option<String>) -> Client {
    Client::web(world.router.clone(), token, "2026-07-28", json!({}))
}

#[tokio::test]
async fn who_shows_no_token_or_a_wrong_one_is_challenged() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let good = world.token(&alice, None).await;
    for (token, challenge) in [
        (None, "Bearer"),
        (Some("fdp_wrong".to_owned()), "Bearer error=\"invalid_token\""),
        (Some(format!("{good}x")), "Bearer error=\"invalid_token\""),
    ] {
        let answer = answered(&mut client(&world, token)).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (StatusCode::UNAUTHORIZED, Some(challenge)));
        let error: Value = serde_json::from_str(&answer.text).unwrap();
        assert!(error["error"]["message"].is_string() && error.get("id").is_none(), "{error}");
    }
    assert_eq!(answered(&mut client(&world, Some(good))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_was_revoked_opens_nothing_also_in_a_session() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut clients = Vec::new();
    for revision in REVISIONS {
        clients.push(world.web(&alice, revision).await);
    }
    for token in world.accounts.tokens("app").await.unwrap() {
        world.accounts.revoke_token("app", &token.id).await.unwrap();
    }
    for client in &mut clients {
        assert_eq!(answered(client).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn who_tries_many_tokens_has_to_wait() {
    let world = World::new().await;
    let mut client = client(&world, Some("fdp_wrong".to_owned()));
    let mut last = answered(&mut client).await;
    for _ in 0..50 {
        last = answered(&mut client).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn a_token_for_all_users_is_told_that_it_needs_one() {
    let world = World::new().await;
    let wish =
        TokenWish { tenant: "app".to_owned(), identifier: None, name: "all".to_owned(), expires_at: None, tools: None };
    let (_, token) = world.accounts.create_token(&wish).await.unwrap();
    let answer = answered(&mut client(&world, Some(token))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("make one for a user"), "{}", answer.text);
}

#[tokio::test]
async fn where_nobody_can_be_known_nobody_is_let_in() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let token = world.token(&alice, None).await;
    world.accounts.close().await;
    let status = answered(&mut client(&world, Some(token))).await.status;
    assert!([StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status), "{status}");
}

/// A page of somebody else's that leads its name to this machine says so itself.
#[tokio::test]
async fn pages_and_names_that_are_not_known_are_refused_before_anything_else() {
    let settings = McpSettings {
        origins: vec!["https://app.example.com".to_owned(), "http://localhost:3000".to_owned()],
        hosts: vec!["mcp.example.com".to_owned(), "inside:8080".to_owned()],
        ..McpSettings::default()
    };
    let world = World::with(settings).await;
    let alice = world.connected("alice").await;
    let token = world.token(&alice, None).await;
    let status = async |name: &'static str, value: &str| {
        let mut client = client(&world, Some(token.clone()));
        client.http().headers = vec![(name, value.to_owned())];
        answered(&mut client).await.status
    };
    for good in ["https://app.example.com", "https://APP.example.com:443", "http://localhost:3000", ""] {
        assert_eq!(status("origin", good).await, StatusCode::OK, "{good}");
    }
    for bad in [
        "null",
        "https://evil.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.com",
        "https://app.example.com@evil.com",
        "http://localhost",
        "http://127.0.0.1:8080",
        "file://",
        "x",
    ] {
        assert_eq!(status("origin", bad).await, StatusCode::FORBIDDEN, "{bad}");
    }
    for good in
        ["localhost", "127.0.0.1:1", "[::1]:8080", "connect.example.com", "CONNECT.example.com:443", "inside:8080"]
    {
        assert_eq!(status("host", good).await, StatusCode::OK, "{good}");
    }
    for bad in
        ["evil.example.com", "inside", "inside:81", "127.0.0.1.evil.com", "localhost.evil.com", "10.0.0.1", "a b", ""]
    {
        assert_eq!(status("host", bad).await, StatusCode::FORBIDDEN, "{bad}");
    }
    let mut stranger = client(&world, None);
    stranger.http().headers = vec![("origin", "https://evil.example.com".to_owned())];
    assert_eq!(answered(&mut stranger).await.status, StatusCode::FORBIDDEN, "it is not even asked for a token");
}

#[tokio::test]
async fn two_names_and_two_origins_are_none() {
    let settings = McpSettings { origins: vec!["https://app.example.com".to_owned()], ..McpSettings::default() };
    let world = World::with(settings).await;
    let alice = world.connected("alice").await;
    let mut client = client(&world, Some(world.token(&alice, None).await));
    for (name, value) in [("host", "127.0.0.1:8080"), ("origin", "https://app.example.com")] {
        let message = client.request("tools/list", json!({}));
        let mut request = client.http().request(&message, "2026-07-28");
        request.headers_mut().append(name, value.parse().unwrap());
        request.headers_mut().append(name, "evil.example.com".parse().unwrap());
        let answer = Answer::read(client.http().raw(request).await).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn answers_are_kept_by_nobody() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for mut client in [world.web(&alice, "2026-07-28").await, world.web(&alice, "2025-11-25").await] {
        let answer = answered(&mut client).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_not_there() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let mut client = world.web(&alice, "2026-07-28").await;
    let message = client.request("tools/list", json!({}));
    for (method, status) in [
        (Method::GET, StatusCode::METHOD_NOT_ALLOWED),
        (Method::PUT, StatusCode::METHOD_NOT_ALLOWED),
        (Method::OPTIONS, StatusCode::METHOD_NOT_ALLOWED),
        (Method::DELETE, StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let mut request = client.http().request(&message, "2026-07-28");
        *request.method_mut() = method.clone();
        assert_eq!(client.http().raw(request).await.status(), status, "{method}");
    }
    let mut request = client.http().request(&message, "2026-07-28");
    *request.uri_mut() = "/mcp/".parse().unwrap();
    assert_eq!(client.http().raw(request).await.status(), StatusCode::NOT_FOUND);
}
