//! What is refused before it costs a request.

use freshdesk_host::ToolError;
use freshdesk_tests::{World, everywhere};
use serde_json::{Value, json};

/// A text that says nothing but takes room.
const BLANK: &str = " \t\n";

/// The fields that a call is refused for. Nothing arrives at Freshdesk.
async fn refused(world: &World, tool: &str, input: &Value) -> Vec<(String, String)> {
    let error = world.call(tool, input.clone()).await.unwrap_err();
    assert_eq!(error.case, "invalid_input", "{tool} {input}: {error}");
    assert!(world.requests().is_empty(), "{tool} {input} cost a request");
    problems(&error)
}

fn problems(error: &ToolError) -> Vec<(String, String)> {
    let told = |problem: &Value| {
        assert_eq!(problem.get("code"), None, "the code is Freshdesk's");
        let text = |name: &str| problem[name].as_str().unwrap().to_owned();
        (text("field"), text("message"))
    };
    error.detail["problems"].as_array().unwrap().iter().map(told).collect()
}

/// Each call is refused for this one field.
fn each_is_refused(calls: &[(&str, Value, &str)]) {
    everywhere(async |world: World| {
        for (tool, input, field) in calls {
            let fields: Vec<_> = refused(&world, tool, input).await.into_iter().map(|(field, _)| field).collect();
            assert_eq!(fields, [*field], "{tool} {input}");
        }
    });
}

#[test]
fn somebody_must_be_named() {
    each_is_refused(&[
        ("ticket_create", json!({"subject": "A", "description": "B"}), "requester_id"),
        ("ticket_create", json!({"subject": "A", "description": "B", "name": "C"}), "requester_id"),
        ("ticket_create", json!({"subject": "A", "phone": "1"}), "name"),
        ("contact_create", json!({"name": "A"}), "email"),
        ("contact_create", json!({"name": "A", "email": null, "other_emails": ["a@b.example"]}), "email"),
        ("contact_create", json!({"name": "A", "phone": "1", "view_all_tickets": true}), "company_id"),
    ]);
}

#[test]
fn an_update_must_change_something() {
    each_is_refused(&[
        ("ticket_update", json!({"ticket_id": 42_817}), ""),
        ("ticket_update", json!({"ticket_id": 42_817, "subject": null, "tags": null, "status": null}), ""),
    ]);
}

#[test]
fn pages_begin_at_one_and_have_at_most_a_hundred_items() {
    each_is_refused(&[
        ("tickets_list", json!({"page": 0}), "page"),
        ("tickets_list", json!({"page": 301}), "page"),
        ("agents_list", json!({"page": 0}), "page"),
        ("roles_list", json!({"page": 0}), "page"),
        ("tickets_list", json!({"per_page": 0}), "per_page"),
        ("tickets_list", json!({"per_page": 101}), "per_page"),
        ("agents_list", json!({"per_page": 101}), "per_page"),
        ("roles_list", json!({"per_page": 0}), "per_page"),
        ("roles_list", json!({"page": -1}), "page"),
        ("agents_list", json!({"per_page": 4_294_967_296_u64}), "per_page"),
    ]);
}

#[test]
fn no_id_is_zero() {
    let ticket = |field: &str| json!({"subject": "A", "description": "B", "email": "a@b.example", field: 0});
    let update = |field: &str| json!({"ticket_id": 1, field: 0, "priority": 1});
    let agent = |field: &str| json!({"email": "a@b.example", "ticket_scope": 1, field: [7, 0]});
    let mut calls = vec![
        ("ticket_get", json!({"ticket_id": 0}), "ticket_id"),
        ("ticket_update", json!({"ticket_id": 0, "priority": 1}), "ticket_id"),
        ("tickets_reply", json!({"ticket_id": 0, "body": "A"}), "ticket_id"),
        ("tickets_reply", json!({"ticket_id": 1, "body": "A", "user_id": 0}), "user_id"),
        ("tickets_list", json!({"requester_id": 0}), "requester_id"),
        ("tickets_list", json!({"company_id": 0}), "company_id"),
        ("agent_delete", json!({"agent_id": 0}), "agent_id"),
        ("contact_create", json!({"name": "A", "phone": "1", "company_id": 0}), "company_id"),
        (
            "contact_create",
            json!({"name": "A", "phone": "1", "other_companies": [{"company_id": 0}]}),
            "other_companies[0].company_id",
        ),
    ];
    for field in
        ["requester_id", "group_id", "responder_id", "product_id", "email_config_id", "company_id", "parent_id"]
    {
        calls.push(("ticket_create", ticket(field), field));
    }
    for field in ["group_id", "responder_id", "requester_id", "product_id", "company_id"] {
        calls.push(("ticket_update", update(field), field));
    }
    let agents = [("role_ids", "role_ids[1]"), ("group_ids", "group_ids[1]"), ("skill_ids", "skill_ids[1]")];
    calls.extend(agents.map(|(field, at)| ("agent_create", agent(field), at)));
    each_is_refused(&calls);
}

#[test]
fn texts_that_must_say_something_are_not_blank() {
    let ticket =
        |field: &str| json!({"subject": "A", "description": "B", "requester_id": 7, "name": "N", field: BLANK});
    let mut calls = vec![
        ("tickets_reply", json!({"ticket_id": 1, "body": BLANK}), "body"),
        ("tickets_reply", json!({"ticket_id": 1, "body": "A", "from_email": ""}), "from_email"),
        ("contact_create", json!({"name": "", "email": "a@b.example"}), "name"),
        ("agent_create", json!({"email": "", "ticket_scope": 1}), "email"),
        ("agent_create", json!({"email": "a@b.example", "ticket_scope": 1, "role_ids": []}), "role_ids"),
    ];
    for field in ["email", "phone", "facebook_id", "twitter_id", "unique_external_id"] {
        calls.push(("ticket_create", ticket(field), field));
        calls.push(("ticket_update", json!({"ticket_id": 1, field: BLANK}), field));
    }
    for field in ["email", "phone", "mobile", "twitter_id", "unique_external_id"] {
        calls.push(("contact_create", json!({"name": "A", field: BLANK}), field));
    }
    calls.extend(["email", "phone", "mobile"].map(|field| ("agents_list", json!({field: BLANK}), field)));
    for field in ["email", "unique_external_id", "updated_since"] {
        calls.push(("tickets_list", json!({field: BLANK}), field));
    }
    each_is_refused(&calls);
}

#[test]
fn values_of_another_type_are_refused_by_name() {
    each_is_refused(&[
        ("ticket_get", json!({"ticket_id": "42817"}), "ticket_id"),
        ("ticket_get", json!({"ticket_id": "../agents/1"}), "ticket_id"),
        ("ticket_get", json!({"ticket_id": 1.5}), "ticket_id"),
        ("ticket_get", json!({"ticket_id": -1}), "ticket_id"),
        ("ticket_get", json!({"ticket_id": 1e30}), "ticket_id"),
        ("ticket_get", json!({"ticket_id": null}), "ticket_id"),
        ("ticket_get", json!({}), "ticket_id"),
        ("ticket_get", json!([]), ""),
        ("ticket_get", json!({"ticket_id": 1, "include": "stats,sla"}), "include"),
        ("ticket_get", json!({"ticket_id": 1, "include": ["stats", "description"]}), "include[1]"),
        ("ticket_update", json!({"ticket_id": 1, "priority": 5}), "priority"),
        ("ticket_update", json!({"ticket_id": 1, "priority": "2"}), "priority"),
        ("ticket_update", json!({"ticket_id": 1, "status": "Open"}), "status"),
        ("ticket_update", json!({"ticket_id": 1, "tags": "a,b"}), "tags"),
        ("ticket_update", json!({"ticket_id": 1, "tags": ["a", 2]}), "tags[1]"),
        ("ticket_update", json!({"ticket_id": 1, "custom_fields": {"cf_x": {"deep": 1}}}), "custom_fields.cf_x"),
        ("tickets_list", json!({"filter": "all"}), "filter"),
        ("tickets_list", json!({"order_by": "priority"}), "order_by"),
        ("agents_list", json!({"state": "gone"}), "state"),
        ("agent_create", json!({"email": "a@b.example", "ticket_scope": 4}), "ticket_scope"),
        ("agent_create", json!({"email": "a@b.example", "ticket_scope": 0}), "ticket_scope"),
        ("agent_create", json!({"email": "a@b.example"}), "ticket_scope"),
        ("agent_create", json!({"email": "a@b.example", "ticket_scope": 1, "occasional": "yes"}), "occasional"),
        ("tickets_reply", json!({"ticket_id": 1, "body": 7}), "body"),
    ]);
}

/// What Freshdesk would refuse or ignore is told apart by its name, with the name that was probably meant.
#[test]
fn unknown_fields_are_refused_by_name() {
    let known = json!({"ticket_id": 1, "priorty": 2});
    each_is_refused(&[
        ("ticket_update", known.clone(), "priorty"),
        ("ticket_update", json!({"ticket_id": 1, "priority": 1, "cc_emails": ["a@b.example"]}), "cc_emails"),
        ("tickets_list", json!({"status": 2}), "status"),
        ("tickets_reply", json!({"ticket_id": 1, "body": "A", "private": true}), "private"),
        ("tickets_reply", json!({"ticket_id": 1, "body": "A", "status": 5}), "status"),
        ("roles_list", json!({"name": "Agent"}), "name"),
        ("agent_delete", json!({"agent_id": 1, "erase": true}), "erase"),
    ]);
    everywhere(async |world: World| {
        let told = refused(&world, "ticket_update", &known).await;
        assert!(told[0].1.contains("did you mean priority?"), "{told:?}");
    });
}

#[test]
fn all_problems_are_told_together() {
    everywhere(async |world: World| {
        let fields = async |tool: &str, input: Value| -> Vec<String> {
            refused(&world, tool, &input).await.into_iter().map(|(field, _)| field).collect()
        };
        let types = json!({"ticket_id": "x", "priority": 9, "colour": "red", "tags": [1, 2]});
        let mut told = fields("ticket_update", types).await;
        told.sort();
        assert_eq!(told, ["colour", "priority", "tags[0]", "tags[1]", "ticket_id"]);
        let values = json!({"page": 0, "per_page": 101, "email": ""});
        assert_eq!(fields("tickets_list", values).await, ["email", "page", "per_page"]);
        let values = json!({"group_id": 0, "parent_id": 0});
        assert_eq!(fields("ticket_create", values).await, ["group_id", "parent_id"]);
        let values = json!({"phone": "", "twitter_id": " "});
        assert_eq!(fields("ticket_create", values).await, ["name", "phone", "twitter_id"]);
        let values = json!({"name": " ", "view_all_tickets": true});
        assert_eq!(fields("contact_create", values).await, ["name", "email", "company_id"]);
    });
}
