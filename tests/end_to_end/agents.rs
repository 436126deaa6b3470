//! The tools about agents and roles.

use freshdesk_simulator::{AgentType, Scope};
use freshdesk_tests::{World, everywhere};
use serde_json::{Value, json};

use crate::tools::{answer, only, shown};

const JANE: u64 = 158_017_000_101;
const TOM: u64 = 158_017_000_102;
const MAYA: u64 = 158_017_000_103;
const SUPERVISOR: u64 = 158_017_000_203;
const AGENT: u64 = 158_017_000_204;
const BILLING: u64 = 158_017_000_402;

#[test]
fn a_created_agent_is_sent_and_answered_whole() {
    everywhere(async |world: World| {
        let input = json!({
            "email": "nora+desk@acme.example", "ticket_scope": "group", "role_ids": [SUPERVISOR, AGENT],
            "agent_type": "support_agent", "name": "Nora Lind", "group_ids": [BILLING], "skill_ids": [5],
            "occasional": false, "signature": "<p>Nora</p>", "language": "sv", "time_zone": "Stockholm",
            "focus_mode": false,
        });
        let agent = answer(&world, "agent_create", input.clone()).await;
        let request = world.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v2/agents"));
        let mut sent = input;
        sent["ticket_scope"] = json!(2);
        sent["agent_type"] = json!(1);
        assert_eq!(request.json(), sent);

        let id = agent["id"].as_u64().unwrap();
        let stored = world.helpdesk(|desk| desk.agents[&id].clone());
        assert_eq!((stored.scope, stored.agent_type, stored.occasional), (Scope::Group, AgentType::Support, false));
        let created = shown(stored.created_at);
        let expected = json!({
            "id": id, "type": "support_agent", "ticket_scope": "group", "occasional": false, "created_at": created,
            "role_ids": [SUPERVISOR, AGENT], "group_ids": [BILLING], "skill_ids": [5],
            "contact": {"name": "Nora Lind", "email": "nora+desk@acme.example", "active": false, "language": "sv",
                "time_zone": "Stockholm", "created_at": created, "updated_at": created},
            // What follows is Freshdesk's own, beside the fields of the contract.
            "available": true, "focus_mode": false, "signature": "<p>Nora</p>", "updated_at": created,
            "agent_operational_status": "available", "api_key_enabled": true,
        });
        assert_eq!(agent, expected);
    });
}

#[test]
fn an_agent_of_whom_little_is_said_is_occasional_and_has_the_role_agent() {
    everywhere(async |world: World| {
        let agent = answer(&world, "agent_create", json!({"email": "n@acme.example", "ticket_scope": 3})).await;
        assert_eq!(world.request().json(), json!({"email": "n@acme.example", "ticket_scope": 3}));
        let fields = ["occasional", "role_ids", "group_ids", "type", "ticket_scope"];
        let defaults = json!({"occasional": true, "role_ids": [AGENT], "group_ids": [], "type": "support_agent",
            "ticket_scope": "restricted"});
        assert_eq!(only(&agent, &fields), defaults);
    });
}

#[test]
fn kinds_of_agents_are_taken_as_word_or_number() {
    everywhere(async |world: World| {
        for (kind, number, word) in [
            (json!(2), 2, "field_agent"),
            (json!("field_agent"), 2, "field_agent"),
            (json!("collaborator"), 3, "collaborator"),
            (json!(1), 1, "support_agent"),
        ] {
            world.forget();
            let email = format!("n{}@acme.example", world.helpdesk(|desk| desk.agents.len()));
            let input = json!({"email": email, "ticket_scope": "global", "agent_type": kind});
            let agent = answer(&world, "agent_create", input).await;
            assert_eq!((&world.request().json()["agent_type"], &agent["type"]), (&json!(number), &json!(word)));
        }
    });
}

/// B6: an answer without a body is no error.
#[test]
fn b6_a_deleted_agent_is_a_contact_afterwards() {
    everywhere(async |world: World| {
        let before = world.helpdesk(|desk| desk.agents[&TOM].clone());
        assert_eq!(answer(&world, "agent_delete", json!({"agent_id": TOM})).await, json!({"contact_id": TOM}));
        let request = world.request();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("DELETE", "/api/v2/agents/158017000102"));
        assert!(request.body.is_empty() && request.header("content-type").is_none() && request.status == 204);
        world.helpdesk(|desk| {
            assert!(!desk.agents.contains_key(&TOM));
            assert_eq!(
                (&desk.contacts[&TOM].name, desk.contacts[&TOM].email.as_ref()),
                (&before.name, Some(&before.email))
            );
            assert_eq!(desk.tickets[&42_815].responder_id, Some(TOM), "the tickets stay");
        });
        let again = world.call("agent_delete", json!({"agent_id": TOM})).await.unwrap_err();
        assert_eq!(again.case, "not_found");
    });
}

#[test]
fn the_list_of_agents_tells_no_roles_and_no_groups() {
    everywhere(async |world: World| {
        let page = answer(&world, "agents_list", json!({})).await;
        let agents = page["agents"].as_array().unwrap();
        let names: Vec<_> = agents.iter().map(|agent| agent["contact"]["name"].clone()).collect();
        assert_eq!(names, ["Jane Doe", "Maya Osei", "Tom Park"]);
        for agent in agents {
            assert!(["role_ids", "group_ids", "skill_ids"].iter().all(|name| agent.get(name).is_none()), "{agent}");
        }
        let fields = ["id", "type", "ticket_scope", "occasional", "deactivated"];
        let jane = json!({"id": JANE, "type": "support_agent", "ticket_scope": "global", "occasional": false, "deactivated": false});
        assert_eq!(only(&agents[0], &fields), jane);
        assert_eq!(agents[2]["contact"]["phone"], "+1 555 0102");
    });
}

#[test]
fn agents_are_found_by_what_is_asked() {
    everywhere(async |world: World| {
        world.helpdesk(|desk| desk.agents.get_mut(&MAYA).unwrap().email = "maya+eu@acme.example".to_owned());
        world.helpdesk(|desk| desk.agents.get_mut(&MAYA).unwrap().mobile = Some("+44 20/7 & more".to_owned()));
        for (input, query, found) in [
            (json!({"email": "maya+eu@acme.example"}), "email=maya%2Beu%40acme.example", vec![MAYA]),
            (json!({"phone": "+1 555 0102"}), "phone=%2B1+555+0102", vec![TOM]),
            (json!({"mobile": "+44 20/7 & more"}), "mobile=%2B44+20%2F7+%26+more", vec![MAYA]),
            (json!({"state": "fulltime"}), "state=fulltime", vec![JANE, MAYA]),
            (json!({"state": "occasional", "page": 1, "per_page": 1}), "state=occasional&page=1&per_page=1", vec![TOM]),
            (json!({"email": "nobody@acme.example"}), "email=nobody%40acme.example", vec![]),
        ] {
            world.forget();
            let page = answer(&world, "agents_list", input).await;
            let request = world.request();
            assert_eq!((request.path.as_str(), request.query.as_str()), ("/api/v2/agents", query));
            let ids: Vec<_> = page["agents"].as_array().unwrap().iter().map(|a| a["id"].as_u64().unwrap()).collect();
            assert_eq!((ids, &page["query"]), (found, &json!(query)));
        }
    });
}

/// B2: the pages of the other lists are followed like those of tickets.
#[test]
fn b2_roles_are_listed_page_by_page() {
    everywhere(async |world: World| {
        let page = answer(&world, "roles_list", json!({"per_page": 4})).await;
        assert_eq!((&page["has_more"], &page["next_page"]), (&json!(true), &json!(2)));
        let rest = answer(&world, "roles_list", json!({"per_page": 4, "page": page["next_page"]})).await;
        assert_eq!((&rest["has_more"], rest.get("next_page")), (&json!(false), None));
        let roles = [page["roles"].as_array().unwrap().as_slice(), rest["roles"].as_array().unwrap()].concat();
        let names: Vec<_> = roles.iter().map(|role| role["name"].as_str().unwrap()).collect();
        assert_eq!(names[..4], ["Account Administrator", "Administrator", "Supervisor", "Agent"]);
        let kinds: Vec<_> = roles.iter().map(|role| role["agent_type"].clone()).collect();
        let word = |collaborator| if collaborator { "collaborator" } else { "support_agent" };
        assert_eq!(kinds, [0, 0, 0, 0, 1, 1, 0].map(|kind| Value::from(word(kind == 1))));
        assert_eq!(roles[3]["default"], true);
        let queries: Vec<_> = world.requests().into_iter().map(|request| (request.path, request.query)).collect();
        let roles = || "/api/v2/roles".to_owned();
        assert_eq!(queries, [(roles(), "per_page=4".to_owned()), (roles(), "page=2&per_page=4".to_owned())]);
    });
}
