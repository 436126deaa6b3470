//! What receivers get, and what their answers lead to.

use serde_json::{Value, json};
use standardwebhooks::{Webhook, WebhookError};

use super::receiver::{BROKEN, DROPPED, FINE, SILENT};
use super::*;
use crate::webhooks::sign::signature;

/// Long enough for many more tries than there should be.
const A_WHILE: Duration = Duration::from_millis(500);

fn verifier() -> Webhook {
    Webhook::new(KEY).unwrap()
}

#[tokio::test]
async fn an_event_is_delivered_once_and_its_signature_verifies() {
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[FINE]).await);
    world.tenant("acme", &local(receiver.address)).await;
    let id = world.event("acme", "user-1").await;
    let delivering = world.deliver(fast());
    let arrived = receiver.next().await;
    verifier().verify(&arrived.body, &arrived.headers).unwrap();
    assert_eq!(arrived.line, "POST /hooks?for=acme HTTP/1.1");
    assert_eq!(arrived.header("webhook-id"), id);
    assert_eq!(arrived.header("content-type"), "application/json");
    assert_eq!(arrived.header("host"), receiver.address.to_string());
    assert_eq!(arrived.header("user-agent"), concat!("freshdesk-host/", env!("CARGO_PKG_VERSION")));
    let body: Value = serde_json::from_slice(&arrived.body).unwrap();
    let data = json!({
        "tenant": "acme", "identifier": "user-1", "account_id": "acc_acme_user-1", "helpdesk": null,
        "old_state": null, "new_state": "pending", "reason": "created",
    });
    assert_eq!((&body["type"], &body["data"]), (&json!("account.status_changed"), &data));
    assert!(!String::from_utf8_lossy(&arrived.body).contains("jane@"));
    assert_eq!(receiver.within(A_WHILE).await.len(), 0);
    delivering.stop().await;
    assert_eq!(world.trail("webhook.signed").await, [json!({"event": id, "account": "acc_acme_user-1", "tries": 1})]);
}

#[tokio::test]
async fn an_event_comes_again_under_its_id_until_its_receiver_has_it() {
    const MOVED: &str = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let answers = [BROKEN, DROPPED, "no HTTP at all\r\n\r\n", MOVED, SILENT, FINE];
    let (world, mut receiver) = (World::new().await, Receiver::answering(&answers).await);
    world.tenant("acme", &local(receiver.address)).await;
    let id = world.event("acme", "user-1").await;
    let delivering = world.deliver(Pace { patience: Duration::from_secs(2), ..fast() });
    let mut bodies = Vec::new();
    for _ in answers {
        let arrived = receiver.next().await;
        verifier().verify(&arrived.body, &arrived.headers).unwrap();
        assert_eq!((arrived.header("webhook-id"), &*arrived.line), (&*id, "POST /hooks?for=acme HTTP/1.1"));
        bodies.push(arrived.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(receiver.within(A_WHILE).await.len(), 0);
    delivering.stop().await;
    assert_eq!(world.trail("webhook.signed").await.len(), answers.len());
}

#[tokio::test]
async fn an_event_is_given_up_after_nine_tries() {
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[BROKEN]).await);
    world.tenant("acme", &local(receiver.address)).await;
    let id = world.event("acme", "user-1").await;
    let delivering = world.deliver(fast());
    for _ in 0..9 {
        receiver.next().await;
    }
    assert_eq!(receiver.within(A_WHILE).await.len(), 0);
    delivering.stop().await;
    assert_eq!(world.trail("webhook.given_up").await, [json!({"event": id, "account": "acc_acme_user-1", "tries": 9})]);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_no_more_of_it() {
    const GONE: &str = "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[GONE]).await);
    world.tenant("acme", &local(receiver.address)).await;
    world.event("acme", "user-1").await;
    let delivering = world.deliver(fast());
    receiver.next().await;
    assert_eq!(receiver.within(A_WHILE).await.len(), 0);
    delivering.stop().await;
    assert_eq!(world.trail("webhook.given_up").await.len(), 1);
}

#[tokio::test]
async fn a_receiver_gets_the_time_that_it_asks_for() {
    const LATER: &str = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[LATER, FINE]).await);
    world.tenant("acme", &local(receiver.address)).await;
    world.event("acme", "user-1").await;
    let delivering = world.deliver(fast());
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert!(second.at - first.at >= Duration::from_secs(1), "{:?}", second.at - first.at);
    delivering.stop().await;
}

/// The receiver's body goes on; its status is what counts.
#[tokio::test]
async fn what_a_receiver_says_beside_its_status_is_not_waited_for() {
    const ENDLESS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nand then";
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[ENDLESS]).await);
    world.tenant("acme", &local(receiver.address)).await;
    world.event("acme", "user-1").await;
    let delivering = world.deliver(fast());
    receiver.next().await;
    assert_eq!(receiver.within(A_WHILE).await.len(), 0);
    delivering.stop().await;
}

#[tokio::test]
async fn a_slow_receiver_does_not_hold_up_others() {
    let (world, mut slow) = (World::new().await, Receiver::answering(&[SILENT]).await);
    let mut quick = Receiver::answering(&[FINE]).await;
    world.tenant("slow", &local(slow.address)).await;
    world.tenant("quick", &local(quick.address)).await;
    for number in 0..50 {
        world.event("slow", &format!("user-{number}")).await;
    }
    world.event("quick", "user-1").await;
    let delivering = world.deliver(Pace { patience: Duration::from_secs(5), last: Duration::ZERO, ..fast() });
    slow.next().await;
    let before = tokio::time::Instant::now();
    quick.next().await;
    assert!(before.elapsed() < Duration::from_secs(4), "{:?}", before.elapsed());
    assert!(slow.within(A_WHILE).await.len() < 4);
    delivering.stop().await;
}

/// What somebody recorded and sends again later, or as something else, is refused by who checks time and signature.
#[tokio::test]
async fn a_recorded_delivery_does_not_verify_later() {
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[FINE]).await);
    world.tenant("acme", &local(receiver.address)).await;
    let id = world.event("acme", "user-1").await;
    let delivering = world.deliver(fast());
    let arrived = receiver.next().await;
    delivering.stop().await;
    let body = std::str::from_utf8(&arrived.body).unwrap();
    let sent: i64 = arrived.header("webhook-timestamp").parse().unwrap();
    let with = |name: &'static str, value: String| {
        let mut headers = arrived.headers.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let mut old = with("webhook-timestamp", (sent - 600).to_string());
    old.insert("webhook-signature", signature(&KEY.into(), &id, sent - 600, body).unwrap().parse().unwrap());
    assert!(matches!(verifier().verify(&arrived.body, &old), Err(WebhookError::TimestampTooOldError)));
    for other in [with("webhook-timestamp", (sent + 1).to_string()), with("webhook-id", "evt_other".to_owned())] {
        assert!(matches!(verifier().verify(&arrived.body, &other), Err(WebhookError::InvalidSignature)));
    }
    let other = body.replace("pending", "active");
    assert!(matches!(verifier().verify(other.as_bytes(), &arrived.headers), Err(WebhookError::InvalidSignature)));
}
