//! Creating and updating tickets: `docs/freshdesk.md §7.1` and `§7.3`.

use freshdesk_simulator::{CustomField, Feature, FieldKind};
use serde_json::{Value, json};

use crate::desk::Desk;

/// What the default form demands beside a requester.
fn ticket(more: Value) -> Value {
    let mut ticket = json!({ "subject": "Printer", "description": "It is on fire.", "status": 2, "priority": 1 });
    ticket.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ticket
}

#[tokio::test]
async fn a_ticket_is_made_with_the_next_number_and_its_address() {
    let desk = Desk::open().await;
    let body = json!({ "subject": "Login issue after password reset",
        "description": "User unable to log in after resetting password.", "email": "sarah@acmecorp.com",
        "priority": 2, "status": 2, "tags": ["auth", "login"] });
    let reply = desk.post("/tickets", body).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("location"), Some("http://acme.freshdesk.com/api/v2/tickets/42818"));
    let made = reply.json();
    assert_eq!((&made["id"], &made["requester_id"]), (&json!(42_818), &json!(158_017_000_701_u64)));
    assert_eq!((&made["source"], &made["type"]), (&json!(2), &Value::Null));
    assert_eq!(made["company_id"], 158_017_000_301_u64, "the requester's company");
    assert!(made["email_config_id"].is_u64() && made["product_id"].is_u64(), "filled in from the mailbox");
}

/// Surprise 6.
#[tokio::test]
async fn a_number_in_a_string_fails() {
    let desk = Desk::open().await;
    let reply = desk.post("/tickets", ticket(json!({ "email": "a@b.example", "status": "2", "group_id": "7" }))).await;
    reply.assert_invalid(&[("group_id", "datatype_mismatch"), ("status", "datatype_mismatch")]);
    let errors = reply.json()["errors"].clone();
    let status = errors.as_array().unwrap().iter().find(|error| error["field"] == "status").unwrap();
    let message = "Value set is of type String.It should be one of these values: '2,3,4,5,6,7'";
    assert_eq!(status["message"], message);
}

/// Surprise 7.
#[tokio::test]
async fn the_default_form_demands_what_the_reference_calls_optional() {
    let desk = Desk::open().await;
    let bare = json!({ "email": "sarah@acmecorp.com" });
    desk.post("/tickets", bare.clone()).await.assert_invalid(&[
        ("description", "missing_field"),
        ("priority", "missing_field"),
        ("status", "missing_field"),
        ("subject", "missing_field"),
    ]);
    desk.helpdesk(|helpdesk| helpdesk.strict = false);
    let made = desk.post("/tickets", bare).await.ok();
    assert_eq!((&made["status"], &made["priority"], &made["subject"]), (&json!(2), &json!(1), &Value::Null));
}

/// Surprise 8.
#[tokio::test]
async fn deadlines_are_null_after_a_create_and_stale_after_an_update() {
    let desk = Desk::open().await;
    let made = desk.post("/tickets", ticket(json!({ "email": "sarah@acmecorp.com" }))).await.ok();
    assert_eq!((&made["due_by"], &made["fr_due_by"]), (&Value::Null, &Value::Null));
    desk.wait(3);
    let low = desk.get("/tickets/42818").await.ok()["due_by"].clone();
    assert_eq!(low, "2026-11-23T10:00:48Z");
    assert_eq!(desk.put("/tickets/42818", json!({ "priority": 4 })).await.ok()["due_by"], low);
    desk.wait(3);
    assert_eq!(desk.get("/tickets/42818").await.ok()["due_by"], "2026-11-20T14:00:48Z");
    let moved = json!({ "due_by": "2026-12-01T12:00:00+01:00" });
    assert_eq!(desk.put("/tickets/42818", moved).await.ok()["due_by"], "2026-11-20T14:00:48Z");
    assert_eq!(desk.get("/tickets/42818").await.ok()["due_by"], "2026-12-01T11:00:00Z");
}

/// Surprise 17.
#[tokio::test]
async fn six_attributes_name_a_requester() {
    let desk = Desk::open().await;
    desk.post("/tickets", ticket(json!({}))).await.assert_invalid(&[("requester_id", "missing_field")]);
    for named in [
        json!({ "requester_id": 158_017_000_701_u64 }),
        json!({ "email": "new@customer.example" }),
        json!({ "phone": "+1 555 0199", "name": "Nina" }),
        json!({ "facebook_id": "priya.nair.fb" }),
        json!({ "twitter_id": "nina" }),
        json!({ "unique_external_id": "NX-1" }),
    ] {
        assert_eq!(desk.post("/tickets", ticket(named.clone())).await.status, 201, "{named}");
    }
    let made =
        desk.helpdesk(|helpdesk| helpdesk.contacts.values().filter(|contact| contact.id > 158_018_000_000).count());
    assert_eq!(made, 4, "address, phone, twitter and external id make a contact when they are unknown");
}

/// Surprise 17.
#[tokio::test]
async fn a_phone_alone_needs_a_name_and_a_facebook_id_must_exist() {
    let desk = Desk::open().await;
    let by_phone = ticket(json!({ "phone": "+1 555 0199" }));
    desk.post("/tickets", by_phone).await.assert_invalid(&[("name", "missing_field")]);
    let by_facebook = ticket(json!({ "facebook_id": "nobody" }));
    desk.post("/tickets", by_facebook).await.assert_invalid(&[("facebook_id", "invalid_value")]);
    let by_id = ticket(json!({ "requester_id": 5 }));
    desk.post("/tickets", by_id).await.assert_invalid(&[("requester_id", "invalid_value")]);
}

/// Surprise 18.
#[tokio::test]
async fn the_same_create_twice_makes_two_tickets() {
    let desk = Desk::open().await;
    let body = ticket(json!({ "email": "sarah@acmecorp.com" }));
    let first = desk.post("/tickets", body.clone()).await.ok()["id"].clone();
    assert_ne!(first, desk.post("/tickets", body).await.ok()["id"]);
}

/// Surprise 26.
#[tokio::test]
async fn a_plain_description_is_wrapped_and_html_stays() {
    let desk = Desk::open().await;
    let plain = desk.post("/tickets", ticket(json!({ "email": "sarah@acmecorp.com" }))).await.ok();
    assert_eq!(plain["description"], "<div>It is on fire.</div>");
    assert_eq!(plain["description_text"], "It is on fire.");
    let html = json!({ "email": "sarah@acmecorp.com", "description": "<p>one<br>two</p>" });
    let html = desk.post("/tickets", ticket(html)).await.ok();
    assert_eq!((&html["description"], &html["description_text"]), (&json!("<p>one<br>two</p>"), &json!("one\ntwo")));
}

/// Surprise 5.
#[tokio::test]
async fn an_unknown_or_fixed_attribute_is_a_400() {
    let desk = Desk::open().await;
    let body = ticket(json!({ "email": "sarah@acmecorp.com", "description_html": "x" }));
    desk.post("/tickets", body).await.assert_invalid(&[("description_html", "invalid_field")]);
    let body = json!({ "id": 0, "subject": "", "cc_emails": ["a@b.example"], "updated_at": "2026-01-01" });
    desk.put("/tickets/42817", body).await.assert_invalid(&[
        ("cc_emails", "invalid_field"),
        ("id", "invalid_field"),
        ("subject", "invalid_value"),
        ("updated_at", "invalid_field"),
    ]);
}

#[tokio::test]
async fn an_update_changes_what_is_sent_and_null_clears() {
    let desk = Desk::open().await;
    let body = json!({ "type": null, "responder_id": null, "tags": ["vip"], "custom_fields": { "cf_plan": null } });
    let updated = desk.put("/tickets/42817", body).await.ok();
    assert_eq!((&updated["type"], &updated["responder_id"]), (&Value::Null, &Value::Null));
    assert_eq!((&updated["tags"], &updated["custom_fields"]["cf_plan"]), (&json!(["vip"]), &Value::Null));
    assert_eq!(updated["subject"], "Session lost after password reset");
}

#[tokio::test]
async fn custom_statuses_and_fields_are_the_accounts_own() {
    let desk = Desk::open().await;
    assert_eq!(desk.put("/tickets/42817", json!({ "status": 6 })).await.ok()["status"], 6);
    desk.put("/tickets/42817", json!({ "status": 8 })).await.assert_invalid(&[("status", "invalid_value")]);
    let body = json!({ "custom_fields": { "cf_plan": "Gold", "cf_order_number": 5, "plan": "Team" } });
    desk.put("/tickets/42817", body).await.assert_invalid(&[
        ("custom_fields.cf_order_number", "datatype_mismatch"),
        ("custom_fields.cf_plan", "invalid_value"),
        ("custom_fields.plan", "invalid_field"),
    ]);
    desk.helpdesk(|helpdesk| {
        helpdesk.statuses.insert(8, "Escalated".to_owned());
        helpdesk.ticket_fields.push(CustomField { required: true, ..CustomField::new("cf_since", FieldKind::Date) });
    });
    assert_eq!(desk.put("/tickets/42817", json!({ "status": 8 })).await.status, 200);
    let body = ticket(json!({ "email": "sarah@acmecorp.com" }));
    desk.post("/tickets", body).await.assert_invalid(&[("custom_fields.cf_since", "missing_field")]);
}

/// Surprise 25.
#[tokio::test]
async fn spam_and_deleted_tickets_refuse_an_update_with_a_405() {
    let desk = Desk::open().await;
    for id in [42_809, 42_811] {
        let reply = desk.put(&format!("/tickets/{id}"), json!({ "priority": 2 })).await;
        assert_eq!(reply.status, 405);
        assert_eq!(reply.json().get("code"), None);
    }
    assert_eq!(desk.put("/tickets/1", json!({ "priority": 2 })).await.status, 404);
}

/// Surprise 25.
#[tokio::test]
async fn an_outbound_ticket_keeps_subject_and_description() {
    let desk = Desk::open().await;
    let reply = desk.put("/tickets/42801", json!({ "subject": "New", "description": "New" })).await;
    let fields: Vec<String> = reply.failing().into_iter().map(|(field, _)| field).collect();
    assert_eq!((reply.status, fields), (400, vec!["description".to_owned(), "subject".to_owned()]));
    assert_eq!(desk.put("/tickets/42801", json!({ "priority": 4 })).await.ok()["priority"], 4);
}

/// Surprise 27.
#[tokio::test]
async fn an_update_that_changes_nothing_leaves_the_time_alone() {
    let desk = Desk::open().await;
    let before = desk.get("/tickets/42817").await.ok()["updated_at"].clone();
    let same = json!({ "priority": 3, "tags": ["auth", "login"] });
    assert_eq!(desk.put("/tickets/42817", same).await.ok()["updated_at"], before);
    let other = desk.put("/tickets/42817", json!({ "priority": 4 })).await.ok()["updated_at"].clone();
    assert_eq!(other, "2026-11-20T10:00:48Z");
}

/// Surprise 27.
#[tokio::test]
async fn patch_is_taken_for_put() {
    let desk = Desk::open().await;
    let reply = desk.send("PATCH", "/tickets/42817", Some(json!({ "priority": 4 }))).await;
    assert_eq!(reply.ok()["priority"], 4);
}

#[tokio::test]
async fn a_status_leaves_its_times_in_the_stats() {
    let desk = Desk::open().await;
    let stats = async || desk.get("/tickets/42818?include=stats").await.ok()["stats"].clone();
    desk.post("/tickets", ticket(json!({ "email": "sarah@acmecorp.com", "status": 5 }))).await.ok();
    let closed = stats().await;
    assert_eq!(
        (&closed["resolved_at"], &closed["closed_at"]),
        (&json!("2026-11-20T10:00:48Z"), &json!("2026-11-20T10:00:48Z"))
    );
    desk.wait(60);
    desk.put("/tickets/42818", json!({ "status": 3 })).await.ok();
    let reopened = stats().await;
    assert_eq!((&reopened["reopened_at"], &reopened["closed_at"]), (&json!("2026-11-20T10:01:48Z"), &Value::Null));
    assert_eq!(reopened["pending_since"], "2026-11-20T10:01:48Z");
}

#[tokio::test]
async fn copies_are_kept_in_three_lists_and_tags_are_short() {
    let desk = Desk::open().await;
    let body = ticket(json!({ "email": "sarah@acmecorp.com", "cc_emails": ["boss@acmecorp.com"] }));
    let made = desk.post("/tickets", body).await.ok();
    for key in ["cc_emails", "reply_cc_emails", "ticket_cc_emails"] {
        assert_eq!(made[key], json!(["boss@acmecorp.com"]), "{key}");
    }
    let long = ticket(json!({ "email": "sarah@acmecorp.com", "tags": ["x".repeat(33)] }));
    desk.post("/tickets", long).await.assert_invalid(&[("tags", "invalid_value")]);
}

#[tokio::test]
async fn files_cannot_come_as_json_and_features_must_be_on() {
    let desk = Desk::open().await;
    let body = ticket(json!({ "email": "sarah@acmecorp.com", "attachments": ["a.png"] }));
    desk.post("/tickets", body).await.assert_invalid(&[("attachments", "datatype_mismatch")]);
    desk.helpdesk(|helpdesk| helpdesk.features.remove(&Feature::MultipleCompanies));
    let reply = desk.put("/tickets/42817", json!({ "company_id": 158_017_000_302_u64 })).await;
    assert_eq!((reply.status, &reply.json()["code"]), (403, &json!("require_feature")));
}
