//! Nonces and calls that are made once.

use super::super::records::{CallRow, Claim, Found};
use super::fixture::*;
use crate::accounts::State;

const DAY: i64 = 24 * 3_600_000;

fn call(identifier: &str, hash: u8, run: i64) -> CallRow {
    CallRow {
        hash: vec![hash; 32],
        user: user(identifier),
        digest: vec![hash ^ 0xFF; 32],
        content: Some(vec![9; 32]),
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
        assert_eq!(world.store.end_call(&ours, NOW + 5, &sealed(1), None).await, Ok(false));
        assert_eq!(world.store.begin_call(&ours).await, Ok(true));
        assert_eq!(world.store.end_call(&others, NOW + 5, &sealed(2), None).await, Ok(false));
        assert_eq!(world.store.take_call_back(&others, None).await, Ok(false));
        assert_eq!(world.store.end_call(&ours, NOW + 5, &sealed(1), None).await, Ok(true));
        assert_eq!(world.store.end_call(&ours, NOW + 6, &sealed(3), None).await, Ok(false));
        assert_eq!(world.store.take_call_back(&ours, None).await, Ok(false));
        let ended = CallRow { ended_at: Some(NOW + 5), answer: Some(sealed(1)), ..ours };
        assert_eq!(world.store.call(&[1; 32]).await, Ok(Some(ended)));
        assert!(!world.holds(&sealed(2)).await && !world.holds(&sealed(3)).await);

        let vain = call("jane", 2, 3);
        assert_eq!(world.store.begin_call(&vain).await, Ok(true));
        assert_eq!(world.store.take_call_back(&vain, None).await, Ok(true));
        assert_eq!(world.store.call(&[2; 32]).await, Ok(None));
        assert_eq!(world.store.begin_call(&call("jane", 2, 4)).await, Ok(true));
        assert_eq!(world.store.take_call_back(&vain, None).await, Ok(false), "it is another try by now");
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
                assert_eq!(world.store.end_call(&call, NOW + 5, &sealed(number), None).await, Ok(true));
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
        assert_eq!(world.store.end_call(&late, NOW + DAY, &sealed(4), None).await, Ok(false), "it has expired");
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
                assert_eq!(world.store.end_call(&call, NOW + 5, &sealed(100 + number), None).await, Ok(true));
            }
        }
        let event = event(&user("jane"), "e3", Some(State::Active), State::Disconnected);
        assert_eq!(world.store.disconnect(&user("jane"), &event, entry("gone")).await, Ok(true));
        assert!(!world.holds(&sealed(101)).await && world.holds(&sealed(103)).await);
        let made = world.store.call(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(
            (made.ended_at, made.content, made.answer),
            (Some(NOW + 5), None, None),
            "that it was made is known"
        );
        assert!(world.store.call(&[3; 32]).await.unwrap().unwrap().answer.is_some());
        // What ran meanwhile must not be made a second time, and what it came to is not kept.
        let ran = world.store.call(&[2; 32]).await.unwrap().unwrap();
        assert_eq!((ran.ended_at, ran.answer), (Some(NOW), None));
        assert_eq!(world.store.end_call(&call("jane", 2, 2), NOW + 6, &sealed(102), None).await, Ok(false));
        assert!(!world.holds(&sealed(102)).await);
    }
}

fn claim(record: &str) -> Claim {
    Claim { helpdesk: "acme".to_owned(), kind: "ticket", record: record.to_owned(), expires_at: NOW + DAY }
}

/// A record that was made a second after the calls of these tests began, give or take a second.
fn found(record: &str) -> Found {
    Found { claim: claim(record), made: (NOW, NOW + 2000) }
}

#[tokio::test]
async fn a_record_is_one_calls() {
    for world in worlds().await {
        let (one, two) = (call("jane", 1, 1), call("bob", 2, 2));
        let other = CallRow { content: Some(vec![8; 32]), ..call("bob", 3, 3) };
        for call in [&one, &two, &other] {
            assert_eq!(world.store.begin_call(call).await, Ok(true));
        }
        assert_eq!(world.store.end_call(&one, NOW + 5, &sealed(1), Some(&claim("7"))).await, Ok(true));
        assert_eq!(world.store.is_claimed(&claim("7")).await, Ok(true));
        assert_eq!(world.store.is_claimed(&claim("8")).await, Ok(false));
        assert_eq!(world.store.leave_call(&other, NOW + 5).await, Ok(true));
        assert_eq!(world.store.leave_call(&other, NOW + 6).await, Ok(false), "it has ended");
        assert_eq!(world.store.settle_call(&other, NOW + 9, Some(&sealed(3)), Some(&found("7"))).await, Ok(false));
        assert!(!world.holds(&sealed(3)).await);
        let stranger = Found { claim: Claim { helpdesk: "other".to_owned(), ..claim("7") }, ..found("7") };
        assert_eq!(world.store.settle_call(&other, NOW + 9, Some(&sealed(3)), Some(&stranger)).await, Ok(true));
        assert_eq!(world.store.settle_call(&other, NOW + 9, Some(&sealed(4)), Some(&found("8"))).await, Ok(false));
        let settled = world.store.call(&other.hash).await.unwrap().unwrap();
        assert_eq!((settled.ended_at, settled.answer), (Some(NOW + 5), Some(sealed(3))));
        // What a call answered directly is believed, whoever has the record.
        assert_eq!(world.store.take_call_back(&two, Some(&claim("7"))).await, Ok(true));
        assert_eq!(world.store.call(&two.hash).await, Ok(None));
        assert_eq!(world.store.sweep_once(NOW + DAY - 1).await, Ok(0));
        assert_eq!(world.store.is_claimed(&claim("7")).await, Ok(true));
        world.store.sweep_once(NOW + DAY).await.unwrap();
        assert_eq!(world.store.is_claimed(&claim("7")).await, Ok(false));
    }
}

#[tokio::test]
async fn a_record_that_another_call_may_have_made_is_nobodys() {
    for world in worlds().await {
        let ours = call("jane", 1, 1);
        assert_eq!(world.store.begin_call(&ours).await, Ok(true));
        assert_eq!(world.store.leave_call(&ours, NOW + 1500).await, Ok(true));
        let settle = async || world.store.settle_call(&ours, NOW + 9000, None, Some(&found("7"))).await;
        // One that runs; one that was broken off; one that ended without a word.
        let rival = call("bob", 2, 2);
        assert_eq!(world.store.begin_call(&rival).await, Ok(true));
        assert_eq!(world.store.has_rivals(&ours, NOW + 10).await, Ok(true));
        assert_eq!(world.store.has_rivals(&ours, NOW + 40_000).await, Ok(false));
        assert_eq!(world.store.has_rivals(&rival, NOW + 10).await, Ok(false));
        assert_eq!(settle().await, Ok(false));
        assert_eq!(world.store.leave_call(&rival, NOW + 100).await, Ok(true));
        assert_eq!((world.store.has_rivals(&ours, NOW + 10).await, settle().await), (Ok(false), Ok(false)));
        assert_eq!(world.store.settle_call(&rival, NOW + 9000, None, None).await, Ok(true));
        // Ones that were over before it was made, that began after it was made, that know what they made.
        let mut before = CallRow { begun_at: NOW - 9000, ..call("bob", 3, 3) };
        assert_eq!(world.store.begin_call(&before).await, Ok(true));
        assert_eq!(world.store.leave_call(&before, NOW - 1).await, Ok(true));
        before = CallRow { begun_at: NOW + 2001, ..call("bob", 4, 4) };
        assert_eq!(world.store.begin_call(&before).await, Ok(true));
        let knows = call("bob", 5, 5);
        assert_eq!(world.store.begin_call(&knows).await, Ok(true));
        assert_eq!(world.store.end_call(&knows, NOW + 5, &sealed(5), Some(&claim("8"))).await, Ok(true));
        assert_eq!(settle().await, Ok(true));
        assert_eq!(world.store.call(&ours.hash).await, Ok(None), "of a call without an answer to keep nothing is left");
        assert_eq!((settle().await, world.store.is_claimed(&claim("7")).await), (Ok(false), Ok(true)));
    }
}

#[tokio::test]
async fn who_disconnects_has_nothing_settled_that_was_looked_for_before() {
    for world in worlds().await {
        world.active(&user("jane")).await;
        let ours = call("jane", 1, 1);
        assert_eq!(world.store.begin_call(&ours).await, Ok(true));
        assert_eq!(world.store.leave_call(&ours, NOW + 5).await, Ok(true));
        let event = event(&user("jane"), "e3", Some(State::Active), State::Disconnected);
        assert_eq!(world.store.disconnect(&user("jane"), &event, entry("gone")).await, Ok(true));
        assert_eq!(world.store.settle_call(&ours, NOW + 9, Some(&sealed(101)), Some(&found("7"))).await, Ok(false));
        assert!(!world.holds(&sealed(101)).await);
        assert_eq!(world.store.is_claimed(&claim("7")).await, Ok(false));
        let row = world.store.call(&ours.hash).await.unwrap().unwrap();
        assert_eq!((row.ended_at, &row.answer), (Some(NOW + 5), &None));
        assert_eq!(world.store.settle_call(&row, NOW + 9, Some(&sealed(101)), Some(&found("7"))).await, Ok(true));
    }
}
