//! Agents and roles: `docs/freshdesk.md §6.5`, `§6.6` and `§7.7` to `§7.11`.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Surprise 19.
#[tokio::test]
async fn a_new_agent_is_occasional_has_the_agent_role_and_an_address_that_leads_nowhere() {
    let desk = Desk::open().await;
    let reply = desk.post("/agents", json!({ "email": "new@acme.example", "ticket_scope": 1 })).await;
    assert_eq!(reply.status, 201);
    let made = reply.json();
    let agent_role = desk.helpdesk(|helpdesk| helpdesk.roles[3].id);
    assert_eq!((&made["occasional"], &made["role_ids"]), (&json!(true), &json!([agent_role])));
    assert_eq!((&made["focus_mode"], &made["contact"]["active"]), (&json!(true), &json!(false)));
    let location = reply.header("location").unwrap();
    assert!(location.starts_with("http://acme.freshdesk.com/agents."), "{location}");
    assert!(!location.contains(&made["id"].to_string()), "{location}");
}

/// Surprise 20.
#[tokio::test]
async fn the_list_tells_no_roles_and_sorts_names_as_strings() {
    let desk = Desk::open().await;
    for number in [2, 10, 1] {
        let body = json!({ "email": format!("t{number}@acme.example"), "name": format!("Test Agent {number}"),
            "ticket_scope": 1 });
        desk.post("/agents", body).await.ok();
    }
    let agents = desk.get("/agents").await.ok();
    let agents = agents.as_array().unwrap();
    let names: Vec<&str> = agents.iter().map(|agent| agent["contact"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Jane Doe", "Maya Osei", "Test Agent 1", "Test Agent 10", "Test Agent 2", "Tom Park"]);
    for key in ["role_ids", "group_ids", "skill_ids", "contribution_group_ids"] {
        assert_eq!(agents[0].get(key), None, "{key}");
    }
    assert_eq!(agents[0]["deactivated"], false);
}

/// Surprise 21.
#[tokio::test]
async fn a_deleted_agent_is_a_contact_with_the_same_id() {
    let desk = Desk::open().await;
    let path = format!("/agents/{}", seed::AGENT_ID);
    let reply = desk.delete(&path).await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!((reply.header("content-type"), reply.header("location")), (None, None));
    assert_eq!(reply.header("status"), Some("204 No Content"));
    assert_eq!(desk.helpdesk(|helpdesk| helpdesk.contacts[&seed::AGENT_ID].name.clone()), "Tom Park");
    assert_eq!(desk.get("/tickets/42815").await.ok()["responder_id"], seed::AGENT_ID, "the tickets stay");
    assert_eq!(desk.delete(&path).await.status, 404);
    assert_eq!(desk.with_key(seed::AGENT_KEY).get("/agents/me").await.status, 401);
}

/// Surprise 22.
#[tokio::test]
async fn the_kind_of_agent_is_a_number_in_and_a_string_out() {
    let desk = Desk::open().await;
    for (number, name) in [(1, "support_agent"), (2, "field_agent"), (3, "collaborator")] {
        let body = json!({ "email": format!("a{number}@acme.example"), "ticket_scope": 1, "agent_type": number });
        let made = desk.post("/agents", body).await.ok();
        assert_eq!((&made["type"], made.get("agent_type")), (&json!(name), None));
    }
    let body = json!({ "email": "x@acme.example", "ticket_scope": 4, "agent_type": "1" });
    let reply = desk.post("/agents", body).await;
    reply.assert_invalid(&[("agent_type", "datatype_mismatch"), ("ticket_scope", "invalid_value")]);
}

/// Surprise 22.
#[tokio::test]
async fn roles_have_a_kind_of_agent_that_the_reference_omits() {
    let desk = Desk::open().await;
    let roles = desk.get("/roles?page=1&per_page=100").await.ok();
    let roles: Vec<(&str, u64)> = roles
        .as_array()
        .unwrap()
        .iter()
        .map(|role| (role["name"].as_str().unwrap(), role["agent_type"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("Account Administrator", 1),
        ("Administrator", 1),
        ("Supervisor", 1),
        ("Agent", 1),
        ("Ticket Collaborator", 3),
        ("Analytics Collaborator", 3),
        ("Freddy AI Copilot User", 1),
    ];
    assert_eq!(roles, expected);
}

#[tokio::test]
async fn a_role_must_fit_the_kind_of_agent() {
    let desk = Desk::open().await;
    let (agent, collaborator) = desk.helpdesk(|helpdesk| (helpdesk.roles[3].id, helpdesk.roles[4].id));
    let body = |role: u64| json!({ "email": "x@acme.example", "ticket_scope": 1, "agent_type": 3, "role_ids": [role] });
    desk.post("/agents", body(agent)).await.assert_invalid(&[("role_ids", "invalid_value")]);
    assert_eq!(desk.post("/agents", body(collaborator)).await.status, 201);
}

/// Surprise 18.
#[tokio::test]
async fn an_address_that_somebody_has_is_a_conflict() {
    let desk = Desk::open().await;
    for (email, user_id) in [("tom@acme.example", seed::AGENT_ID), ("sarah@acmecorp.com", 158_017_000_701)] {
        let reply = desk.post("/agents", json!({ "email": email, "ticket_scope": 1 })).await;
        assert_eq!((reply.status, &reply.json()["errors"][0]["additional_info"]["user_id"]), (409, &json!(user_id)));
    }
}

#[tokio::test]
async fn there_are_no_more_agents_than_seats() {
    let desk = Desk::open().await;
    desk.helpdesk(|helpdesk| helpdesk.agent_seats = 3);
    let reply = desk.post("/agents", json!({ "email": "x@acme.example", "ticket_scope": 1 })).await;
    assert_eq!((reply.status, &reply.json()["code"]), (403, &json!("max_agents_reached")));
}

#[tokio::test]
async fn nobody_deletes_the_owner_or_themselves() {
    let desk = Desk::open().await;
    assert_eq!(desk.delete(&format!("/agents/{}", seed::ADMIN_ID)).await.status, 403);
    desk.helpdesk(|helpdesk| {
        let tom = helpdesk.agents.get_mut(&seed::AGENT_ID).unwrap();
        tom.role_ids = vec![helpdesk.roles[1].id];
    });
    let desk = desk.with_key(seed::AGENT_KEY);
    assert_eq!(desk.delete(&format!("/agents/{}", seed::ADMIN_ID)).await.status, 403);
    assert_eq!(desk.delete(&format!("/agents/{}", seed::AGENT_ID)).await.status, 403);
}

#[tokio::test]
async fn agents_are_filtered_exactly_and_nobody_is_an_empty_list() {
    let desk = Desk::open().await;
    assert_eq!(desk.get("/agents?email=tom@acme.example").await.ids(), [seed::AGENT_ID]);
    assert_eq!(desk.get("/agents?email=tom").await.body, "[]");
    assert_eq!(desk.get("/agents?phone=%2B1%20555%200102&state=occasional").await.ids(), [seed::AGENT_ID]);
    assert_eq!(desk.get("/agents?state=fulltime").await.ids().len(), 2);
    desk.get("/agents?state=part&name=Tom")
        .await
        .assert_invalid(&[("name", "invalid_field"), ("state", "invalid_value")]);
}

#[tokio::test]
async fn pages_of_agents_end_without_a_link() {
    let desk = Desk::open().await;
    let first = desk.get("/agents?per_page=2").await;
    let link = "<http://acme.freshdesk.com/api/v2/agents?per_page=2&page=2>; rel=\"next\"";
    assert_eq!((first.ids().len(), first.header("link")), (2, Some(link)));
    let last = desk.get("/agents?per_page=2&page=2").await;
    assert_eq!((last.ids().len(), last.header("link")), (1, None));
}

#[tokio::test]
async fn everybody_can_see_themselves() {
    let desk = Desk::open().await.with_key(seed::AGENT_KEY);
    let me = desk.get("/agents/me").await.ok();
    assert_eq!((&me["id"], &me["contact"]["name"]), (&json!(seed::AGENT_ID), &json!("Tom Park")));
    assert!(me["role_ids"].is_array());
    assert_eq!(me.get("deactivated").unwrap_or(&Value::Null), &Value::Null);
}
