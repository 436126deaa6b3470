//! The keys of every record: `docs/freshdesk.md §6`.

use freshdesk_simulator::Feature;
use serde_json::{Value, json};

use crate::desk::Desk;

const TICKET: &str = "cc_emails company_id created_at custom_fields due_by email_config_id fr_due_by fr_escalated \
    fwd_emails group_id id is_escalated nr_due_by nr_escalated priority product_id reply_cc_emails requester_id \
    responder_id source source_info spam status structured_description subject support_email tags ticket_bcc_emails \
    ticket_cc_emails to_emails type updated_at";

const CONVERSATION: &str = "attachments auto_response automation_id automation_type_id bcc_emails body body_text \
    category cc_emails created_at email_failure_count from_email id incoming last_edited_at last_edited_user_id \
    outgoing_failures private source source_additional_info support_email thread_id thread_message_id ticket_id \
    to_emails updated_at user_id";

const LISTED_CONTACT: &str = "active address company_id created_at csat_rating custom_fields description email \
    facebook_id first_name id job_title language last_name mobile name org_contact_id other_phone_numbers phone \
    preferred_source time_zone twitter_id unique_external_id updated_at visitor_id";

const NEW_CONTACT: &str = "avatar contact_type deleted first_seen guest_name guest_profile_pic last_seen lists \
    org_contact_id_str other_companies other_emails social_handler tags view_all_tickets";

const AGENT: &str = "agent_operational_status api_key_enabled available available_since contact created_at focus_mode id \
    last_active_at occasional signature ticket_scope type updated_at";

#[tokio::test]
async fn tickets_have_the_recorded_keys() {
    let desk = Desk::open().await;
    let ticket = json!({ "email": "tom@acme.example", "subject": "a", "description": "b", "status": 2, "priority": 1 });
    let created = desk.post("/tickets", ticket).await.ok();
    assert_eq!(created["requester_id"], 158_017_000_102_u64, "an agent may ask, too");
    assert_keys(&created, &[TICKET, "attachments description description_text form_id"]);
    assert_keys(
        &desk.get("/tickets/42818").await.ok(),
        &[
            TICKET,
            "association_type attachments description description_text initial_sentiment_score sentiment_score \
             source_additional_info",
        ],
    );
    assert_keys(
        &desk.put("/tickets/42818", json!({ "priority": 2 })).await.ok(),
        &[TICKET, "attachments description description_text sentiment_score"],
    );
    assert_keys(
        &desk.get("/tickets").await.ok()[0],
        &[TICKET, "associated_tickets_count association_type form_id initial_sentiment_score sentiment_score"],
    );
}

#[tokio::test]
async fn shared_ownership_adds_two_keys() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.features.insert(Feature::SharedOwnership));
    let body = json!({ "internal_agent_id": 158_017_000_102_u64 });
    let ticket = desk.put("/tickets/42817", body).await.ok();
    let expected = (&json!(158_017_000_102_u64), &Value::Null);
    assert_eq!((&ticket["internal_agent_id"], &ticket["internal_group_id"]), expected);
}

#[tokio::test]
async fn conversations_have_the_recorded_keys_and_nulls() {
    let desk = Desk::open().await;
    let thread = desk.get("/tickets/42817/conversations").await.ok();
    assert_keys(&thread[0], &[CONVERSATION]);
    let note = &thread[0];
    assert_eq!((&note["private"], &note["source"], &note["category"]), (&json!(true), &json!(2), &json!(2)));
    assert_eq!(
        (&note["support_email"], &note["from_email"], &note["bcc_emails"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let mail = &thread[1];
    assert_eq!((&mail["incoming"], &mail["source"]), (&json!(true), &json!(0)));
    assert_eq!(mail["from_email"], "Sarah Chen <sarah@acmecorp.com>");
}

#[tokio::test]
async fn contacts_have_the_recorded_keys() {
    let desk = Desk::open().await;
    let created = desk.post("/contacts", json!({ "name": "Nina Berg", "phone": "1" })).await.ok();
    assert_keys(&created, &[LISTED_CONTACT, NEW_CONTACT]);
    assert_keys(&desk.get("/contacts").await.ok()[0], &[LISTED_CONTACT]);
}

#[tokio::test]
async fn agents_and_roles_have_the_recorded_keys() {
    let desk = Desk::open().await;
    let more = "contribution_group_ids group_ids role_ids skill_ids";
    let made = desk.post("/agents", json!({ "email": "x@acme.example", "ticket_scope": 1 })).await.ok();
    assert_keys(&made, &[AGENT, more]);
    assert_keys(&desk.get(&format!("/agents/{}", made["id"])).await.ok(), &[AGENT, more]);
    let me = desk.get("/agents/me").await.ok();
    assert_keys(&me, &[AGENT, more]);
    let contact = "active created_at email job_title language last_login_at mobile name phone time_zone updated_at";
    assert_keys(&me["contact"], &[contact]);
    assert_keys(&desk.get("/agents").await.ok()[0], &[AGENT, "deactivated"]);
    let role = "agent_type created_at default description id name updated_at";
    assert_keys(&desk.get("/roles").await.ok()[0], &[role]);
}

#[tokio::test]
async fn the_account_counts_its_agents_by_kind() {
    let account = Desk::open().await.get("/account").await.ok();
    assert_eq!(account["account_domain"], "acme.freshdesk.com");
    let counts = json!({ "full_time": 2, "occasional": 1, "field_service": 0, "collaborators": 0 });
    assert_eq!(account["total_agents"], counts);
}

/// Asserts that an object has exactly these keys.
fn assert_keys(value: &Value, expected: &[&str]) {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let mut expected: Vec<&str> = expected.iter().flat_map(|keys| keys.split_whitespace()).collect();
    expected.sort_unstable();
    assert_eq!(keys, expected);
}
