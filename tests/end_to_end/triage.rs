//! The published examples of the connector that this replaces, verbatim.

use freshdesk_tests::{World, everywhere};
use serde_json::{Value, json};

fn verbatim(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_created_ticket_has_its_requester_found() {
    everywhere(async |world: World| {
        let input = verbatim(
            r#"{"subject":"Login issue after password reset","description":"User unable to log in after resetting password.","email":"sarah@acmecorp.com","priority":2,"status":2,"tags":["auth","login"]}"#,
        );
        let ticket = world.call("ticket_create", input).await.unwrap();
        assert_eq!((&ticket["status"], &ticket["priority"]), (&json!("open"), &json!("medium")));
        assert_eq!(ticket["tags"], json!(["auth", "login"]));
        let id = ticket["id"].as_u64().unwrap();
        assert!(ticket["url"].as_str().unwrap().ends_with(&format!("/a/tickets/{id}")));
        world.helpdesk(|desk| {
            let stored = &desk.tickets[&id];
            let requester = &desk.contacts[&stored.requester_id];
            assert_eq!(requester.email.as_deref(), Some("sarah@acmecorp.com"));
            assert_eq!(
                (stored.status, stored.priority, stored.subject.as_deref()),
                (2, 2, Some("Login issue after password reset"))
            );
        });
    });
}

#[test]
fn a_ticket_of_someone_unknown_makes_a_contact() {
    everywhere(async |world: World| {
        let before = world.helpdesk(|desk| desk.contacts.len());
        let input = json!({"subject": "Hello", "description": "Hello", "email": "new+person@example.com"});
        let ticket = world.call("ticket_create", input).await.unwrap();
        world.helpdesk(|desk| {
            assert_eq!(desk.contacts.len(), before + 1);
            let requester = &desk.contacts[&ticket["requester_id"].as_u64().unwrap()];
            assert_eq!(requester.email.as_deref(), Some("new+person@example.com"));
        });
    });
}

#[test]
fn the_list_has_what_was_asked_to_be_embedded() {
    everywhere(async |world: World| {
        let input = verbatim(r#"{"filter":"new_and_my_open","include":"requester,stats","per_page":30}"#);
        let page = world.call("tickets_list", input).await.unwrap();
        let tickets = page["tickets"].as_array().unwrap();
        assert!(tickets.iter().any(|ticket| ticket["id"] == 42817));
        for ticket in tickets {
            assert!(ticket["requester"]["id"].is_u64() && ticket["stats"]["status_updated_at"].is_string(), "{ticket}");
        }
        assert_eq!((&page["has_more"], page.get("next_page")), (&json!(false), None));
        assert_eq!(page["query"], "filter=new_and_my_open&include=requester,stats&per_page=30");
        assert_eq!(world.request().query, "filter=new_and_my_open&include=requester,stats&per_page=30");
    });
}

#[test]
fn the_reply_is_stored_with_its_copies() {
    everywhere(async |world: World| {
        let input = verbatim(
            r#"{"ticket_id":42817,"body":"Hi Sarah, we've reset your session — please try logging in again.","cc_emails":["manager@acmecorp.com"]}"#,
        );
        let reply = world.call("tickets_reply", input).await.unwrap();
        assert_eq!(reply["to_emails"], json!(["sarah@acmecorp.com"]));
        assert_eq!(reply["cc_emails"], json!(["manager@acmecorp.com"]));
        world.helpdesk(|desk| {
            let stored = &desk.conversations[&reply["id"].as_u64().unwrap()];
            assert_eq!(stored.cc_emails, ["manager@acmecorp.com"]);
            assert!(stored.body.contains("Hi Sarah, we've reset your session — please try logging in again."));
        });
    });
}

#[test]
fn the_ticket_comes_with_its_conversation() {
    everywhere(async |world: World| {
        let input = verbatim(r#"{"ticket_id":42817,"include":"conversations,requester,stats"}"#);
        let ticket = world.call("ticket_get", input).await.unwrap();
        assert_eq!(ticket["requester"]["email"], "sarah@acmecorp.com");
        assert!(ticket["stats"]["status_updated_at"].is_string());
        assert!(!ticket["conversations"].as_array().unwrap().is_empty());
        assert_eq!(ticket["more_conversations"], false);
    });
}
