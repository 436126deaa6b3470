//! Several hosts over one store, and hosts that end.

use std::collections::BTreeMap;

use super::receiver::{FINE, SILENT};
use super::*;

/// How often each event arrived, when no more do.
async fn arrivals(receiver: &mut Receiver, events: usize) -> BTreeMap<String, usize> {
    let mut arrivals = BTreeMap::new();
    while arrivals.len() < events {
        *arrivals.entry(receiver.next().await.header("webhook-id").to_owned()).or_default() += 1;
    }
    for more in receiver.within(Duration::from_millis(500)).await {
        *arrivals.entry(more.header("webhook-id").to_owned()).or_default() += 1;
    }
    arrivals
}

#[tokio::test]
async fn two_hosts_deliver_an_event_once() {
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[FINE]).await);
    world.tenant("acme", &local(receiver.address)).await;
    let hosts = [world.deliver(fast()), world.deliver_from(world.other_store().await, fast(), &Development::default())];
    for number in 0..50 {
        world.event("acme", &format!("user-{number}")).await;
    }
    let arrivals = arrivals(&mut receiver, 50).await;
    assert!(arrivals.values().all(|times| *times == 1), "{arrivals:?}");
    for host in hosts {
        host.stop().await;
    }
}

#[tokio::test]
async fn a_restart_loses_no_event() {
    let (world, mut receiver) = (World::new().await, Receiver::answering(&[FINE, FINE, SILENT, SILENT, FINE]).await);
    world.tenant("acme", &local(receiver.address)).await;
    for number in 0..20 {
        world.event("acme", &format!("user-{number}")).await;
    }
    let pace = Pace { lease: Duration::from_secs(2), patience: Duration::from_secs(1), ..fast() };
    let killed = world.deliver(pace.clone());
    for _ in 0..3 {
        receiver.next().await;
    }
    killed.task.abort();
    let restarted = world.deliver(pace.clone());
    // Those that arrived at the host that was killed may arrive again; all others have to.
    let arrivals = arrivals(&mut receiver, 18).await;
    assert!((18..=20).contains(&arrivals.len()), "{arrivals:?}");
    // What the killed host had taken comes again when its lease is over.
    while !receiver.within(pace.lease * 2).await.is_empty() {}
    restarted.stop().await;
    assert_eq!(world.store.due_events(i64::MAX / 2, i64::MAX / 2 + 1, 100).await.unwrap(), []);
}
