//! How Freshdesk refuses: `docs/freshdesk.md §3`.

use bytes::Bytes;
use http_body_util::Full;
use serde_json::json;

use crate::desk::{Desk, Reply};

/// Surprise 3.
#[tokio::test]
async fn a_404_has_an_empty_body() {
    let desk = Desk::open().await;
    for path in ["/tickets/1", "/nowhere", "/agents/1", "/tickets/words"] {
        let reply = desk.get(path).await;
        assert_eq!((reply.status, reply.body.len()), (404, 0), "{path}");
        assert_eq!(reply.header("content-type"), None);
    }
}

/// Surprise 3.
#[tokio::test]
async fn an_unknown_helpdesk_is_an_empty_404() {
    let desk = Desk::open().await;
    for host in ["other.freshdesk.com", "acme.example", "acme.freshdesk.com.example"] {
        let mut request = desk.request("GET", "/agents/me").body(Full::default()).unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        let reply = desk.raw(request).await;
        assert_eq!((reply.status, reply.body.len()), (404, 0), "{host}");
    }
}

/// Surprise 3.
#[tokio::test]
async fn a_405_has_a_message_without_a_code() {
    let reply = Desk::open().await.get("/tickets/42817/reply").await;
    assert_eq!(reply.status, 405);
    let message = "GET method is not allowed. It should be one of these method(s): POST";
    assert_eq!(reply.json(), json!({ "message": message }));
    assert_eq!(reply.header("allow"), Some("POST"));
}

/// Surprise 3.
#[tokio::test]
async fn a_415_has_a_code_that_is_not_documented() {
    let desk = Desk::open().await;
    let form = desk.request("POST", "/tickets/42817/reply").header("content-type", "application/x-www-form-urlencoded");
    let reply = desk.raw(form.body(Full::from("body=Hi")).unwrap()).await;
    assert_eq!(reply.status, 415);
    assert_eq!(reply.json()["code"], "invalid_content_type");
    assert!(reply.json()["message"].as_str().unwrap().contains("application/x-www-form-urlencoded"));
}

/// Surprise 3.
#[tokio::test]
async fn single_errors_have_code_and_message_and_nothing_else() {
    let desk = Desk::open().await;
    let broken = desk.request("POST", "/tickets").header("content-type", "application/json");
    let reply = desk.raw(broken.body(Full::from("{\"subject\":")).unwrap()).await;
    let expected = json!({ "code": "invalid_json", "message": "Request body has invalid json format" });
    assert_eq!((reply.status, reply.json()), (400, expected));
    let reply = unauthorised(&desk, None).await;
    let message = "You have to be logged in to perform this action.";
    assert_eq!((reply.status, reply.json()), (401, json!({ "code": "invalid_credentials", "message": message })));
}

#[tokio::test]
async fn a_key_that_is_not_the_user_of_http_basic_is_a_401() {
    let desk = Desk::open().await;
    for header in ["FAKEkeyOfJaneDoe0001", "Bearer FAKEkeyOfJaneDoe0001", "Basic FAKEkeyOfJaneDoe0001", "Basic Og=="] {
        assert_eq!(unauthorised(&desk, Some(header)).await.status, 401, "{header}");
    }
}

/// Surprise 3: all failing fields come together.
#[tokio::test]
async fn a_validation_error_lists_every_failing_field() {
    let desk = Desk::open().await;
    let body = json!({ "email": "not an address", "subject": 5, "status": 99, "priorty": 2, "custom_fields": { "plan": "x" } });
    desk.post("/tickets", body).await.assert_invalid(&[
        ("custom_fields.plan", "invalid_field"),
        ("description", "missing_field"),
        ("email", "invalid_value"),
        ("priority", "missing_field"),
        ("priorty", "invalid_field"),
        ("status", "invalid_value"),
        ("subject", "datatype_mismatch"),
    ]);
}

#[tokio::test]
async fn a_client_that_cannot_read_json_gets_a_406() {
    let desk = Desk::open().await;
    for (accept, status) in [("application/json", 200), ("*/*", 200), ("text/html", 406), ("application/xml", 406)] {
        let request = desk.request("GET", "/agents/me").header("accept", accept).body(Full::default()).unwrap();
        assert_eq!(desk.raw(request).await.status, status, "{accept}");
    }
}

#[tokio::test]
async fn a_body_where_none_is_wanted_is_refused() {
    let desk = Desk::open().await;
    let reply = desk.send("GET", "/agents/me", Some(json!({}))).await;
    assert_eq!((reply.status, reply.json()["code"].clone()), (400, json!("no_content_required")));
}

/// Surprise 28.
#[tokio::test]
async fn a_doubled_slash_misroutes_a_read_and_not_a_write() {
    let desk = Desk::open().await;
    let doubled = |method: &str, body: Full<Bytes>| {
        let mut request =
            desk.request(method, "/tickets/42817").header("content-type", "application/json").body(body).unwrap();
        *request.uri_mut() = "//api/v2/tickets/42817".parse().unwrap();
        request
    };
    desk.raw(doubled("GET", Full::default())).await.assert_invalid(&[("ticket", "invalid_field")]);
    assert_eq!(desk.raw(doubled("PUT", Full::from("{\"priority\":4}"))).await.status, 200);
}

#[tokio::test]
async fn every_answer_of_a_helpdesk_repeats_its_status_and_has_an_id() {
    let desk = Desk::open().await;
    let (one, other) = (desk.get("/agents/me").await, desk.get("/tickets/1").await);
    assert_eq!(one.header("status"), Some("200 OK"));
    assert_eq!(other.header("status"), Some("404 Not Found"));
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    assert_eq!(one.header("x-freshdesk-api-version"), Some("latest=v2; requested=v2"));
}

async fn unauthorised(desk: &Desk, authorization: Option<&str>) -> Reply {
    let request = desk.anonymous("GET", "/agents/me");
    let request = match authorization {
        None => request,
        Some(header) => request.header("authorization", header),
    };
    desk.raw(request.body(Full::default()).unwrap()).await
}
