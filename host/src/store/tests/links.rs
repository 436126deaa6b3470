//! Links: their limits, what they hold, and how they end.

use super::super::records::{LinkState, Proof};
use super::fixture::*;
use crate::accounts::State;

#[tokio::test]
async fn a_link_comes_back_as_it_was_stored() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        let back = Proof::Return { url: "https://app/back".to_owned(), state: Some("s\0".to_owned()) };
        let without = Proof::Return { url: "https://app/back".to_owned(), state: None };
        for (number, proof) in [Proof::Code(vec![0, 255, 16]), back, without].into_iter().enumerate() {
            let mut link = link(&jane, number as u8);
            (link.proof, link.allow_other) = (proof, true);
            assert_eq!(world.store.create_link(&link, 5, entry("link")).await, Ok(true));
            assert_eq!(world.store.link(&link.hash).await, Ok(Some(link)));
        }
        assert_eq!(world.store.link(&[9; 32]).await, Ok(None));
        assert_eq!(world.store.create_link(&link(&user("nobody"), 9), 5, entry("none")).await, Ok(false));
        assert!(!world.kinds().await.contains(&"none".to_owned()));
    }
}

#[tokio::test]
async fn the_oldest_unopened_link_gives_way_and_open_ones_stay() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        for number in 1..=5 {
            world.link(&jane, number).await;
        }
        assert_eq!(world.store.open_link(&[1; 32], NOW, entry("opened")).await, Ok(true));
        world.link(&jane, 6).await;
        let state = async |number: u8| world.store.link(&[number; 32]).await.unwrap().unwrap().state;
        assert_eq!(
            (state(1).await, state(2).await, state(3).await),
            (LinkState::Live, LinkState::Cancelled, LinkState::Live)
        );
        for number in 3..=6 {
            assert_eq!(world.store.open_link(&[number; 32], NOW, entry("opened")).await, Ok(true));
        }
        assert_eq!(world.store.create_link(&link(&jane, 7), 5, entry("sixth")).await, Ok(false));
        assert_eq!(world.store.link(&[7; 32]).await, Ok(None));
        assert!(!world.kinds().await.contains(&"sixth".to_owned()));
        // When they have expired there is room again.
        let mut later = link(&jane, 8);
        (later.created_at, later.expires_at) = (NOW + 1_800_001, NOW + 3_600_000);
        assert_eq!(world.store.create_link(&later, 5, entry("later")).await, Ok(true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_links_at_a_time_do_not_pass_the_limit() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        let other = world.another("two").await;
        let tasks: Vec<_> = (1..=20)
            .map(|number| {
                let (store, link) = (if number % 2 == 0 { &other } else { &world.store }.clone(), link(&jane, number));
                tokio::spawn(async move { store.create_link(&link, 5, entry("link")).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(true));
        }
        let mut live = 0;
        for number in 1..=20 {
            live += usize::from(world.store.link(&[number; 32]).await.unwrap().unwrap().state == LinkState::Live);
        }
        assert_eq!(live, 5);
    }
}

#[tokio::test]
async fn a_link_is_opened_once_and_tried_so_often() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        let hash = world.link(&jane, 1).await.hash;
        assert_eq!(world.store.open_link(&hash, NOW + 5, entry("opened")).await, Ok(true));
        assert_eq!(world.store.open_link(&hash, NOW + 6, entry("opened")).await, Ok(false));
        for _ in 0..2 {
            assert_eq!(world.store.try_link(&hash, 2, entry("tried")).await, Ok(true));
        }
        assert_eq!(world.store.try_link(&hash, 2, entry("tried")).await, Ok(false));
        let row = world.store.link(&hash).await.unwrap().unwrap();
        assert_eq!((row.opened_at, row.tries, row.state), (Some(NOW + 5), 2, LinkState::Live));
        assert_eq!(world.store.offer(&hash, &candidate(9), entry("offered")).await, Ok(true));
        assert_eq!(world.store.kill_link(&hash, entry("dead")).await, Ok(true));
        assert_eq!(world.store.kill_link(&hash, entry("dead")).await, Ok(false));
        let row = world.store.link(&hash).await.unwrap().unwrap();
        assert_eq!((row.state, row.candidate), (LinkState::Dead, None));
        assert!(!world.holds(&sealed(9)).await);
        let kinds = world.kinds().await;
        assert_eq!(kinds[..5], ["dead", "offered", "tried", "tried", "opened"]);
    }
}

#[tokio::test]
async fn an_expired_link_is_of_no_use() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        let link = world.link(&jane, 1).await;
        let late = || {
            let mut entry = entry("late");
            entry.at = link.expires_at;
            entry
        };
        let (store, hash) = (&world.store, &link.hash);
        assert_eq!(store.open_link(hash, link.expires_at, late()).await, Ok(false));
        assert_eq!(store.try_link(hash, 5, late()).await, Ok(false));
        assert_eq!(store.offer(hash, &candidate(9), late()).await, Ok(false));
        assert_eq!(store.wait_link(hash, &[1], link.expires_at + 1, late()).await, Ok(false));
        let mut connect = connect(&jane, 0, State::Pending);
        (connect.link, connect.at) = (Some(hash.clone()), link.expires_at);
        let event = event(&jane, "e2", None, State::Active);
        assert_eq!(store.connect(&connect, &event, vec![late()]).await, Ok(false));
        assert!(!world.kinds().await.contains(&"late".to_owned()));
        assert_eq!(store.account(&jane).await.unwrap().unwrap().version, 0);
    }
}

#[tokio::test]
async fn an_offer_takes_the_place_of_an_earlier_one_and_waits_for_its_tenant() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        let hash = world.link(&jane, 1).await.hash;
        let store = &world.store;
        assert_eq!(store.wait_link(&hash, &[1], NOW + 9, entry("early")).await, Ok(false));
        assert_eq!(store.offer(&hash, &candidate(8), entry("offered")).await, Ok(true));
        assert_eq!(store.offer(&hash, &candidate(9), entry("offered")).await, Ok(true));
        assert_eq!((world.holds(&sealed(8)).await, world.holds(&sealed(9)).await), (false, true));
        assert_eq!(store.wait_link(&hash, &[1], NOW + 9, entry("waits")).await, Ok(true));
        assert_eq!(store.offer(&hash, &candidate(7), entry("late")).await, Ok(false));
        assert_eq!(store.waiting_link(&[2]).await, Ok(None));
        let row = store.waiting_link(&[1]).await.unwrap().unwrap();
        assert_eq!((row.state, row.expires_at), (LinkState::Waiting, NOW + 9));
        assert_eq!(row.candidate, Some(candidate(9)));
        assert_eq!(world.kinds().await[0], "waits");
    }
}

#[tokio::test]
async fn who_connects_by_a_link_uses_it_and_cancels_the_others() {
    for world in worlds().await {
        let (jane, bob) = (user("jane"), user("bob"));
        world.pending(&jane).await;
        world.pending(&bob).await;
        for number in 1..=3 {
            world.link(&jane, number).await;
            assert_eq!(world.store.offer(&[number; 32], &candidate(10 + number), entry("offered")).await, Ok(true));
        }
        world.link(&bob, 4).await;
        let mut connect = connect(&jane, 0, State::Pending);
        let event = event(&jane, "e2", Some(State::Pending), State::Active);
        connect.link = Some(vec![4; 32]);
        assert_eq!(world.store.connect(&connect, &event, vec![entry("of another")]).await, Ok(false));
        connect.link = Some(vec![2; 32]);
        assert_eq!(world.store.connect(&connect, &event, vec![entry("connected")]).await, Ok(true));
        let link = async |number: u8| world.store.link(&[number; 32]).await.unwrap().unwrap();
        let states = [link(1).await.state, link(2).await.state, link(3).await.state, link(4).await.state];
        assert_eq!(states, [LinkState::Cancelled, LinkState::Used, LinkState::Cancelled, LinkState::Live]);
        for number in 1..=3 {
            assert_eq!(link(number).await.candidate, None);
            assert!(!world.holds(&sealed(10 + number)).await);
        }
        (connect.expected_version, connect.expected_state) = (1, State::Active);
        assert_eq!(world.store.connect(&connect, &event, vec![entry("twice")]).await, Ok(false));
        assert_eq!(world.kinds().await[0], "connected");
        assert!(world.holds(&sealed(1)).await);
    }
}

#[tokio::test]
async fn a_sweep_destroys_what_expired_links_hold_and_forgets_old_ones() {
    for world in worlds().await {
        let jane = user("jane");
        world.pending(&jane).await;
        for number in 1..=2 {
            world.link(&jane, number).await;
            assert_eq!(world.store.offer(&[number; 32], &candidate(number), entry("offered")).await, Ok(true));
        }
        let mut short = link(&jane, 3);
        short.expires_at = NOW + 100;
        assert_eq!(world.store.create_link(&short, 5, entry("link")).await, Ok(true));
        assert_eq!(world.store.offer(&[3; 32], &candidate(3), entry("offered")).await, Ok(true));

        assert_eq!(world.store.sweep_links(NOW + 100, NOW).await, Ok(1));
        assert_eq!(world.store.sweep_links(NOW + 100, NOW).await, Ok(0));
        assert!(!world.holds(&sealed(3)).await && world.holds(&sealed(1)).await);
        assert_eq!(world.store.link(&[3; 32]).await.unwrap().unwrap().candidate, None);
        assert_eq!(world.store.sweep_links(NOW + 101, NOW + 101).await, Ok(0));
        assert_eq!(world.store.link(&[3; 32]).await, Ok(None));
        assert!(world.store.link(&[1; 32]).await.unwrap().unwrap().candidate.is_some());

        assert_eq!(world.store.events("acme", None, 10).await.unwrap().len(), 1);
        let month = 31 * 24 * 3_600_000;
        assert_eq!(world.store.sweep_links(NOW + month, 0).await, Ok(2));
        assert_eq!(world.store.events("acme", None, 10).await, Ok(Vec::new()));
    }
}
