//! What goes wrong on request.

use std::time::{Duration, Instant};

use freshdesk_simulator::{Fault, FaultAction};
use http_body_util::{BodyExt, Full};
use serde_json::json;

use crate::desk::{Desk, Reply};

#[tokio::test]
async fn a_reset_closes_the_connection_before_the_request_runs() {
    let desk = Desk::open().await;
    assert!(reply_under(&desk, FaultAction::Reset).await.is_err());
    assert_eq!(conversations(&desk), 4);
    let journal = desk.simulator.state().journal.clone();
    assert_eq!((journal.len(), journal[0].status, journal[0].credits), (1, 0, 0));
}

#[tokio::test]
async fn a_late_reset_closes_the_connection_after_the_request_ran() {
    let desk = Desk::open().await;
    assert!(reply_under(&desk, FaultAction::ResetAfter).await.is_err());
    assert_eq!(conversations(&desk), 5);
    let journal = desk.simulator.state().journal.clone();
    assert_eq!((journal[0].status, journal[0].credits), (0, 1));
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_brings() {
    let desk = Desk::open().await;
    desk.simulator.state().faults.push(Fault::once(FaultAction::Truncate(10)));
    let request = desk.request("GET", "/tickets/42817").body(Full::default()).unwrap();
    let mut response = desk.begin(request).await.unwrap();
    let promised: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert_eq!(response.status(), 200);
    assert!(promised > 1000);
    let part = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(part.len(), 10);
    assert!(response.body_mut().frame().await.unwrap().is_err());
}

#[tokio::test]
async fn a_slow_body_is_whole_in_the_end() {
    let desk = Desk::open().await;
    let slow = FaultAction::SlowBody { chunk: 1000, pause: Duration::from_millis(20) };
    desk.simulator.state().faults.push(Fault::once(slow));
    let begun = Instant::now();
    let ticket = desk.get("/tickets/42817").await.ok();
    assert_eq!(ticket["id"], 42_817);
    assert!(begun.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_delayed_answer_comes_late_though_the_request_ran_at_once() {
    let desk = Desk::open().await;
    let begun = Instant::now();
    let reply = reply_under(&desk, FaultAction::Delay(Duration::from_millis(80))).await.unwrap();
    assert_eq!(reply.status, 201);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    desk.simulator.state().faults.push(Fault::once(FaultAction::Delay(Duration::from_secs(3600))));
    let request = desk.request("POST", "/tickets/42817/reply").header("content-type", "application/json");
    let given_up = desk.try_raw(request.body(Full::from("{\"body\":\"Hi\"}")).unwrap());
    assert!(tokio::time::timeout(Duration::from_millis(80), given_up).await.is_err());
    assert_eq!(conversations(&desk), 6);
}

#[tokio::test]
async fn an_answer_of_choice_is_given_as_it_is_and_nothing_runs() {
    let desk = Desk::open().await;
    let headers = vec![("content-type".to_owned(), "text/html".to_owned()), ("x-own".to_owned(), "1".to_owned())];
    let bad_gateway = FaultAction::Respond { status: 502, headers, body: b"<html>Bad gateway</html>".to_vec() };
    let reply = reply_under(&desk, bad_gateway).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (502, &b"<html>Bad gateway</html>"[..]));
    assert_eq!((reply.header("x-own"), reply.header("x-ratelimit-total")), (Some("1"), None));
    assert_eq!((conversations(&desk), desk.helpdesk(|helpdesk| helpdesk.spend.used)), (4, 0));
}

#[tokio::test]
async fn a_fault_befalls_what_it_names_as_often_as_it_says() {
    let desk = Desk::open().await;
    let teapot = FaultAction::Respond { status: 418, headers: Vec::new(), body: Vec::new() };
    desk.simulator.state().faults.push(Fault { times: 2, ..Fault::on("GET", "/tickets", teapot) });
    assert_eq!(desk.get("/agents/me").await.status, 200);
    assert_eq!(desk.put("/tickets/42817", json!({})).await.status, 200);
    assert_eq!(desk.get("/tickets/42817").await.status, 418);
    assert_eq!(desk.get("/tickets").await.status, 418);
    assert_eq!(desk.get("/tickets").await.status, 200);
    assert!(desk.simulator.state().faults.is_empty());
}

/// Sends a reply that this befalls.
async fn reply_under(desk: &Desk, action: FaultAction) -> hyper::Result<Reply> {
    desk.simulator.state().faults.push(Fault::on("POST", "/tickets/42817/reply", action));
    let request = desk.request("POST", "/tickets/42817/reply").header("content-type", "application/json");
    desk.try_raw(request.body(Full::from("{\"body\":\"Hi\"}")).unwrap()).await
}

fn conversations(desk: &Desk) -> usize {
    desk.helpdesk(|helpdesk| helpdesk.conversations.len())
}
