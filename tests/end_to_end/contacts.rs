//! The tool that makes contacts.

use freshdesk_tests::{World, everywhere};
use serde_json::json;

use crate::tools::{answer, shown};

const ACME_CORP: u64 = 158_017_000_301;
const NORTHWIND: u64 = 158_017_000_302;

#[test]
fn a_created_contact_is_sent_and_answered_whole() {
    everywhere(async |world: World| {
        let input = json!({
            "name": "Zoë van der Berg", "email": "zoe+news@example.com", "phone": "+31 20 555 0100",
            "mobile": "+31 6 5555 0100", "twitter_id": "zoe", "unique_external_id": "EX-1",
            "other_emails": ["z@example.com"], "company_id": ACME_CORP, "view_all_tickets": true,
            "other_companies": [{"company_id": NORTHWIND, "view_all_tickets": false}, {"company_id": ACME_CORP}],
            "job_title": "CTO", "language": "nl", "time_zone": "Amsterdam", "tags": ["vip", "nl"],
            "description": "Met in Utrecht", "address": "Dam 1", "custom_fields": {"customer_since": "2024-02-29"},
        });
        let contact = answer(&world, "contact_create", input.clone()).await;
        let request = world.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v2/contacts"));
        assert_eq!((request.query.as_str(), request.json()), ("", input));

        let id = contact["id"].as_u64().unwrap();
        let stored = world.helpdesk(|desk| desk.contacts[&id].clone());
        assert_eq!((stored.name.as_str(), stored.email.as_deref()), ("Zoë van der Berg", Some("zoe+news@example.com")));
        assert_eq!((stored.company_id, stored.view_all_tickets), (Some(ACME_CORP), Some(true)));
        let created = shown(stored.created_at);
        let expected = json!({
            "id": id, "name": "Zoë van der Berg", "email": "zoe+news@example.com", "phone": "+31 20 555 0100",
            "mobile": "+31 6 5555 0100", "unique_external_id": "EX-1", "company_id": ACME_CORP, "job_title": "CTO",
            "tags": ["vip", "nl"], "custom_fields": {"customer_since": "2024-02-29"},
            "created_at": created, "updated_at": created,
            // What follows is Freshdesk's own, beside the fields of the contract.
            "first_name": "Zoë van der", "last_name": "Berg", "twitter_id": "zoe", "other_emails": ["z@example.com"],
            "view_all_tickets": true, "address": "Dam 1", "description": "Met in Utrecht", "language": "nl",
            "time_zone": "Amsterdam", "active": false, "deleted": false, "contact_type": "contact",
            "other_companies": [{"company_id": NORTHWIND, "view_all_tickets": false}, {"company_id": ACME_CORP}],
            "visitor_id": contact["visitor_id"], "org_contact_id": contact["org_contact_id"],
            "org_contact_id_str": contact["org_contact_id_str"],
        });
        assert_eq!(contact, expected);
    });
}

/// Nineteen digits are more than a double holds.
#[test]
fn an_id_of_nineteen_digits_survives_exactly() {
    everywhere(async |world: World| {
        let contact = answer(&world, "contact_create", json!({"name": "A", "mobile": "1"})).await;
        let exact = contact["org_contact_id_str"].as_str().unwrap();
        assert_eq!(exact.len(), 19);
        assert_eq!(contact["org_contact_id"].as_u64().unwrap().to_string(), exact);
        assert!(contact.to_string().contains(&format!("\"org_contact_id\":{exact},")), "{contact}");
    });
}

#[test]
fn each_identifier_alone_makes_a_contact() {
    everywhere(async |world: World| {
        for field in ["email", "phone", "mobile", "twitter_id", "unique_external_id"] {
            world.forget();
            let value = if field == "email" { "one@example.com" } else { "one" };
            let contact = answer(&world, "contact_create", json!({"name": "One", field: value})).await;
            assert_eq!(world.request().json(), json!({"name": "One", field: value}));
            assert_eq!(contact[field], value);
            assert_eq!((&contact["tags"], &contact["custom_fields"]), (&json!([]), &json!({})));
        }
    });
}

/// B18: null is not sent as a text, nor at all where it would clear nothing.
#[test]
fn b18_a_contact_has_only_what_it_was_given() {
    everywhere(async |world: World| {
        let input = json!({"name": "One", "email": "one@example.com", "phone": null, "tags": null, "company_id": null,
            "custom_fields": {"customer_since": null}});
        let contact = answer(&world, "contact_create", input).await;
        let sent = json!({"name": "One", "email": "one@example.com", "custom_fields": {"customer_since": null}});
        assert_eq!(world.request().json(), sent);
        let stored = world.helpdesk(|desk| desk.contacts[&contact["id"].as_u64().unwrap()].clone());
        assert_eq!((stored.phone, stored.company_id, stored.tags.len()), (None, None, 0));
    });
}

#[test]
fn custom_fields_of_each_kind_arrive_as_they_are() {
    everywhere(async |world: World| {
        let fields = json!({"text": "a", "flag": false, "integer": -9_007_199_254_740_993_i64, "decimal": 1.5,
            "choices": ["a", "b"], "empty": [], "none": null});
        world.answers(
            201,
            &[("content-type", "application/json")],
            &json!({"id": 1, "custom_fields": fields}).to_string(),
        );
        let input = json!({"name": "A", "phone": "1", "custom_fields": fields});
        let contact = answer(&world, "contact_create", input.clone()).await;
        assert_eq!(world.request().json(), input);
        let mut come_back = fields;
        come_back.as_object_mut().unwrap().remove("none");
        assert_eq!(contact["custom_fields"], come_back);
    });
}
