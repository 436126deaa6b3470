//! Requests that are not as described.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequest;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::Method;
use http_body::Frame;
use serde_json::json;

use super::world::World;
use crate::surface::api::accounts::AccountWish;
use crate::surface::api::read::Body as Read;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_with_a_body_is_named_together() {
    let world = World::new().await;
    let client = world.client().await;
    let wish = json!({"identifer": "x", "name": 5, "expected_email": "nobody", "description": "a\nb"});
    let refused = client.post("/v1/accounts", wish).await;
    let mut fields = refused.is_problem(400, "invalid_request").fields();
    fields.sort_unstable();
    assert_eq!(fields, ["description", "expected_email", "identifer", "identifier", "name"]);
    assert!(
        refused.json["detail"].as_str().unwrap().contains("identifer: is unknown here; known are identifier, name")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_body_with_a_great_many_mistakes_the_first_are_named() {
    let world = World::new().await;
    let client = world.client().await;
    let many: serde_json::Map<_, _> = (0..20_000).map(|number| (format!("x{number}"), json!(0))).collect();
    let tools = json!({"name": "a", "tools": vec![0; 20_000]});
    for (path, wish) in [("/v1/accounts", many.into()), ("/v1/accounts/alice/tokens", tools)] {
        let refused = client.post(path, wish).await;
        let named = refused.is_problem(400, "invalid_request").fields().len();
        assert!((100..110).contains(&named) && refused.text.len() < 100_000, "{named}, {}", refused.text.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_json_object_is_refused() {
    let world = World::new().await;
    let client = world.client().await;
    let typed = client.with("content-type", "application/json");
    for body in ["", "{", "[]", "null", "\"x\"", "{\"identifier\": \"a\"} x", "\u{feff}{}"] {
        let refused = typed.send(Method::POST, "/v1/accounts", body.to_owned().into()).await;
        refused.is_problem(400, "invalid_request");
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    typed.send(Method::POST, "/v1/accounts", deep.into()).await.is_problem(400, "invalid_request");
    let bytes = Body::from(&b"{\"identifier\": \"\xff\"}"[..]);
    typed.send(Method::POST, "/v1/accounts", bytes).await.is_problem(400, "invalid_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_says_that_it_is_json() {
    let world = World::new().await;
    let client = world.client().await;
    let body = || Body::from("{\"identifier\": \"a\"}");
    client.send(Method::POST, "/v1/accounts", body()).await.is_problem(415, "unsupported_media_type");
    let form = client.with("content-type", "application/x-www-form-urlencoded");
    form.send(Method::POST, "/v1/accounts", body()).await.is_problem(415, "unsupported_media_type");
    let charset = client.with("content-type", "Application/JSON; charset=utf-8");
    charset.send(Method::POST, "/v1/accounts", body()).await.is(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_more_than_a_mebibyte_is_too_large_announced_or_not() {
    let world = World::new().await;
    let client = world.client().await.with("content-type", "application/json");
    let large = vec![b' '; (1 << 20) + 1];
    client.send(Method::POST, "/v1/accounts", large.clone().into()).await.is_problem(413, "too_large");
    let pieces = Pieces(large.chunks(100_000).map(Bytes::copy_from_slice).collect());
    client.send(Method::POST, "/v1/accounts", Body::new(pieces)).await.is_problem(413, "too_large");
    let announced = client.with("content-length", "1048577");
    announced.send(Method::POST, "/v1/accounts", Body::empty()).await.is_problem(413, "too_large");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_that_are_not_described_are_refused_by_name() {
    let world = World::new().await;
    let client = world.client().await;
    for (query, field) in [
        ("stat=active", "stat"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=", "after"),
    ] {
        let refused = client.get(&format!("/v1/accounts?{query}")).await;
        assert_eq!(refused.is_problem(400, "invalid_request").fields(), [field], "{query}");
    }
    for path in ["/v1/accounts/%00", "/v1/accounts/%20x", &format!("/v1/accounts/{}", "x".repeat(201))] {
        assert_eq!(client.get(path).await.is_problem(400, "invalid_request").fields(), ["identifier"], "{path}");
    }
    client.get("/v1/accounts/%ff").await.is_problem(400, "invalid_request");
    client.get("/v1/tools?form=xml").await.is_problem(400, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let request = http::Request::builder().header("content-type", "application/json");
    let request = request.body(Body::new(Never)).unwrap();
    let began = tokio::time::Instant::now();
    let refused = Read::<AccountWish>::from_request(request, &()).await.err().unwrap();
    assert_eq!(refused.into_response().status().as_u16(), 408);
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}

/// A body in pieces, without a length.
struct Pieces(VecDeque<Bytes>);

/// A body that sends nothing and does not end.
struct Never;

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

impl http_body::Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}
