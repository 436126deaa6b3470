//! Events and their delivery.

use super::super::records::{TenantRow, Tried};
use super::fixture::*;
use crate::accounts::{State, User};

#[tokio::test]
async fn an_event_is_due_until_it_is_delivered() {
    for world in worlds().await {
        world.pending(&user("jane")).await;
        let due = async |now, until| world.store.due_events(now, until, 10).await.unwrap();
        assert_eq!(due(NOW - 1, NOW).await, []);
        let taken = due(NOW, NOW + 10).await;
        assert_eq!(taken, [event(&user("jane"), "e1", None, State::Pending)]);
        assert_eq!(due(NOW + 9, NOW + 20).await, []);
        assert_eq!(due(NOW + 10, NOW + 20).await.len(), 1);
        let id = &taken[0].id;
        assert_eq!(world.store.event_tried(id, &Tried::Again { next_at: NOW + 50 }, None).await, Ok(true));
        assert_eq!(due(NOW + 49, NOW + 60).await, []);
        assert_eq!(due(NOW + 50, NOW + 60).await[0].attempts, 1);
        assert_eq!(world.store.event_tried(id, &Tried::Delivered, None).await, Ok(true));
        assert_eq!(world.store.event_tried(id, &Tried::GivenUp, None).await, Ok(false));
        assert_eq!(due(NOW + 1000, NOW + 1001).await, []);
        assert_eq!(world.store.events("acme", None, 10).await.unwrap()[0].attempts, 2);
    }
}

#[tokio::test]
async fn events_of_an_account_are_delivered_in_their_order() {
    for world in worlds().await {
        world.active(&user("jane")).await;
        world.pending(&user("bob")).await;
        let taken = world.store.due_events(NOW, NOW + 10, 10).await.unwrap();
        let ids: Vec<_> = taken.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["e1-bob", "e1-jane"]);
        assert_eq!(world.store.event_tried("e1-jane", &Tried::GivenUp, None).await, Ok(true));
        let taken = world.store.due_events(NOW, NOW + 10, 10).await.unwrap();
        assert_eq!(taken.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e2-jane"]);
    }
}

#[tokio::test]
async fn events_of_a_tenant_without_a_webhook_are_listed_and_never_due() {
    for world in worlds().await {
        let silent = TenantRow { webhook_url: None, ..tenant("silent") };
        assert_eq!(world.store.create_tenant(&silent, entry("x")).await, Ok(true));
        let zoe = User::new("silent", "zoe").unwrap();
        world.active(&zoe).await;
        assert_eq!(world.store.due_events(NOW + 9, NOW + 10, 10).await, Ok(Vec::new()));
        // Nor those of one that has no webhook any more, until it has one again.
        world.pending(&user("jane")).await;
        let acme = TenantRow { webhook_url: None, ..tenant("acme") };
        assert_eq!(world.store.set_tenant(&tenant("acme"), &acme, entry("x")).await, Ok(true));
        assert_eq!(world.store.due_events(NOW + 9, NOW + 10, 10).await, Ok(Vec::new()));
        let listed = world.store.events("silent", None, 10).await.unwrap();
        assert_eq!(listed.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e1-zoe", "e2-zoe"]);
        assert_eq!(world.store.events("silent", Some("e1-zoe"), 10).await.unwrap(), listed[1..]);
        assert_eq!(world.store.events("silent", None, 1).await.unwrap(), listed[..1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_do_not_take_the_same_event() {
    for world in worlds().await {
        let other = world.another("two").await;
        for number in 0..40 {
            world.pending(&user(&format!("user-{number}"))).await;
        }
        let take = |store: crate::store::Store| async move {
            let mut taken = Vec::new();
            for _ in 0..10 {
                taken.extend(store.due_events(NOW, NOW + 1000, 5).await.unwrap());
            }
            taken
        };
        let (one, two) = (tokio::spawn(take(world.store.clone())), tokio::spawn(take(other)));
        let mut ids: Vec<_> = one.await.unwrap().into_iter().chain(two.await.unwrap()).map(|event| event.id).collect();
        assert_eq!(ids.len(), 40);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 40);
    }
}
