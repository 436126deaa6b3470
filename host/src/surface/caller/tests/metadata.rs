//! What a client is told that shows no token, or a wrong one.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use tower::ServiceExt;

use super::*;

async fn get(router: &Router, path: &str) -> (StatusCode, Value) {
    let answer = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_metadata_names_the_issuer() {
    let world = World::new().await;
    let callers = world.trusting(world.file(&set(&[]))).await;
    let router = router(&callers);
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let (status, document) = get(&router, path).await;
        assert_eq!((status, &document["resource"]), (StatusCode::OK, &json!(RESOURCE)), "{path}");
        assert_eq!(document["authorization_servers"], json!([ISSUER]));
        assert_eq!(document["bearer_methods_supported"], json!(["header"]));
        assert!(document["resource_name"].is_string());
    }
    assert_eq!(get(&router, "/.well-known/oauth-protected-resource/v1").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_challenge_leads_to_the_metadata_where_there_is_an_issuer() {
    let world = World::new().await;
    let callers = world.trusting(world.file(&set(&[]))).await;
    let metadata = "resource_metadata=\"https://connect.example.com/.well-known/oauth-protected-resource/mcp\"";
    assert_eq!(callers.challenge(&Unknown::Missing), format!("Bearer {metadata}"));
    assert_eq!(callers.challenge(&Unknown::Wrong), format!("Bearer error=\"invalid_token\", {metadata}"));
}

#[tokio::test]
async fn without_an_issuer_a_challenge_is_plain_and_there_is_no_metadata() {
    let world = World::new().await;
    let callers = Callers::new(Arc::clone(&world.accounts));
    assert_eq!(callers.challenge(&Unknown::Missing), "Bearer");
    assert_eq!(callers.challenge(&Unknown::Wrong), "Bearer error=\"invalid_token\"");
    let router = router(&callers);
    assert_eq!(get(&router, "/.well-known/oauth-protected-resource").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&router, "/.well-known/oauth-protected-resource/mcp").await.0, StatusCode::NOT_FOUND);
}
