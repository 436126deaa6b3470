//! Replies: `docs/freshdesk.md §6.3` and `§7.5`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desk::Desk;

/// Surprise 14.
#[tokio::test]
async fn a_reply_answers_less_than_a_list_tells() {
    let desk = Desk::open().await;
    let body = json!({ "body": "Hi Sarah, we've reset your session — please try logging in again.",
        "cc_emails": ["manager@acmecorp.com"] });
    let reply = desk.post("/tickets/42817/reply", body).await;
    assert_eq!(reply.status, 201);
    let sent = reply.json();
    let expected = "attachments bcc_emails body body_text cc_emails created_at from_email id source_additional_info \
                    ticket_id to_emails updated_at user_id";
    let keys: BTreeSet<&str> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, expected.split_whitespace().collect());
    assert_eq!(
        (&sent["to_emails"], &sent["cc_emails"]),
        (&json!(["sarah@acmecorp.com"]), &json!(["manager@acmecorp.com"]))
    );
    assert_eq!(sent["from_email"], "Acme Support <support@acme.freshdesk.com>");
    let location = format!("http://acme.freshdesk.com/api/v2/conversations/{}", sent["id"]);
    assert_eq!(reply.header("location"), Some(location.as_str()));

    let listed = desk.get("/tickets/42817/conversations").await.ok().as_array().unwrap().last().unwrap().clone();
    assert_eq!((&listed["id"], &listed["incoming"], &listed["private"]), (&sent["id"], &json!(false), &json!(false)));
    assert_eq!((&listed["source"], &listed["category"]), (&json!(0), &json!(3)));
}

/// Surprise 14.
#[tokio::test]
async fn a_reply_leaves_the_status_and_touches_the_times() {
    let desk = Desk::open().await;
    desk.put("/tickets/42817", json!({ "status": 3 })).await.ok();
    desk.wait(60);
    desk.post("/tickets/42817/reply", json!({ "body": "Done." })).await.ok();
    let ticket = desk.get("/tickets/42817?include=stats").await.ok();
    assert_eq!((&ticket["status"], &ticket["updated_at"]), (&json!(3), &json!("2026-11-20T10:01:48Z")));
    assert_eq!(ticket["stats"]["agent_responded_at"], "2026-11-20T10:01:48Z");
    assert_eq!(ticket["stats"]["first_responded_at"], "2026-11-20T10:01:48Z");
}

/// Surprise 5.
#[tokio::test]
async fn a_reply_takes_no_status_and_no_privacy() {
    let body = json!({ "body": "Hi", "private": true, "status": 4, "incoming": true, "to_emails": ["a@b.example"] });
    Desk::open().await.post("/tickets/42817/reply", body).await.assert_invalid(&[
        ("incoming", "invalid_field"),
        ("private", "invalid_field"),
        ("status", "invalid_field"),
        ("to_emails", "invalid_field"),
    ]);
}

#[tokio::test]
async fn a_reply_needs_a_text_a_known_mailbox_and_a_known_agent() {
    let desk = Desk::open().await;
    desk.post("/tickets/42817/reply", json!({})).await.assert_invalid(&[("body", "missing_field")]);
    desk.post("/tickets/42817/reply", json!({ "body": " " })).await.assert_invalid(&[("body", "invalid_value")]);
    let body = json!({ "body": "Hi", "from_email": "me@elsewhere.example", "user_id": 5 });
    let reply = desk.post("/tickets/42817/reply", body).await;
    reply.assert_invalid(&[("from_email", "invalid_value"), ("user_id", "invalid_value")]);
    assert_eq!(desk.post("/tickets/1/reply", json!({ "body": "Hi" })).await.status, 404);
}

#[tokio::test]
async fn a_reply_may_come_from_another_mailbox_and_agent() {
    let desk = Desk::open().await;
    let body = json!({ "body": "Hi", "from_email": "billing@acme.freshdesk.com", "user_id": 158_017_000_102_u64 });
    let sent = desk.post("/tickets/42817/reply", body).await.ok();
    assert_eq!(sent["from_email"], "Acme Billing <billing@acme.freshdesk.com>");
    assert_eq!(sent["user_id"], 158_017_000_102_u64);
}

/// Surprise 18.
#[tokio::test]
async fn the_same_reply_twice_is_sent_twice() {
    let desk = Desk::open().await;
    let before = desk.get("/tickets/42817/conversations").await.ids().len();
    for _ in 0..2 {
        desk.post("/tickets/42817/reply", json!({ "body": "Hi" })).await.ok();
    }
    assert_eq!(desk.get("/tickets/42817/conversations").await.ids().len(), before + 2);
}

#[tokio::test]
async fn a_reply_on_an_outbound_ticket_leaves_no_response_time() {
    let desk = Desk::open().await;
    desk.post("/tickets/42801/reply", json!({ "body": "Hi" })).await.ok();
    let ticket = desk.get("/tickets/42801?include=stats").await.ok();
    assert_eq!(ticket["stats"]["agent_responded_at"], Value::Null);
}
