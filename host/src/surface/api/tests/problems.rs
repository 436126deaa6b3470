//! Problem documents: all that is no success is one.

use http::Method;
use serde_json::{Map, Value, json};

use super::world::World;
use crate::error::CallError;
use crate::sandbox::SandboxError;
use crate::sandbox::contract::{Contract, ToolError};
use crate::surface::api::code::Code;
use crate::surface::api::problem::Problem;
use axum::body::Body;
use axum::response::IntoResponse;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_paths_and_methods_are_problems_too() {
    let world = World::new().await;
    for client in [world.stranger(), world.client().await] {
        for path in [
            "/v1",
            "/v1/",
            "/v1/x",
            "/v1/accounts/",
            "/v1/accounts/a/b",
            "/v1/accounts/a/links/b",
            "/v1/docs/x",
            "/v1//tools",
        ] {
            client.get(path).await.is_problem(404, "unknown_path");
        }
        for (method, path, allowed) in [
            (Method::PUT, "/v1/accounts", vec!["GET", "HEAD", "POST"]),
            (Method::POST, "/v1/accounts/jane", vec!["DELETE", "GET", "HEAD"]),
            (Method::GET, "/v1/accounts/jane/links", vec!["POST"]),
            (Method::DELETE, "/v1/tools", vec!["GET", "HEAD"]),
            (Method::OPTIONS, "/v1/tools/execute", vec!["POST"]),
            (Method::POST, "/v1/docs", vec!["GET", "HEAD"]),
        ] {
            let refused = client.send(method, path, Body::empty()).await;
            refused.is_problem(405, "wrong_method");
            let mut allow: Vec<_> = refused.header("allow").split(',').map(str::trim).collect();
            allow.sort_unstable();
            assert_eq!(allow, allowed, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_has_no_body() {
    let world = World::new().await;
    let head = world.client().await.send(Method::HEAD, "/v1/tools", Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_is_kept_framed_or_read_by_other_sites() {
    let world = World::new().await;
    let client = world.client().await;
    for path in ["/v1/accounts", "/v1/x", "/v1/docs", "/v1/openapi.json"] {
        let answer = client.with("origin", "https://evil.example").get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");
    }
}

/// The problem document of a tool's error.
async fn written(error: CallError) -> (u16, Value, Option<String>) {
    let response = Problem::from(error).into_response();
    let retry = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap(), retry)
}

#[tokio::test]
async fn each_case_of_the_contract_has_its_status_its_text_and_its_members() {
    let expected = [
        ("invalid_input", 422),
        ("not_connected", 409),
        ("revoked", 409),
        ("forbidden", 403),
        ("not_found", 404),
        ("conflict", 409),
        ("rate_limited", 429),
        ("outcome_unknown", 504),
        ("unavailable", 503),
        ("unexpected", 502),
    ];
    let contract = Contract::load().unwrap();
    let mut cases = contract.error_cases();
    assert_eq!(cases.len(), expected.len());
    for (case, status) in expected {
        cases.retain(|known| known != case);
        let error = contract.error(case, Map::from_iter([("reason".to_owned(), json!("plan"))]));
        let message = error.message.clone();
        let (answered, json, _) = written(CallError::Tool { error, story: "secret story".to_owned() }).await;
        assert_eq!((answered, &json["code"]), (status, &json!(case)));
        assert_eq!((&json["detail"], &json["reason"]), (&json!(message), &json!("plan")));
        assert!(!json.to_string().contains("secret story"));
    }
    assert_eq!(cases, Vec::<String>::new());
}

#[tokio::test]
async fn a_wait_is_in_the_header_and_what_broke_tells_nothing() {
    let detail = Map::from_iter([("retry_after".to_owned(), json!(34))]);
    let error = ToolError { case: "rate_limited".to_owned(), message: "Wait.".to_owned(), detail };
    let (status, json, retry) = written(error.into()).await;
    assert_eq!((status, &json["retry_after"], retry.as_deref()), (429, &json!(34), Some("34")));
    let (status, json, _) = written(CallError::Broken(SandboxError::Invented)).await;
    assert_eq!((status, &json["code"]), (500, &json!("broken")));
    assert!(!json.to_string().contains(&SandboxError::Invented.to_string()));
}

#[test]
fn statuses_are_those_of_http_and_titles_are_sentences_without_an_end() {
    for code in Code::ALL {
        let row = code.row();
        assert!(
            (400..600).contains(&row.status) && !row.title.ends_with('.') && row.advice.ends_with('.'),
            "{}",
            row.name
        );
    }
}
