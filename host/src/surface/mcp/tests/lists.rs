//! What the server says about itself, and its tools.

use serde_json::{Value, json};

use super::client::Client;
use super::world::{REVISIONS, World};
use crate::surface::mcp::McpSettings;

/// The names of listed tools.
fn names(list: &Value) -> Vec<&str> {
    list["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_revision_lists_the_ten_tools_in_one_order() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let published: Vec<_> = world.accounts.host().tools().iter().map(|tool| tool.name().to_owned()).collect();
    for mut client in world.everybody(&alice).await {
        let list = client.ask("tools/list", json!({})).await;
        assert_eq!(names(&list), published, "{}", client.revision);
        assert_eq!(names(&list).len(), 10);
        assert_eq!(client.ask("tools/list", json!({})).await["result"], list["result"]);
        assert_eq!(list["result"].get("resultType").is_some(), client.stands_alone());
    }
}

#[tokio::test]
async fn a_tool_has_a_title_schemas_and_all_four_annotations() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let list = world.web(&alice, "2026-07-28").await.ask("tools/list", json!({})).await;
    for tool in list["result"]["tools"].as_array().unwrap() {
        let hints = &tool["annotations"];
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(hints[hint].is_boolean(), "{tool}");
        }
        assert_eq!((&hints["title"], &hints["openWorldHint"]), (&tool["title"], &json!(true)));
        assert!(tool["title"].is_string() && tool["description"].is_string());
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object");
            jsonschema::draft202012::meta::validate(&tool[schema]).unwrap();
        }
    }
    let hint = |name: &str, hint: &str| {
        let tools = list["result"]["tools"].as_array().unwrap();
        tools.iter().find(|tool| tool["name"] == name).unwrap()["annotations"][hint].clone()
    };
    assert_eq!(hint("freshdesk_ticket_get", "readOnlyHint"), true);
    assert_eq!(hint("freshdesk_agent_delete", "destructiveHint"), true);
    assert_eq!(hint("freshdesk_ticket_create", "readOnlyHint"), false);
    assert_eq!(hint("freshdesk_ticket_create", "idempotentHint"), false);
}

#[tokio::test]
async fn schemas_of_answers_can_be_left_out() {
    let settings = McpSettings { output_schemas: false, ..McpSettings::default() };
    let world = World::with(settings).await;
    let alice = world.connected("alice").await;
    let list = world.web(&alice, "2026-07-28").await.ask("tools/list", json!({})).await;
    assert!(list["result"]["tools"].as_array().unwrap().iter().all(|tool| tool.get("outputSchema").is_none()));
}

/// What one token may see is not for the client of another; a process of its own has one caller.
#[tokio::test]
async fn lists_may_be_kept_by_those_who_see_the_same() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let list = world.web(&alice, "2026-07-28").await.ask("tools/list", json!({})).await;
    assert_eq!((&list["result"]["cacheScope"], &list["result"]["ttlMs"]), (&json!("private"), &json!(300_000)));
    let list = world.line(&alice, "2026-07-28", json!({})).await.ask("tools/list", json!({})).await;
    assert_eq!((&list["result"]["cacheScope"], &list["result"]["ttlMs"]), (&json!("public"), &json!(300_000)));
    let found = world.web(&alice, "2026-07-28").await.ask("server/discover", json!({})).await;
    assert_eq!((&found["result"]["cacheScope"], &found["result"]["ttlMs"]), (&json!("public"), &json!(3_600_000)));
}

#[tokio::test]
async fn the_server_says_what_it_speaks_and_how_to_use_it() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    for mut client in [world.web(&alice, "2026-07-28").await, world.line(&alice, "2026-07-28", json!({})).await] {
        let found = client.ask("server/discover", json!({})).await;
        let found = &found["result"];
        let versions: Vec<_> =
            found["supportedVersions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(REVISIONS.iter().all(|revision| versions.contains(revision)), "{versions:?}");
        assert_eq!(found["capabilities"], json!({"tools": {}}));
        assert_eq!(found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "freshdesk");
        let told = found["instructions"].as_str().unwrap();
        assert!(told.contains('⟦') && told.contains("outcome_unknown"), "{told}");
    }
    let token = world.token(&alice, None).await;
    let mut old = Client::web(world.router.clone(), Some(token), "2025-11-25", json!({}));
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
    let begun = old.ask("initialize", params).await;
    assert!(begun["result"]["instructions"].is_string() && begun["result"]["serverInfo"]["title"] == "Freshdesk");
}

#[tokio::test]
async fn a_client_of_a_revision_that_nobody_knows_is_answered_with_one_that_we_do() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let token = world.token(&alice, None).await;
    let mut client = Client::web(world.router.clone(), Some(token), "2025-11-25", json!({}));
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": info});
    assert_eq!(client.ask("initialize", params).await["result"]["protocolVersion"], "2025-11-25");
    let mut client = world.web(&alice, "2026-07-28").await;
    client.http().headers = vec![("mcp-protocol-version", "2030-01-01".to_owned())];
    let params = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2030-01-01"}});
    let refused = client.ask("tools/list", params).await;
    assert_eq!(refused["error"]["code"], -32022, "{refused}");
    assert!(refused["error"]["data"]["supported"].as_array().unwrap().contains(&json!("2026-07-28")));
}

#[tokio::test]
async fn a_token_shows_the_tools_that_it_allows_and_no_others() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let token = world.token(&alice, Some(&["freshdesk_ticket_get", "freshdesk_tickets_list"])).await;
    for revision in REVISIONS {
        let mut client = Client::web(world.router.clone(), Some(token.clone()), revision, json!({})).begun().await;
        let list = client.ask("tools/list", json!({})).await;
        let mut listed = names(&list);
        listed.sort_unstable();
        assert_eq!(listed, ["freshdesk_ticket_get", "freshdesk_tickets_list"]);
        assert!(client.call("freshdesk_ticket_get", json!({"ticket_id": 42_817})).await["result"].is_object());
        let before = world.asked();
        let refused = client.call("freshdesk_agent_delete", json!({"agent_id": 1})).await;
        let unknown = client.call("freshdesk_no_such_tool", json!({})).await;
        assert_eq!((&refused["error"]["code"], &unknown["error"]["code"]), (&json!(-32602), &json!(-32602)));
        let alike = |error: &Value, name: &str| error["error"]["message"].as_str().unwrap().replace(name, "it");
        assert_eq!(alike(&refused, "freshdesk_agent_delete"), alike(&unknown, "freshdesk_no_such_tool"));
        assert_eq!(world.asked(), before);
    }
}

#[tokio::test]
async fn there_is_one_page() {
    let world = World::new().await;
    let alice = world.connected("alice").await;
    let refused = world.web(&alice, "2026-07-28").await.ask("tools/list", json!({"cursor": "x"})).await;
    assert_eq!(refused["error"]["code"], -32602);
}
