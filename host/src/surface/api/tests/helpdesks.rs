//! What helpdesks allow.

use freshdesk_simulator::{Limits, seed};
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_budget_of_a_helpdesk_is_told_once_it_is_known() {
    let world = World::new().await;
    world.simulator.state().helpdesk(seed::LABEL).limits = Limits::total(100);
    world.connect("joe").await;
    let client = world.client().await;
    client.post("/v1/accounts", json!({"identifier": "waits"})).await.is(201);
    client.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await.is(200);
    let page = client.get("/v1/helpdesks").await;
    let acme = &page.is(200).json["helpdesks"][0];
    assert_eq!((&acme["helpdesk"], &acme["accounts"], &acme["waiting"]), (&json!("acme"), &json!(2), &json!(0)));
    let budget = &acme["budget"];
    assert_eq!((&budget["total"], &budget["share"], &budget["window_seconds"]), (&json!(100), &json!(90), &json!(60)));
    let (used, left) = (budget["used"].as_i64().unwrap(), budget["left"].as_i64().unwrap());
    assert!(used >= 1 && left <= 90 - used, "{}", page.text);
    assert_eq!(page.json["helpdesks"].as_array().unwrap().len(), 1);
    assert_eq!(page.json["next"], Value::Null);
    client.execute("jane", "freshdesk_ticket_get", json!({"ticket_id": 42817})).await.is(200);
    let later = client.get("/v1/helpdesks").await;
    assert!(later.json["helpdesks"][0]["budget"]["used"].as_i64().unwrap() > used);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn helpdesks_of_accounts_that_are_not_active_are_not_told() {
    let world = World::new().await;
    let (client, other) = (world.client().await, world.other().await);
    assert_eq!(other.get("/v1/helpdesks").await.is(200).json, json!({"helpdesks": [], "next": null}));
    client.delete("/v1/accounts/jane").await.is(200);
    assert_eq!(client.get("/v1/helpdesks").await.is(200).json["helpdesks"], json!([]));
}
