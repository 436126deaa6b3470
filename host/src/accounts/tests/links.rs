//! Links: what they prove, how long they live, and what a look at them does.

use super::*;
use crate::store::records::{LinkRow, LinkState, Proof};

#[test]
fn a_link_without_a_proof_is_refused() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        assert!(refused(world.accounts.link(&alice, &LinkWish::default()).await).contains("a code"));
        let both = LinkWish { code: true, ..by_email(JANE) };
        assert!(refused(world.accounts.link(&alice, &both).await).contains("one proof"));
        for url in ["https://app.example.com/connected/", "https://app.example.com/Connected", "https://evil.tld/"] {
            let wish = LinkWish { return_url: Some(url.to_owned()), ..LinkWish::default() };
            assert!(refused(world.accounts.link(&alice, &wish).await).contains("return URLs"), "{url}");
        }
        let state = LinkWish { return_state: Some("x".to_owned()), ..by_code() };
        assert!(refused(world.accounts.link(&alice, &state).await).contains("return URL"));
        assert!(matches!(
            world.accounts.link(&user("nobody"), &by_code()).await,
            Err(AccountsError::Missing("account"))
        ));
        assert_eq!(world.trail(&alice).await, ["account.created"]);
    });
}

#[test]
fn the_expected_email_of_an_account_is_a_proof() {
    everywhere(async |world: World| {
        let wish = Wish { expected_email: Some(JANE.to_owned()), ..Wish::default() };
        world.accounts.get_or_create(&user("alice"), &wish).await.unwrap();
        let link = world.link(&user("alice"), &LinkWish::default()).await;
        let visit = world.accounts.visit(&link).await.unwrap();
        assert_eq!(visit.link.proof, Proof::Email(JANE.to_owned()));
    });
}

#[test]
fn a_key_connects_after_it_was_verified_and_confirmed() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email("Jane@ACME.example")).await;
        let (label, person, _) =
            world.accounts.offer(&link, "https://acme.freshdesk.com/a/tickets", seed::ADMIN_KEY).await.unwrap();
        assert_eq!((label, person.email.as_deref()), (acme(), Some(JANE)));
        assert_eq!(world.state(&alice).await, State::Pending, "nothing is connected without the user's confirmation");
        let confirmed = world.accept(&link, None).await.unwrap();
        assert!(matches!(confirmed, Confirmed::Active(row) if row.state == State::Active && row.key.is_none()));
        assert_eq!(world.events(&alice).await, ["none > pending: created", "pending > active: connected"]);
        assert_eq!(
            world.trail(&alice).await,
            ["account.created", "link.created", "link.tried", "link.verified", "link.opened", "account.connected"]
        );
        assert!(world.call(&alice).await.is_ok());
    });
}

#[test]
fn mail_scanners_that_look_consume_nothing() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        for _ in 0..20 {
            assert!(world.accounts.visit(&link).await.is_ok());
        }
        assert_eq!(world.told(&alice, "link.opened").await, 1);
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        assert!(world.accept(&link, None).await.is_ok());
    });
}

#[test]
fn a_used_link_that_is_opened_again_is_noted_and_looks_like_an_unknown_one() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        world.accept(&link, None).await.unwrap();
        for _ in 0..5 {
            assert!(matches!(world.accounts.visit(&link).await, Err(LinkError::Gone)));
        }
        assert_eq!(world.told(&alice, "link.reused").await, 1, "once a minute");
        let refused = world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await;
        assert!(matches!(refused, Err(OfferError::Link(LinkError::Gone))));
        let unknown = "A".repeat(43);
        assert!(matches!(world.accounts.visit(&unknown).await, Err(LinkError::Gone)));
        assert!(matches!(world.accounts.visit("").await, Err(LinkError::Gone)));
    });
}

#[test]
fn a_second_press_of_the_button_is_answered_as_the_first() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        let seen = world.accounts.visit(&link).await.unwrap().seen().unwrap();
        let (one, two) =
            tokio::join!(world.accounts.accept(&link, &seen, None), world.accounts.accept(&link, &seen, None));
        assert!(matches!((one, two), (Ok(Confirmed::Active(_)), Ok(Confirmed::Active(_)))));
        assert!(matches!(world.accounts.accept(&link, &seen, None).await, Ok(Confirmed::Active(_))));
        assert_eq!(world.accounts.get(&alice).await.unwrap().version, 1);
        assert_eq!(world.told(&alice, "account.connected").await, 1);
    });
}

#[test]
fn five_links_are_live_and_the_oldest_unopened_gives_way() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let mut links = Vec::new();
        for _ in 0..6 {
            links.push(world.link(&alice, &by_email(JANE)).await);
        }
        assert!(matches!(world.accounts.visit(&links[0]).await, Err(LinkError::Gone)));
        for link in &links[1..] {
            assert!(world.accounts.visit(link).await.is_ok());
        }
        assert!(refused(world.accounts.link(&alice, &by_email(JANE)).await).contains("five links"));
        world.accounts.offer(&links[3], "acme", seed::ADMIN_KEY).await.unwrap();
        world.accept(&links[3], None).await.unwrap();
        for link in &links {
            assert!(matches!(world.accounts.visit(link).await, Err(LinkError::Gone)), "finishing one cancels the rest");
        }
        assert_eq!(world.told(&alice, "link.reused").await, 1);
    });
}

#[test]
fn a_link_has_five_tries() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        for text in ["", "short", "acme.freshdesk.com"] {
            assert!(matches!(world.accounts.offer(&link, "acme", text).await, Err(OfferError::Key)), "no try");
        }
        assert!(matches!(
            world.accounts.offer(&link, "http://acme", seed::ADMIN_KEY).await,
            Err(OfferError::Helpdesk(_))
        ));
        assert_eq!(world.whos(), 0);
        for expected in [4, 3, 2, 1, 0] {
            match world.accounts.offer(&link, "acme", "FAKEkeyOfNobody00009").await {
                Err(OfferError::WrongKey { left }) => assert_eq!(left, expected),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(world.accounts.visit(&link).await, Err(LinkError::Dead)));
        let good = world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await;
        assert!(matches!(good, Err(OfferError::Link(LinkError::Dead))));
        assert_eq!((world.whos(), world.told(&alice, "link.dead").await), (5, 1));
        assert_eq!(world.state(&alice).await, State::Pending);
    });
}

#[test]
fn tries_at_the_same_time_are_counted_one_by_one() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let (accounts, link) = (Arc::clone(&world.accounts), link.clone());
                tokio::spawn(async move { accounts.offer(&link, "acme", "FAKEkeyOfNobody00009").await.is_err() })
            })
            .collect();
        for task in tasks {
            assert!(task.await.unwrap());
        }
        assert_eq!(world.whos(), 5);
    });
}

#[test]
fn a_helpdesk_sees_ten_tries_a_minute() {
    everywhere(async |world: World| {
        for number in 0..10 {
            let user = world.user(&format!("user-{number}")).await;
            let link = world.link(&user, &by_email(JANE)).await;
            let refused = world.accounts.offer(&link, "acme", "FAKEkeyOfNobody00009").await;
            assert!(matches!(refused, Err(OfferError::WrongKey { left: 4 })));
        }
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        let refused = world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await;
        assert!(matches!(refused, Err(OfferError::Unavailable { retry_after: Some(1..=60) })), "{refused:?}");
        assert_eq!(world.accounts.visit(&link).await.unwrap().link.tries, 0, "and that is no try of the link's");
        assert_eq!(world.whos(), 10);
    });
}

#[test]
fn an_expired_link_is_gone_and_its_candidate_is_destroyed() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let token = random::token().unwrap();
        let link = LinkRow {
            hash: random::hash(&token),
            user: alice.clone(),
            proof: Proof::Email(JANE.to_owned()),
            allow_other: false,
            state: LinkState::Live,
            tries: 0,
            created_at: now(),
            opened_at: None,
            expires_at: now() + 4_000,
            candidate: None,
        };
        let entry = events::entry("link.created", &alice, now(), json!({}));
        assert!(world.accounts.store.create_link(&link, 5, entry).await.unwrap());
        world.accounts.offer(&token, "acme", seed::ADMIN_KEY).await.unwrap();
        let seen = world.accounts.visit(&token).await.unwrap().seen().unwrap();
        tokio::time::sleep(Duration::from_millis(4_100)).await;
        assert!(matches!(world.accounts.visit(&token).await, Err(LinkError::Gone)));
        let accepted = world.accounts.accept(&token, &seen, None).await;
        assert!(matches!(accepted, Err(ConfirmError::Link(LinkError::Gone))));
        assert_eq!(world.accounts.sweep().await.unwrap(), 1);
        assert!(world.accounts.find(&token).await.unwrap().is_none_or(|link| link.candidate.is_none()));
        assert_eq!(world.state(&alice).await, State::Pending);
    });
}
