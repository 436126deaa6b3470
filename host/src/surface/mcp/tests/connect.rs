//! Connecting in the conversation.

use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::client::Client;
use super::world::{ORIGIN, World};
use crate::accounts::{State, TenantWish};

pub(super) const TOOL: &str = "freshdesk_ticket_get";

pub(super) fn arguments() -> Value {
    json!({"ticket_id": seed::TICKET_ID})
}

/// What a client says that can have its user open a link.
pub(super) fn opens_links() -> Value {
    json!({"elicitation": {"url": {}}})
}

/// The link that a request to open one names.
pub(super) fn link(required: &Value) -> String {
    let result = &required["result"];
    assert_eq!(result["resultType"], "input_required", "{required}");
    let request = &result["inputRequests"]["connect"];
    assert_eq!((&request["method"], &request["params"]["mode"]), (&json!("elicitation/create"), &json!("url")));
    assert!(request["params"]["message"].as_str().unwrap().contains("Freshdesk"));
    let url = request["params"]["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{ORIGIN}/connect/")), "{url}");
    url.to_owned()
}

/// The parameters of a call that is repeated after its user opened the link.
pub(super) fn repeated(required: &Value, action: &str) -> Value {
    json!({
        "name": TOOL,
        "arguments": arguments(),
        "inputResponses": {"connect": {"action": action}},
        "requestState": required["result"]["requestState"],
    })
}

/// A call that asks its user to connect.
pub(super) async fn asks(client: &mut Client) -> Value {
    client.call(TOOL, arguments()).await
}

#[tokio::test]
async fn a_new_client_is_asked_for_it_and_the_repeated_call_simply_works() {
    for over_http in [true, false] {
        let world = World::new().await;
        let alice = world.pending("alice").await;
        let mut client = match over_http {
            true => world.web_that_can(&alice, "2026-07-28", opens_links()).await,
            false => world.line(&alice, "2026-07-28", opens_links()).await,
        };
        let first = asks(&mut client).await;
        let link = link(&first);
        // The user has opened the page, and has not done anything there yet.
        let second = client.ask("tools/call", repeated(&first, "accept")).await;
        assert_eq!(self::link(&second), link, "it is the same link");
        assert_ne!(second["result"]["requestState"], first["result"]["requestState"]);
        world.connect(&link).await;
        let answer = client.ask("tools/call", repeated(&second, "accept")).await;
        assert_eq!(answer["result"]["structuredContent"]["id"], seed::TICKET_ID, "{answer}");
        assert!(asks(&mut client).await["result"]["structuredContent"].is_object());
    }
}

#[tokio::test]
async fn a_client_of_2025_11_25_gets_an_error_that_names_the_link() {
    for over_http in [true, false] {
        let world = World::new().await;
        let alice = world.pending("alice").await;
        let mut client = match over_http {
            true => world.web_that_can(&alice, "2025-11-25", opens_links()).await,
            false => world.line(&alice, "2025-11-25", opens_links()).await,
        };
        let first = asks(&mut client).await;
        assert_eq!(first["error"]["code"], -32042, "{first}");
        let asked = &first["error"]["data"]["elicitations"][0];
        assert_eq!(asked["mode"], "url");
        let (id, link) = (asked["elicitationId"].as_str().unwrap(), asked["url"].as_str().unwrap());
        assert!(!id.is_empty() && !link.contains(id));
        let again = asks(&mut client).await;
        assert_eq!(&again["error"]["data"]["elicitations"][0], asked, "it is the same request still");
        world.connect(link).await;
        assert!(asks(&mut client).await["result"]["structuredContent"].is_object());
    }
}

#[tokio::test]
async fn clients_that_cannot_be_asked_get_the_link_in_the_text() {
    for (revision, can) in [
        ("2024-11-05", opens_links()),
        ("2025-03-26", json!({})),
        ("2025-06-18", opens_links()),
        ("2025-11-25", json!({"elicitation": {}})),
        ("2025-11-25", json!({"elicitation": {"form": {}}})),
        ("2026-07-28", json!({})),
        ("2026-07-28", json!({"elicitation": {"form": {}}})),
    ] {
        let world = World::new().await;
        let alice = world.pending("alice").await;
        let mut client = world.web_that_can(&alice, revision, can.clone()).await;
        let answer = asks(&mut client).await;
        assert_eq!(answer["result"]["isError"], true, "{revision} {can}: {answer}");
        let error: Value = serde_json::from_str(answer["result"]["content"][0]["text"].as_str().unwrap()).unwrap();
        let link = error["connect_url"].as_str().unwrap();
        assert!(error["error"] == "not_connected" && error["message"].as_str().unwrap().contains(link), "{error}");
        world.connect(link).await;
        assert!(asks(&mut client).await["result"]["structuredContent"].is_object());
    }
}

/// What a client declares, it declares for itself: another session's word is not its own.
#[tokio::test]
async fn each_client_is_answered_by_what_it_declared_itself() {
    let world = World::new().await;
    let alice = world.pending("alice").await;
    let mut able = world.web_that_can(&alice, "2025-11-25", opens_links()).await;
    let mut unable = world.web_that_can(&alice, "2025-11-25", json!({})).await;
    assert_eq!(asks(&mut able).await["error"]["code"], -32042);
    assert_eq!(asks(&mut unable).await["result"]["isError"], true);
}

#[tokio::test]
async fn a_revoked_account_is_connected_again_in_the_conversation() {
    let world = World::new().await;
    let alice = world.pending("alice").await;
    let mut client = world.web_that_can(&alice, "2026-07-28", opens_links()).await;
    world.connect(&link(&asks(&mut client).await)).await;
    world.answers(401, &[], "");
    let required = asks(&mut client).await;
    assert_eq!(world.accounts.get(&alice).await.unwrap().state.as_str(), "revoked");
    world.recovers();
    let told = required["result"]["inputRequests"]["connect"]["params"]["message"].as_str().unwrap();
    assert!(told.contains("no longer accepts"), "{told}");
    world.connect(&link(&required)).await;
    let answer = client.ask("tools/call", repeated(&required, "accept")).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
}

#[tokio::test]
async fn a_user_who_does_not_want_to_is_not_asked_again() {
    for action in ["decline", "cancel"] {
        let world = World::new().await;
        let alice = world.pending("alice").await;
        let mut client = world.web_that_can(&alice, "2026-07-28", opens_links()).await;
        let required = asks(&mut client).await;
        let answer = client.ask("tools/call", repeated(&required, action)).await;
        let text = answer["result"]["content"][0]["text"].as_str().unwrap();
        assert!(answer["result"]["isError"] == true && text.contains("declined") && !text.contains("http"), "{answer}");
        link(&asks(&mut client).await);
    }
}

#[tokio::test]
async fn who_has_no_account_at_all_is_offered_a_link_where_the_tenants_word_is_the_proof() {
    let world = World::new().await;
    let nobody = super::world::user("nobody");
    let back =
        TenantWish { return_urls: Some(vec!["https://app.example.com/done".to_owned()]), ..TenantWish::default() };
    world.accounts.set_tenant(nobody.tenant(), &back).await.unwrap();
    let mut client = world.web_that_can(&nobody, "2026-07-28", opens_links()).await;
    link(&asks(&mut client).await);
    assert_eq!(world.accounts.get(&nobody).await.unwrap().state, State::Pending);
}

#[tokio::test]
async fn who_has_no_account_and_no_proof_gets_no_link_and_is_told_so() {
    let world = World::new().await;
    let nobody = super::world::user("nobody");
    let mut client = world.web_that_can(&nobody, "2026-07-28", opens_links()).await;
    let answer = asks(&mut client).await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("not_connected"));
}

/// The one account of an environment is connected by its variables.
#[tokio::test]
async fn the_account_of_an_environment_has_no_link() {
    let world = World::new().await;
    world.answers(401, &[], "");
    let mut client = world.own("2026-07-28", opens_links()).await;
    let answer = asks(&mut client).await;
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("\"revoked\"") && !text.contains("http"), "{text}");
    let params = json!({"name": TOOL, "arguments": arguments(), "requestState": "AAAA"});
    assert_eq!(client.ask("tools/call", params).await["error"]["code"], -32602);
}
