//! What Freshdesk itself refuses, by its own rules: `docs/freshdesk.md` §7.

use freshdesk_simulator::{Feature, Limits, Plan, Standing};
use freshdesk_tests::{World, everywhere, good, run};
use serde_json::{Value, json};

use crate::refusals::failure;
use crate::tools::answer;

/// What a call fails with: its case, and its detail.
async fn refused(world: &World, tool: &str, input: Value) -> (String, Value) {
    world.forget();
    let error = world.call(tool, input).await.unwrap_err();
    world.request();
    (error.case, Value::Object(error.detail))
}

/// The one field that is refused, with Freshdesk's code.
async fn refused_field(world: &World, tool: &str, input: Value) -> (String, String, String) {
    let (case, detail) = refused(world, tool, input).await;
    assert_eq!(detail["problems"].as_array().map(Vec::len), Some(1), "{detail}");
    let text = |name: &str| detail["problems"][0][name].as_str().unwrap_or_default().to_owned();
    (case, text("field"), text("code"))
}

fn field(case: &str, field: &str, code: &str) -> (String, String, String) {
    (case.to_owned(), field.to_owned(), code.to_owned())
}

/// B6: Freshdesk's own 404 is empty.
#[test]
fn b6_an_id_that_nothing_has_is_not_found() {
    everywhere(async |world: World| {
        for (tool, input) in [
            ("ticket_get", json!({"ticket_id": 1})),
            ("ticket_get", json!({"ticket_id": 10_000_000_000_000_000_000_u64})),
            ("ticket_update", json!({"ticket_id": 1, "status": "closed"})),
            ("tickets_reply", json!({"ticket_id": 1, "body": "Hi"})),
            ("agent_delete", json!({"agent_id": 158_017_000_701_u64})),
        ] {
            assert_eq!(refused(&world, tool, input).await, ("not_found".to_owned(), json!({})));
        }
    });
}

/// B4: the key is good, and the role is not.
#[test]
fn b4_an_agent_without_the_role_cannot_administer_but_can_answer() {
    everywhere(async |world: World| {
        let world = world.as_agent();
        for call in good() {
            if ["agent_create", "agent_delete", "agents_list", "roles_list"].contains(&call.tool) {
                let error = failure(&world, &call).await;
                let detail = json!({"reason": "role", "code": "access_denied"});
                assert_eq!((error.case.as_str(), Value::from(error.detail)), ("forbidden", detail), "{}", call.tool);
            } else {
                answer(&world, call.tool, call.input).await;
            }
        }
    });
}

#[test]
fn nobody_deletes_oneself_nor_the_owner() {
    everywhere(async |world: World| {
        let (case, _) = refused(&world, "agent_delete", json!({"agent_id": 158_017_000_101_u64})).await;
        assert_eq!((case.as_str(), world.helpdesk(|desk| desk.agents.len())), ("forbidden", 3));
    });
}

#[test]
fn a_contact_that_exists_is_named_be_it_in_the_trash() {
    everywhere(async |world: World| {
        for (given, id) in [
            (json!({"email": "Sarah@AcmeCorp.com"}), 158_017_000_701_u64),
            (json!({"email": "ben@gone.example"}), 158_017_000_706),
            (json!({"email": "jane@acme.example"}), 158_017_000_101),
            (json!({"unique_external_id": "NW-1004"}), 158_017_000_702),
            (json!({"phone": "1", "other_emails": ["olena+orders@bondar.example"]}), 158_017_000_704),
        ] {
            let mut input = given.clone();
            input["name"] = json!("Again");
            let (case, detail) = refused(&world, "contact_create", input).await;
            assert_eq!((case.as_str(), &detail["user_id"]), ("conflict", &json!(id)), "{given}");
            assert_eq!(detail["problems"][0]["code"], "duplicate_value");
        }
        let input = json!({"email": "tom@acme.example", "ticket_scope": 1});
        let (case, detail) = refused(&world, "agent_create", input).await;
        assert_eq!((case.as_str(), &detail["user_id"]), ("conflict", &json!(158_017_000_102_u64)));
    });
}

/// B15: where the answer to a create was lost, repeating it shows that it was executed.
#[test]
fn b15_a_create_that_is_repeated_by_the_caller_conflicts_with_itself() {
    everywhere(async |world: World| {
        let input = json!({"name": "New", "email": "new@example.com"});
        world.fault(freshdesk_simulator::FaultAction::ResetAfter);
        assert_eq!(refused(&world, "contact_create", input.clone()).await.0, "outcome_unknown");
        let (case, detail) = refused(&world, "contact_create", input).await;
        let made = world.helpdesk(|desk| *desk.contacts.last_key_value().unwrap().0);
        assert_eq!((case.as_str(), &detail["user_id"]), ("conflict", &json!(made)));
    });
}

#[test]
fn no_agent_is_made_when_the_seats_are_taken() {
    everywhere(async |world: World| {
        world.helpdesk(|desk| desk.agent_seats = 3);
        let refusal = refused(&world, "agent_create", json!({"email": "n@acme.example", "ticket_scope": 1})).await;
        let detail = json!({"reason": "seats", "code": "max_agents_reached"});
        assert_eq!(refusal, ("forbidden".to_owned(), detail));
    });
}

#[test]
fn values_that_freshdesk_does_not_know_are_refused_by_field_and_code() {
    everywhere(async |world: World| {
        let ticket = |name: &str, value: Value| json!({"subject": "A", "description": "B", "requester_id": 158_017_000_701_u64, name: value});
        let tag = "x".repeat(33);
        for (tool, input, name, code) in [
            ("tickets_list", json!({"email": "nobody@example.com"}), "email", "invalid_value"),
            ("tickets_list", json!({"updated_since": "yesterday"}), "updated_since", "invalid_value"),
            ("ticket_create", ticket("status", json!(9)), "status", "invalid_value"),
            ("ticket_create", ticket("source", json!(4)), "source", "invalid_value"),
            ("ticket_create", ticket("type", json!("Gossip")), "type", "invalid_value"),
            ("ticket_create", ticket("tags", json!([tag])), "tags", "invalid_value"),
            ("ticket_create", ticket("cc_emails", json!(["no address"])), "cc_emails", "invalid_value"),
            ("ticket_create", ticket("group_id", json!(7)), "group_id", "invalid_value"),
            ("ticket_create", ticket("facebook_id", json!("nobody")), "facebook_id", "invalid_value"),
            (
                "ticket_create",
                ticket("custom_fields", json!({"cf_plan": "Gold"})),
                "custom_fields.cf_plan",
                "invalid_value",
            ),
            ("ticket_create", ticket("custom_fields", json!({"cf_none": 1})), "custom_fields.cf_none", "invalid_field"),
            ("ticket_update", json!({"ticket_id": 42_817, "requester_id": 7}), "requester_id", "invalid_value"),
            ("ticket_update", json!({"ticket_id": 42_801, "subject": "Other"}), "subject", "incompatible_field"),
            (
                "tickets_reply",
                json!({"ticket_id": 42_817, "body": "A", "from_email": "me@example.com"}),
                "from_email",
                "invalid_value",
            ),
            ("contact_create", json!({"name": "A", "email": "no address"}), "email", "invalid_value"),
            (
                "agent_create",
                json!({"email": "n@acme.example", "ticket_scope": 1, "role_ids": [7]}),
                "role_ids",
                "invalid_value",
            ),
        ] {
            assert_eq!(refused_field(&world, tool, input).await, field("invalid_input", name, code), "{tool}");
        }
        let (_, detail) = refused(&world, "ticket_create", json!({"email": "a@example.com"})).await;
        assert_eq!(detail["problems"].as_array().unwrap().len(), 2, "subject and description: {detail}");
    });
}

#[test]
fn a_deleted_or_spam_ticket_is_neither_changed_nor_answered() {
    everywhere(async |world: World| {
        for ticket in [42_809, 42_811] {
            let update = json!({"ticket_id": ticket, "priority": "low"});
            assert_eq!(refused_field(&world, "ticket_update", update).await, field("conflict", "", ""));
            let reply = json!({"ticket_id": ticket, "body": "Hi"});
            assert_eq!(refused_field(&world, "tickets_reply", reply).await, field("conflict", "", ""));
        }
        answer(&world, "ticket_update", json!({"ticket_id": 42_801, "priority": "low"})).await;
    });
}

#[test]
fn a_plan_without_the_feature_forbids_it() {
    everywhere(async |world: World| {
        world.helpdesk(|desk| desk.features.remove(&Feature::MultipleCompanies));
        let input = json!({"ticket_id": 42_817, "company_id": 158_017_000_301_u64});
        let detail = json!({"reason": "plan", "code": "require_feature"});
        assert_eq!(refused(&world, "ticket_update", input).await, ("forbidden".to_owned(), detail));
    });
}

#[test]
fn a_helpdesk_that_is_not_served_says_why() {
    everywhere(async |world: World| {
        for (standing, reason, code) in [
            (Standing::Suspended, "suspended", "account_suspended"),
            (Standing::LockedOut, "locked", "password_lockout"),
            (Standing::PasswordExpired, "locked", "password_expired"),
        ] {
            world.helpdesk(|desk| desk.standing = standing);
            let refusal = refused(&world, "roles_list", json!({})).await;
            assert_eq!(refusal, ("forbidden".to_owned(), json!({"reason": reason, "code": code})));
        }
        world.helpdesk(|desk| desk.standing = Standing::Active);
        world.helpdesk(|desk| desk.subscribe(Plan::Free));
        let refusal = refused(&world, "roles_list", json!({})).await;
        assert_eq!(refusal, ("forbidden".to_owned(), json!({"reason": "plan", "code": "require_feature"})));
    });
}

/// B5: Freshdesk's own throttle. It is over when it said so.
#[test]
fn b5_the_requests_of_a_minute_are_used_up_and_come_back() {
    run(async {
        let world = World::bare().await;
        world.helpdesk(|desk| desk.limits = Limits::total(2));
        let (case, detail) = {
            answer(&world, "roles_list", json!({})).await;
            answer(&world, "roles_list", json!({})).await;
            refused(&world, "roles_list", json!({})).await
        };
        let wait = detail["retry_after"].as_u64().unwrap();
        assert!(case == "rate_limited" && (1..=60).contains(&wait), "{case} {detail}");
        world.state().clock.advance(std::time::Duration::from_secs(wait));
        answer(&world, "roles_list", json!({})).await;
    });
}
