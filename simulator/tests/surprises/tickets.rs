//! One ticket in its four shapes: `docs/freshdesk.md §6.1`, `§6.2` and `§7.2`.

use std::collections::BTreeSet;

use freshdesk_simulator::Conversation;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Surprise 15.
#[tokio::test]
async fn create_view_update_and_list_have_different_keys() {
    let desk = Desk::open().await;
    let ticket =
        json!({ "email": "sarah@acmecorp.com", "subject": "a", "description": "b", "status": 2, "priority": 1 });
    let created = keys(&desk.post("/tickets", ticket).await.ok());
    let viewed = keys(&desk.get("/tickets/42818").await.ok());
    let updated = keys(&desk.put("/tickets/42818", json!({ "priority": 2 })).await.ok());
    let listed = keys(&desk.get("/tickets").await.ok()[0]);
    let in_shapes = |key: &str| {
        let shapes = [('C', &created), ('V', &viewed), ('U', &updated), ('L', &listed)];
        shapes.iter().filter(|(_, keys)| keys.contains(key)).map(|(name, _)| *name).collect::<String>()
    };
    for (key, shapes) in [
        ("id", "CVUL"),
        ("ticket_bcc_emails", "CVUL"),
        ("custom_fields", "CVUL"),
        ("description", "CVU"),
        ("attachments", "CVU"),
        ("association_type", "VL"),
        ("associated_tickets_count", "L"),
        ("form_id", "CL"),
        ("sentiment_score", "VUL"),
        ("initial_sentiment_score", "VL"),
        ("source_additional_info", "V"),
        ("deleted", ""),
        ("urgent", ""),
    ] {
        assert_eq!(in_shapes(key), shapes, "{key}");
    }
}

/// Surprise 16.
#[tokio::test]
async fn lists_of_addresses_are_null_on_tickets_that_came_with_the_account() {
    let ticket = Desk::open().await.get("/tickets/42790").await.ok();
    for key in ["cc_emails", "fwd_emails", "reply_cc_emails", "ticket_cc_emails"] {
        assert_eq!(ticket[key], Value::Null, "{key}");
    }
}

/// Surprise 12.
#[tokio::test]
async fn stats_have_eight_times() {
    let ticket = Desk::open().await.get("/tickets/42817?include=stats").await.ok();
    let expected = "agent_responded_at closed_at first_responded_at pending_since reopened_at requester_responded_at \
                    resolved_at status_updated_at";
    assert_eq!(keys(&ticket["stats"]), expected.split_whitespace().map(str::to_owned).collect());
}

/// Surprise 13.
#[tokio::test]
async fn the_oldest_ten_conversations_are_embedded() {
    let desk = Desk::open().await;
    let now = desk.simulator.state().clock.now();
    desk.helpdesk(|helpdesk| {
        for number in 0..12 {
            let note =
                Conversation::note(900 + number, 42_815, 1, "note", now - time::Duration::minutes(number as i64));
            helpdesk.conversations.insert(note.id, note);
        }
    });
    let ticket = desk.get("/tickets/42815?include=conversations").await.ok();
    let embedded: Vec<u64> =
        ticket["conversations"].as_array().unwrap().iter().map(|note| note["id"].as_u64().unwrap()).collect();
    assert_eq!(embedded, (902..912).rev().collect::<Vec<u64>>());
    let all = desk.get("/tickets/42815/conversations").await;
    assert_eq!(all.ids(), (900..912).rev().collect::<Vec<u64>>());
}

/// Surprise 26.
#[tokio::test]
async fn a_line_break_is_a_newline_in_a_description_and_a_space_in_a_conversation() {
    let ticket = Desk::open().await.get("/tickets/42817?include=conversations").await.ok();
    assert!(ticket["description_text"].as_str().unwrap().starts_with("Hello,\nsince"));
    assert_eq!(ticket["conversations"][1]["body_text"], "It happened again. Is there any news?");
}

#[tokio::test]
async fn requester_and_company_are_embedded_on_request() {
    let desk = Desk::open().await;
    let ticket = desk.get("/tickets/42817?include=requester,company").await.ok();
    assert_eq!(ticket["requester"]["email"], "sarah@acmecorp.com");
    assert_eq!(keys(&ticket["requester"]).len(), 5);
    assert_eq!(ticket["company"]["name"], "Acme Corp");
    let alone = desk.get("/tickets/42790?include=company").await.ok();
    assert_eq!(alone["company"], json!({}), "her requester has no company");
}

#[tokio::test]
async fn an_unknown_include_is_a_400() {
    let desk = Desk::open().await;
    desk.get("/tickets/42817?include=description").await.assert_invalid(&[("include", "invalid_value")]);
    desk.get("/tickets/42817?include=stats,%20requester").await.assert_invalid(&[("include", "invalid_value")]);
    desk.get("/tickets/42817?per_page=5").await.assert_invalid(&[("per_page", "invalid_field")]);
}

#[tokio::test]
async fn a_deleted_ticket_can_still_be_viewed_and_says_so() {
    let desk = Desk::open().await;
    assert_eq!(desk.get("/tickets/42811").await.ok()["deleted"], true);
    assert_eq!(desk.get("/tickets/42817").await.ok().get("deleted"), None);
}

/// Surprise 23.
#[tokio::test]
async fn fields_of_tickets_have_a_prefix_and_unset_ones_are_null() {
    let ticket = Desk::open().await.get("/tickets/42817").await.ok();
    assert_eq!(ticket["custom_fields"], json!({ "cf_plan": "Business", "cf_order_number": null }));
}

#[tokio::test]
async fn association_is_shown_by_a_view_only_when_there_is_one() {
    let desk = Desk::open().await;
    assert_eq!(desk.get("/tickets/42817").await.ok().get("associated_tickets_list"), None);
    let child = json!({ "email": "sarah@acmecorp.com", "subject": "a", "description": "b", "status": 2, "priority": 1,
        "parent_id": 42817 });
    desk.post("/tickets", child).await.ok();
    let parent = desk.get("/tickets/42817").await.ok();
    assert_eq!((&parent["association_type"], &parent["associated_tickets_list"]), (&json!(1), &json!([42818])));
    assert_eq!(desk.get("/tickets/42818").await.ok()["association_type"], 2);
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}
