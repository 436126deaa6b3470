//! The tool that answers a ticket.

use freshdesk_host::Host;
use freshdesk_simulator::{Settings, Simulator, seed};
use freshdesk_tests::{World, account, everywhere, run, settings};
use serde_json::json;

use crate::tools::{answer, shown};

const TICKET: u64 = 42_817;
const JANE: u64 = 158_017_000_101;
const TOM: u64 = 158_017_000_102;

#[test]
fn a_reply_is_sent_from_a_mailbox_with_copies_and_leaves_the_status() {
    everywhere(async |world: World| {
        let input = json!({"ticket_id": TICKET, "body": "<p>Done</p>", "cc_emails": ["a+b@example.com"],
            "bcc_emails": ["c@example.com"], "from_email": "billing@acme.freshdesk.com"});
        let reply = answer(&world, "tickets_reply", input.clone()).await;
        let request = world.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v2/tickets/42817/reply"));
        let mut sent = input;
        sent.as_object_mut().unwrap().remove("ticket_id");
        assert_eq!((request.query.as_str(), request.json()), ("", sent));

        let (id, status, stored) = world.helpdesk(|desk| {
            let (id, stored) = desk.conversations.last_key_value().unwrap();
            (*id, desk.tickets[&TICKET].status, stored.clone())
        });
        assert_eq!((status, stored.user_id, stored.private, stored.ticket_id), (2, JANE, false, TICKET));
        let written = shown(stored.created_at);
        let expected = json!({"id": id, "user_id": JANE, "body_text": "Done",
            "from_email": "Acme Billing <billing@acme.freshdesk.com>", "to_emails": ["sarah@acmecorp.com"],
            "cc_emails": ["a+b@example.com"], "created_at": written,
            // What follows is Freshdesk's own, beside the fields of the contract.
            "ticket_id": TICKET, "body": "<p>Done</p>", "bcc_emails": ["c@example.com"], "updated_at": written});
        assert_eq!(reply, expected);
    });
}

/// B18: what was not given is not sent.
#[test]
fn b18_a_reply_has_only_what_it_was_given() {
    everywhere(async |world: World| {
        let input = json!({"ticket_id": TICKET, "body": "null", "cc_emails": null, "user_id": null});
        let reply = world.call("tickets_reply", input).await.unwrap();
        assert_eq!(world.request().json(), json!({"body": "null"}));
        assert_eq!((&reply["body_text"], &reply["cc_emails"]), (&json!("null"), &json!([])));
    });
}

/// The documentation shows the recipients under another name than the recordings do.
#[test]
fn the_recipients_are_read_from_either_name() {
    everywhere(async |world: World| {
        for name in ["to_emails", "replied_to"] {
            world.answers(201, &[], &json!({"id": 1, name: ["sarah@acmecorp.com"]}).to_string());
            let reply = answer(&world, "tickets_reply", json!({"ticket_id": TICKET, "body": "A"})).await;
            assert_eq!(reply, json!({"id": 1, "to_emails": ["sarah@acmecorp.com"], "cc_emails": []}));
        }
    });
}

#[test]
fn a_reply_in_another_agents_name_needs_the_hosts_consent() {
    let input = json!({"ticket_id": TICKET, "body": "Hi", "user_id": TOM});
    run(async {
        let world = World::hosted().await;
        let error = world.call("tickets_reply", input.clone()).await.unwrap_err();
        assert_eq!((error.case.as_str(), &error.detail["reason"]), ("forbidden", &json!("policy")));
        assert!(world.requests().is_empty());

        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let settings = freshdesk_host::Settings { speak_as_others: true, ..settings(&simulator) };
        let host = Host::new(freshdesk_components::PLUGIN, &settings).unwrap();
        let reply = host.call(&account(seed::ADMIN_KEY), "freshdesk_tickets_reply", &input).await.unwrap();
        assert_eq!(reply["user_id"], TOM);
        assert_eq!(simulator.state().journal[0].json(), json!({"body": "Hi", "user_id": TOM}));

        // Wasmtime alone has no policy.
        let reply = answer(&World::bare().await, "tickets_reply", input.clone()).await;
        assert_eq!(reply["user_id"], TOM);
    });
}
