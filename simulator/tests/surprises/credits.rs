//! Credits, windows and limits: `docs/freshdesk.md §2`.

use std::time::Duration;

use freshdesk_simulator::{Limits, Plan, SubLimit};
use serde_json::json;

use crate::desk::Desk;

/// Surprise 1.
#[tokio::test]
async fn what_is_left_is_a_decimal_and_what_a_call_costs_an_integer() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.subscribe(Plan::Trial));
    let reply = desk.get("/agents/me").await;
    assert_eq!(reply.header("x-ratelimit-total"), Some("50.0"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("49.0"));
    assert_eq!(reply.header("x-ratelimit-used-currentrequest"), Some("1"));
}

/// Surprise 2.
#[tokio::test]
async fn an_exhausted_window_tells_how_long_to_wait_and_promises_no_body() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.limits = Limits::total(1));
    assert_eq!(desk.get("/agents/me").await.header("retry-after"), None);
    desk.wait(26);
    let reply = desk.get("/agents/me").await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("retry-after"), Some("34"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("0.0"));
}

/// Surprise 2: it is 10:00:48 when the window opens.
#[tokio::test]
async fn the_window_is_not_the_minute_of_the_clock() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.limits = Limits::total(1));
    assert_eq!(desk.get("/agents/me").await.status, 200);
    desk.wait(14);
    assert_eq!(desk.get("/agents/me").await.status, 429, "10:01:02 is another minute and the same window");
    desk.wait(46);
    assert_eq!(desk.get("/agents/me").await.status, 200, "60 seconds after the first call");
}

#[tokio::test]
async fn the_length_of_the_window_is_a_setting() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| {
        helpdesk.limits = Limits::total(1);
        helpdesk.window = Duration::from_secs(5);
    });
    assert_eq!(desk.get("/agents/me").await.status, 200);
    assert_eq!(desk.get("/agents/me").await.header("retry-after"), Some("5"));
    desk.wait(5);
    assert_eq!(desk.get("/agents/me").await.status, 200);
}

/// Surprise 12.
#[tokio::test]
async fn an_include_costs_one_on_a_view_and_two_on_a_list() {
    let desk = Desk::open().await;
    for (path, credits) in [
        ("/tickets/42817", "1"),
        ("/tickets/42817?include=conversations", "2"),
        ("/tickets/42817?include=company,requester", "3"),
        ("/tickets?include=stats", "3"),
        ("/tickets?include=stats,requester,description", "7"),
    ] {
        let reply = desk.get(path).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-ratelimit-used-currentrequest"), Some(credits), "{path}");
    }
    assert_eq!(desk.helpdesk(|helpdesk| helpdesk.spend.used), 16);
}

/// Surprise 30.
#[tokio::test]
async fn a_call_that_fails_costs_a_credit_too() {
    let desk = Desk::open().await;
    for (path, status) in
        [("/tickets/1", 404), ("/nowhere", 404), ("/tickets?page=301", 400), ("/tickets/1/reply", 405)]
    {
        assert_eq!(desk.get(path).await.status, status, "{path}");
    }
    assert_eq!(desk.post("/tickets", json!({})).await.status, 400);
    let desk = desk.with_key("FAKEkeyOfNobody00000");
    let reply = desk.get("/agents/me").await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("694.0"));
}

#[tokio::test]
async fn credits_belong_to_the_account_and_not_to_a_key() {
    let desk = Desk::open().await;
    desk.get("/agents/me").await;
    let desk = desk.with_key(freshdesk_simulator::seed::AGENT_KEY);
    assert_eq!(desk.get("/agents/me").await.header("x-ratelimit-remaining"), Some("698.0"));
}

#[tokio::test]
async fn single_operations_have_limits_of_their_own() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.limits = Limits::of(700, [1, 1, 1, 1]));
    for (method, path) in [("POST", "/tickets"), ("PUT", "/tickets/42817"), ("GET", "/tickets"), ("GET", "/contacts")] {
        let body = (method != "GET").then(|| json!({}));
        assert_ne!(desk.send(method, path, body.clone()).await.status, 429, "{method} {path}");
        let reply = desk.send(method, path, body).await;
        assert_eq!(reply.status, 429, "{method} {path}");
        assert_eq!(reply.header("retry-after"), Some("60"));
    }
    assert_eq!(desk.get("/agents/me").await.status, 200, "the total is not reached");
    desk.wait(60);
    assert_eq!(desk.get("/tickets").await.status, 200);
}

#[test]
fn plans_have_their_published_limits() {
    let growth = Plan::Growth.limits();
    assert_eq!((growth.total, growth.operations[&SubLimit::TicketsList]), (200, 20));
    assert_eq!(Plan::Pro.limits().operations[&SubLimit::TicketCreate], 160);
    assert_eq!(Plan::Enterprise.limits().total, 700);
    assert!(Plan::Trial.limits().operations.is_empty());
}

#[tokio::test]
async fn the_free_plan_has_no_api() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.subscribe(Plan::Free));
    let reply = desk.get("/agents/me").await;
    assert_eq!((reply.status, reply.json()["code"].clone()), (403, json!("require_feature")));
}
