//! Contacts: `docs/freshdesk.md §6.4` and `§7.6`.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_contact_is_made_with_its_name_in_two_parts() {
    let desk = Desk::open().await;
    let body = json!({ "name": "Test Contact Save", "email": "save@test.example", "tags": ["new"] });
    let reply = desk.post("/contacts", body).await;
    assert_eq!(reply.status, 201);
    let made = reply.json();
    assert_eq!((&made["first_name"], &made["last_name"]), (&json!("Test Contact"), &json!("Save")));
    assert_eq!((&made["active"], &made["deleted"], &made["avatar"]), (&json!(false), &json!(false), &Value::Null));
    let location = format!("http://acme.freshdesk.com/api/v2/contacts/{}", made["id"]);
    assert_eq!(reply.header("location"), Some(location.as_str()));
}

/// Surprise 18.
#[tokio::test]
async fn a_duplicate_names_the_other_person_be_it_in_the_trash() {
    let desk = Desk::open().await;
    for (email, user_id) in [
        ("sarah@acmecorp.com", 158_017_000_701_u64),
        ("ben@gone.example", 158_017_000_706),
        ("tom@acme.example", 158_017_000_102),
    ] {
        let reply = desk.post("/contacts", json!({ "name": "Again", "email": email })).await;
        assert_eq!(reply.status, 409, "{email}");
        let error = reply.json()["errors"][0].clone();
        assert_eq!((&error["code"], &error["field"]), (&json!("duplicate_value"), &json!("email")));
        assert_eq!(error["additional_info"]["user_id"], user_id);
    }
}

/// Surprise 18.
#[tokio::test]
async fn the_same_create_twice_is_a_conflict_with_the_first() {
    let desk = Desk::open().await;
    let body = json!({ "name": "Nina Berg", "email": "nina@berg.example" });
    let id = desk.post("/contacts", body.clone()).await.ok()["id"].clone();
    let reply = desk.post("/contacts", body).await;
    assert_eq!((reply.status, &reply.json()["errors"][0]["additional_info"]["user_id"]), (409, &id));
}

#[tokio::test]
async fn a_contact_needs_a_name_and_a_way_to_be_reached() {
    let desk = Desk::open().await;
    let reply = desk.post("/contacts", json!({ "job_title": "Director" })).await;
    reply.assert_invalid(&[("email", "missing_field"), ("name", "missing_field")]);
    for reach in ["phone", "mobile", "twitter_id", "unique_external_id"] {
        let body = json!({ "name": "Nina", reach: format!("by {reach}") });
        assert_eq!(desk.post("/contacts", body).await.status, 201, "{reach}");
    }
    let reply = desk.post("/contacts", json!({ "name": "Otto", "unique_external_id": "NW-1004" })).await;
    assert_eq!(reply.failing(), [("unique_external_id".to_owned(), "duplicate_value".to_owned())]);
}

#[tokio::test]
async fn seeing_all_tickets_needs_a_company() {
    let desk = Desk::open().await;
    let body = json!({ "name": "Nina", "phone": "1", "view_all_tickets": true });
    let reply = desk.post("/contacts", body).await;
    let message = "Company ID is required for a contact to view all tickets";
    assert_eq!((reply.status, &reply.json()["errors"][0]["message"]), (400, &json!(message)));
    let body = json!({ "name": "Nina", "phone": "1", "view_all_tickets": true, "company_id": 158_017_000_301_u64 });
    assert_eq!(desk.post("/contacts", body).await.ok()["view_all_tickets"], true);
}

/// Surprise 23.
#[tokio::test]
async fn fields_of_contacts_have_no_prefix() {
    let desk = Desk::open().await;
    let body = json!({ "name": "Nina", "phone": "1", "custom_fields": { "customer_since": "2024-05-06" } });
    assert_eq!(desk.post("/contacts", body).await.ok()["custom_fields"], json!({ "customer_since": "2024-05-06" }));
    let body = json!({ "name": "Nina", "phone": "1", "custom_fields": { "cf_customer_since": "2024-05-06" } });
    desk.post("/contacts", body).await.assert_invalid(&[("custom_fields.cf_customer_since", "invalid_field")]);
    let body = json!({ "name": "Nina", "phone": "1", "custom_fields": { "customer_since": "2024-05-06T10:00Z" } });
    desk.post("/contacts", body).await.assert_invalid(&[("custom_fields.customer_since", "invalid_value")]);
}

/// Surprise 24.
#[tokio::test]
async fn ids_do_not_fit_into_what_naive_clients_have() {
    let desk = Desk::open().await;
    let made = desk.post("/contacts", json!({ "name": "Nina", "phone": "1" })).await.ok();
    assert!(made["id"].as_u64().unwrap() > u64::from(u32::MAX));
    let organisation = made["org_contact_id"].as_u64().unwrap();
    assert!(organisation > 1 << 53);
    assert_eq!(made["org_contact_id_str"], organisation.to_string());
    assert!(desk.get("/account").await.ok()["organisation_id"].as_u64().unwrap() > 1 << 53);
}

#[tokio::test]
async fn the_list_leaves_out_the_trash_and_some_keys() {
    let desk = Desk::open().await;
    let contacts = desk.get("/contacts").await.ok();
    let names: Vec<&str> = contacts.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Lucky Winner", "Luis Romero", "Olena Bondar", "Priya Nair", "Sarah Chen"]);
    assert_eq!((contacts[0].get("deleted"), contacts[0].get("tags")), (None, None));
}
