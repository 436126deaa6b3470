//! Nonces and calls that are made once.

use super::super::records::CallRow;
use super::fixture::*;
use crate::accounts::State;

const DAY: i64 = 24 * 3_600_000;

fn call(identifier: &str, hash: u8, run: i64) -> CallRow {
    CallRow {
        hash: vec![hash; 32],
        user: user(identifier),
        digest: vec![hash ^ 0xFF; 32],
        run,
        begun_at: NOW,
        leased_until: NOW + 40_000,
        expires_at: NOW + DAY,
        ended_at: None,
        answer: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_is_used_once_whoever_comes_first() {
    for world in worlds().await {
        let other = world.another("two").await;
        let tasks: Vec<_> = (0..20)
            .map(|number| {
                let store = if number % 2 == 0 { &other } else { &world.store }.clone();
                tokio::spawn(async move { store.use_nonce(&[1; 32], NOW + 10).await.unwrap() })
            })
            .collect();
        let mut used = 0;
        for task in tasks {
            used += u32::from(task.await.unwrap());
        }
        assert_eq!(used, 1);
        assert_eq!(world.store.use_nonce(&[2; 32], NOW + 20).await, Ok(true));
        assert_eq!(other.sweep_once(NOW + 10).await, Ok(0));
        assert_eq!(world.store.use_nonce(&[2; 32], NOW + 20).await, Ok(false));
        assert_eq!(world.store.use_nonce(&[1; 32], NOW + 20).await, Ok(true), "it was forgotten when it had expired");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_begun_by_one_host() {
    for world in worlds().await {
        let other = world.another("two").await;
        let tasks: Vec<_> = (0..20)
            .map(|number| {
                let store = if number % 2 == 0 { &other } else { &world.store }.clone();
                tokio::spawn(async move { store.begin_call(&call("jane", 1, number)).await.unwrap().then_some(number) })
            })
            .collect();
        let mut begun = Vec::new();
        for task in tasks {
            begun.extend(task.await.unwrap());
        }
        assert_eq!(begun.len(), 1);
        assert_eq!(other.call(&[1; 32]).await, Ok(Some(call("jane", 1, begun[0]))));
        assert_eq!(other.call(&[2; 32]).await, Ok(None));
    }
}

#[tokio::test]
async fn a_call_ends_once_and_by_who_runs_it() {
    for world in worlds().await {
        let (ours, others) = (call("jane", 1, 1), call("jane", 1, 2));
        assert_eq!(world.store.end_call(&ours, NOW + 5, &sealed(1)).await, Ok(false));
        assert_eq!(world.store.begin_call(&ours).await, Ok(true));
        assert_eq!(world.store.end_call(&others, NOW + 5, &sealed(2)).await, Ok(false));
        assert_eq!(world.store.take_call_back(&others).await, Ok(false));
        assert_eq!(world.store.end_call(&ours, NOW + 5, &sealed(1)).await, Ok(true));
        assert_eq!(world.store.end_call(&ours, NOW + 6, &sealed(3)).await, Ok(false));
        assert_eq!(world.store.take_call_back(&ours).await, Ok(false));
        let ended = CallRow { ended_at: Some(NOW + 5), answer: Some(sealed(1)), ..ours };
        assert_eq!(world.store.call(&[1; 32]).await, Ok(Some(ended)));
        assert!(!world.holds(&sealed(2)).await && !world.holds(&sealed(3)).await);

        let vain = call("jane", 2, 3);
        assert_eq!(world.store.begin_call(&vain).await, Ok(true));
        assert_eq!(world.store.take_call_back(&vain).await, Ok(true));
        assert_eq!(world.store.call(&[2; 32]).await, Ok(None));
        assert_eq!(world.store.begin_call(&call("jane", 2, 4)).await, Ok(true));
        assert_eq!(world.store.take_call_back(&vain).await, Ok(false), "it is another try by now");
    }
}

#[tokio::test]
async fn a_sweep_destroys_what_expired_calls_answered_and_forgets_them() {
    for world in worlds().await {
        for number in 1..=3 {
            let mut call = call("jane", number, i64::from(number));
            call.expires_at += i64::from(number);
            assert_eq!(world.store.begin_call(&call).await, Ok(true));
            if number != 2 {
                assert_eq!(world.store.end_call(&call, NOW + 5, &sealed(number)).await, Ok(true));
            }
        }
        assert_eq!(world.store.sweep_once(NOW + DAY).await, Ok(0));
        assert!(world.holds(&sealed(1)).await);
        assert_eq!(world.store.sweep_once(NOW + DAY + 2).await, Ok(1));
        assert!(!world.holds(&sealed(1)).await && world.holds(&sealed(3)).await);
        for (number, there) in [(1, false), (2, false), (3, true)] {
            assert_eq!(world.store.call(&[number; 32]).await.unwrap().is_some(), there, "{number}");
        }
        let late = call("jane", 4, 4);
        assert_eq!(world.store.begin_call(&late).await, Ok(true));
        assert_eq!(world.store.end_call(&late, NOW + DAY, &sealed(4)).await, Ok(false), "it has expired");
    }
}

#[tokio::test]
async fn who_disconnects_destroys_what_the_accounts_calls_answered() {
    for world in worlds().await {
        for name in ["jane", "bob"] {
            world.active(&user(name)).await;
        }
        for (number, name) in [(1, "jane"), (2, "jane"), (3, "bob")] {
            let call = call(name, number, i64::from(number));
            assert_eq!(world.store.begin_call(&call).await, Ok(true));
            if number != 2 {
                assert_eq!(world.store.end_call(&call, NOW + 5, &sealed(100 + number)).await, Ok(true));
            }
        }
        let event = event(&user("jane"), "e3", Some(State::Active), State::Disconnected);
        assert_eq!(world.store.disconnect(&user("jane"), &event, entry("gone")).await, Ok(true));
        assert!(!world.holds(&sealed(101)).await && world.holds(&sealed(103)).await);
        assert_eq!(world.store.call(&[1; 32]).await, Ok(None));
        assert!(world.store.call(&[3; 32]).await.unwrap().unwrap().answer.is_some());
        // What ran meanwhile must not be made a second time, and what it came to is not kept.
        let ran = world.store.call(&[2; 32]).await.unwrap().unwrap();
        assert_eq!((ran.ended_at, ran.answer), (Some(NOW), None));
        assert_eq!(world.store.end_call(&call("jane", 2, 2), NOW + 6, &sealed(102)).await, Ok(false));
        assert!(!world.holds(&sealed(102)).await);
    }
}
