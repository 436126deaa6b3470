//! The tools that write and read one ticket.

use freshdesk_simulator::Conversation;
use freshdesk_tests::{World, everywhere};
use serde_json::json;

use crate::tools::{answer, only, shown};

const TICKET: u64 = 42_817;
const SARAH: u64 = 158_017_000_701;
const JANE: u64 = 158_017_000_101;
const TOM: u64 = 158_017_000_102;
const BILLING: u64 = 158_017_000_402;

/// B7, B8: the answer to a create says which ticket it is, where it stands and where agents find it.
#[test]
fn b7_b8_a_created_ticket_is_sent_and_answered_whole() {
    everywhere(async |world: World| {
        let input = json!({
            "subject": "Cannot pay", "description": "<p>Card <b>declined</b></p>", "email": "sarah@acmecorp.com",
            "name": "Sarah Chen", "priority": "high", "status": 7, "source": "phone", "type": "Refund",
            "group_id": BILLING, "responder_id": TOM, "tags": ["billing", "card"],
            "cc_emails": ["boss+pay@acmecorp.com"], "custom_fields": {"cf_plan": "Team", "cf_order_number": "77"},
            "email_config_id": 158_017_000_602_u64, "company_id": 158_017_000_302_u64, "parent_id": 42_816,
            "due_by": "2031-01-03T00:00:00Z", "fr_due_by": "2031-01-02T12:00:00+02:00",
        });
        let ticket = answer(&world, "ticket_create", input.clone()).await;

        let request = world.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v2/tickets"));
        assert_eq!((request.query.as_str(), request.header("content-type")), ("", Some("application/json")));
        let mut sent = input;
        sent["priority"] = json!(3);
        sent["source"] = json!(3);
        assert_eq!(request.json(), sent);

        let stored = world.helpdesk(|desk| desk.tickets[&42_818].clone());
        assert_eq!((stored.status, stored.priority, stored.source, stored.requester_id), (7, 3, 3, SARAH));
        assert_eq!((stored.responder_id, stored.associated.as_slice()), (Some(TOM), [42_816].as_slice()));
        let url = ticket["url"].as_str().unwrap().to_owned();
        assert!(url.starts_with("http") && url.ends_with("/a/tickets/42818"), "{url}");
        let created = shown(stored.created_at);
        let expected = json!({
            "id": 42_818, "url": url, "subject": "Cannot pay", "status": 7, "priority": "high", "source": "phone",
            "type": "Refund", "requester_id": SARAH, "responder_id": TOM, "group_id": BILLING,
            "company_id": 158_017_000_302_u64, "tags": ["billing", "card"],
            "custom_fields": {"cf_plan": "Team", "cf_order_number": "77"},
            "due_by": "2031-01-03T00:00:00Z", "created_at": created, "updated_at": created,
            // What follows is Freshdesk's own, beside the fields of the contract.
            "fr_due_by": "2031-01-02T10:00:00Z", "cc_emails": ["boss+pay@acmecorp.com"],
            "reply_cc_emails": ["boss+pay@acmecorp.com"], "ticket_cc_emails": ["boss+pay@acmecorp.com"],
            "description": "<p>Card <b>declined</b></p>", "description_text": "Card declined",
            "email_config_id": 158_017_000_602_u64, "product_id": 158_017_000_501_u64, "form_id": ticket["form_id"],
            "spam": false, "fr_escalated": false, "nr_escalated": false, "is_escalated": false,
        });
        assert_eq!(ticket, expected);
    });
}

/// B18: what was not given is not sent, but for the two values that most helpdesks' forms demand.
#[test]
fn b18_a_created_ticket_is_open_and_of_low_priority_unless_told() {
    everywhere(async |world: World| {
        let input = json!({"subject": "A", "description": "B", "requester_id": SARAH, "type": null, "tags": null});
        let ticket = answer(&world, "ticket_create", input).await;
        let sent = json!({"subject": "A", "description": "B", "requester_id": SARAH, "priority": 1, "status": 2});
        assert_eq!(world.request().json(), sent);
        let defaults = json!({"status": "open", "priority": "low", "source": "portal"});
        assert_eq!(only(&ticket, &["status", "priority", "source"]), defaults);
        assert!(ticket.get("type").is_none() && ticket.get("due_by").is_none(), "{ticket}");
    });
}

#[test]
fn priorities_and_sources_are_taken_as_word_or_number() {
    everywhere(async |world: World| {
        for (priority, source, sent) in
            [(json!("medium"), json!("chat"), (2, 7)), (json!(2), json!(7), (2, 7)), (json!(2.0), json!(9), (2, 9))]
        {
            world.forget();
            let input = json!({"subject": "A", "description": "B", "phone": "+1 555 0171", "name": "Sarah",
                "priority": priority, "source": source});
            let ticket = answer(&world, "ticket_create", input).await;
            let body = world.request().json();
            assert_eq!((&body["priority"], &body["source"]), (&json!(sent.0), &json!(sent.1)));
            assert_eq!((&ticket["priority"], &ticket["requester_id"]), (&json!("medium"), &json!(SARAH)));
        }
    });
}

#[test]
fn each_embedded_thing_is_there_when_asked_for_only() {
    everywhere(async |world: World| {
        for (include, query, embedded) in [
            (json!(null), "", [false; 4]),
            (json!("stats"), "include=stats", [false, false, true, false]),
            (json!(["requester", "company", "requester"]), "include=requester,company", [true, true, false, false]),
            (json!("conversations, stats"), "include=conversations,stats", [false, false, true, true]),
            (json!([]), "", [false; 4]),
        ] {
            world.forget();
            let ticket = answer(&world, "ticket_get", json!({"ticket_id": TICKET, "include": include})).await;
            let request = world.request();
            assert_eq!((request.path.as_str(), request.query.as_str()), ("/api/v2/tickets/42817", query));
            assert!(request.body.is_empty() && request.header("content-type").is_none());
            let there = ["requester", "company", "stats", "conversations"].map(|name| ticket.get(name).is_some());
            assert_eq!(there, embedded, "{ticket}");
            assert_eq!(ticket.get("more_conversations").is_some(), embedded[3]);
        }
    });
}

#[test]
fn a_ticket_is_read_with_everything_about_it() {
    everywhere(async |world: World| {
        let input = json!({"ticket_id": TICKET, "include": ["conversations", "requester", "company", "stats"]});
        let ticket = answer(&world, "ticket_get", input).await;
        let typed = only(&ticket, &["id", "status", "priority", "source", "type", "responder_id", "custom_fields"]);
        let expected = json!({"id": TICKET, "status": "open", "priority": "high", "source": "email",
            "type": "Incident", "responder_id": JANE, "custom_fields": {"cf_plan": "Business"}});
        assert_eq!(typed, expected);
        assert!(ticket["description_text"].as_str().unwrap().starts_with("Hello,\nsince I reset"));
        assert_eq!(ticket["company"], json!({"id": 158_017_000_301_u64, "name": "Acme Corp"}));
        let requester =
            json!({"id": SARAH, "name": "Sarah Chen", "email": "sarah@acmecorp.com", "phone": "+1 555 0171"});
        assert_eq!(ticket["requester"], requester);
        let happened: Vec<_> = ticket["stats"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(happened, ["requester_responded_at", "status_updated_at"]);
        assert_eq!(ticket["sentiment_score"], 34);

        let entries = ticket["conversations"].as_array().unwrap();
        let kinds: Vec<_> = entries.iter().map(|e| only(e, &["source", "incoming", "private", "user_id"])).collect();
        let kind = |source: &str, incoming: bool, private: bool, user: u64| json!({"source": source, "incoming": incoming, "private": private, "user_id": user});
        let note = |user| kind("note", false, true, user);
        assert_eq!(kinds, [note(TOM), kind("reply", true, false, SARAH), note(JANE)]);
        assert_eq!(entries[1]["body_text"], "It happened again. Is there any news?");
        assert_eq!(entries[1]["from_email"], "Sarah Chen <sarah@acmecorp.com>");
    });
}

#[test]
fn ten_embedded_conversations_may_not_be_all() {
    everywhere(async |world: World| {
        let more = async |total: u64| {
            world.helpdesk(|desk| {
                let template: Conversation = desk.conversations[&158_017_000_803].clone();
                for id in 158_017_000_900..158_017_000_900 + total - 3 {
                    desk.conversations.insert(id, Conversation { id, ..template.clone() });
                }
            });
            let ticket = answer(&world, "ticket_get", json!({"ticket_id": TICKET, "include": "conversations"})).await;
            (ticket["conversations"].as_array().unwrap().len(), ticket["more_conversations"].clone())
        };
        assert_eq!(more(9).await, (9, json!(false)));
        assert_eq!(more(10).await, (10, json!(true)));
        assert_eq!(more(12).await, (10, json!(true)));
    });
}

#[test]
fn a_deleted_ticket_is_still_read_and_says_so() {
    everywhere(async |world: World| {
        assert_eq!(answer(&world, "ticket_get", json!({"ticket_id": 42_811})).await["deleted"], true);
        assert_eq!(answer(&world, "ticket_get", json!({"ticket_id": 42_809})).await["spam"], true);
        // It came with the account: Freshdesk answers null for its lists of addresses.
        assert_eq!(answer(&world, "ticket_get", json!({"ticket_id": 42_790})).await.get("cc_emails"), None);
    });
}

#[test]
fn null_clears_a_field_and_absence_leaves_it() {
    everywhere(async |world: World| {
        let before = world.helpdesk(|desk| desk.tickets[&TICKET].clone());
        let input = json!({"ticket_id": TICKET, "group_id": null, "type": null, "custom_fields": {"cf_plan": null}});
        let ticket = answer(&world, "ticket_update", input).await;
        let request = world.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", "/api/v2/tickets/42817"));
        assert_eq!(request.json(), json!({"group_id": null, "type": null, "custom_fields": {"cf_plan": null}}));
        let after = world.helpdesk(|desk| desk.tickets[&TICKET].clone());
        assert_eq!((after.group_id, &after.kind, after.custom_fields.len()), (None, &None, 0));
        assert_eq!((after.responder_id, &after.subject, &after.tags), (Some(JANE), &before.subject, &before.tags));
        assert!(ticket.get("group_id").is_none() && ticket.get("type").is_none(), "{ticket}");
        assert_eq!(ticket["custom_fields"], json!({}));
        assert_eq!(ticket["responder_id"], JANE);
    });
}

#[test]
fn an_update_changes_many_fields_at_once_and_replaces_the_tags() {
    everywhere(async |world: World| {
        let input = json!({"ticket_id": TICKET, "subject": "New", "description": "<i>New</i>", "priority": 4,
            "status": "pending", "type": "Problem", "group_id": BILLING, "responder_id": TOM, "tags": ["only"],
            "custom_fields": {"cf_order_number": "9"}, "due_by": "2032-02-02T00:00:00Z",
            "fr_due_by": "2032-02-01T00:00:00Z", "email": "priya@nair.example", "product_id": 158_017_000_501_u64});
        let ticket = answer(&world, "ticket_update", input.clone()).await;
        let mut sent = input;
        sent.as_object_mut().unwrap().remove("ticket_id");
        sent["status"] = json!(3);
        assert_eq!(world.request().json(), sent);
        let after = world.helpdesk(|desk| desk.tickets[&TICKET].clone());
        assert_eq!((after.status, after.priority, after.requester_id), (3, 4, 158_017_000_703));
        assert_eq!((after.tags.as_slice(), after.description.as_str()), (["only".to_owned()].as_slice(), "<i>New</i>"));
        assert_eq!(ticket["custom_fields"], json!({"cf_plan": "Business", "cf_order_number": "9"}));
        assert_eq!((&ticket["status"], &ticket["priority"]), (&json!("pending"), &json!("urgent")));
        // Freshdesk answers the due dates from before the change.
        assert_ne!(ticket["due_by"], "2032-02-02T00:00:00Z");
    });
}

/// B8: the helpdesk's own statuses go in and come out as numbers.
#[test]
fn b8_a_custom_status_is_a_number_both_ways() {
    everywhere(async |world: World| {
        let ticket = answer(&world, "ticket_update", json!({"ticket_id": TICKET, "status": 6})).await;
        assert_eq!((&ticket["status"], world.request().json()), (&json!(6), json!({"status": 6})));
        let ticket = answer(&world, "ticket_update", json!({"ticket_id": TICKET, "status": 5})).await;
        assert_eq!(ticket["status"], "closed");
        assert_eq!(answer(&world, "ticket_get", json!({"ticket_id": 42_806})).await["status"], 7);
    });
}

#[test]
fn tags_are_emptied_by_an_empty_list() {
    everywhere(async |world: World| {
        let ticket = answer(&world, "ticket_update", json!({"ticket_id": TICKET, "tags": []})).await;
        assert_eq!((&ticket["tags"], world.request().json()), (&json!([]), json!({"tags": []})));
    });
}
