//! Possession of a link never makes an account active: what each proof refuses, and what a reconnect is pinned to.

use freshdesk_simulator::{Fault, FaultAction};

use super::*;

/// Alice's link, opened by Tom, who gives his own key.
#[test]
fn another_persons_key_is_refused_by_email() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_email(JANE)).await;
        let refused = world.accounts.offer(&link, "acme", seed::AGENT_KEY).await;
        assert!(matches!(refused, Err(OfferError::OtherPerson)), "{refused:?}");
        assert!(matches!(world.accept(&link, None).await, Err(ConfirmError::Nothing)));
        assert_eq!(world.state(&alice).await, State::Pending);
    });
}

#[test]
fn without_the_code_nothing_connects() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let made = world.accounts.link(&alice, &by_code()).await.unwrap();
        let (link, code) = (token(&made), made.code.unwrap());
        world.accounts.offer(&link, "acme", seed::AGENT_KEY).await.unwrap();
        for nothing in [None, Some(""), Some(" - ")] {
            let refused = world.accept(&link, nothing).await;
            assert!(
                matches!(refused, Err(ConfirmError::WrongCode { left: 4 })),
                "nothing typed is no try: {refused:?}"
            );
        }
        let wrong = if code == "00000000" { "00000001" } else { "00000000" };
        for expected in [3, 2, 1, 0] {
            match world.accept(&link, Some(wrong)).await {
                Err(ConfirmError::WrongCode { left }) => assert_eq!(left, expected),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(world.accept(&link, Some(&code)).await, Err(ConfirmError::Link(LinkError::Dead))));
        assert_eq!(world.state(&alice).await, State::Pending);
    });
}

#[test]
fn with_the_code_the_account_is_active() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let made = world.accounts.link(&alice, &by_code()).await.unwrap();
        let (link, code) = (token(&made), made.code.unwrap());
        for _ in 0..3 {
            let refused = world.accounts.offer(&link, "acme", "FAKEkeyOfNobody00009").await;
            assert!(matches!(refused, Err(OfferError::WrongKey { .. })));
        }
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        let spaced = format!(" {} {} ", &code[..4], &code[4..]);
        let confirmed = world.accept(&link, Some(&spaced)).await;
        assert!(matches!(confirmed, Ok(Confirmed::Active(_))), "the last try is left for the code: {confirmed:?}");
        assert_eq!(world.state(&alice).await, State::Active);
    });
}

/// Bob has Alice's link and gives his key; what the browser brings back is confirmed from Bob's session.
#[test]
fn another_users_session_confirms_nothing() {
    everywhere(async |world: World| {
        let (alice, bob) = (world.user("alice").await, world.user("bob").await);
        let link = world.link(&alice, &by_return()).await;
        world.accounts.offer(&link, "acme", seed::AGENT_KEY).await.unwrap();
        let back = confirmation(world.accept(&link, None).await.unwrap());
        assert_eq!(world.state(&alice).await, State::Pending);
        let refused = world.accounts.confirm(&bob, &back).await;
        assert!(matches!(refused, Err(AccountsError::Missing("confirmation"))), "{refused:?}");
        assert_eq!((world.state(&alice).await, world.state(&bob).await), (State::Pending, State::Pending));
        assert_eq!(world.told(&alice, "link.confirmed_by_other").await, 1);
        assert_eq!(world.trail(&alice).await.last().unwrap(), "link.confirmed_by_other");
    });
}

#[test]
fn the_tenants_confirmation_makes_the_account_active_once() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let link = world.link(&alice, &by_return()).await;
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        let first = world.accept(&link, None).await.unwrap();
        let Confirmed::Return(url) = &first else { panic!("{first:?}") };
        assert!(url.starts_with(&format!("{RETURN}?confirmation=")) && url.ends_with("&state=s+1"), "{url}");
        assert_eq!(world.accept(&link, None).await.unwrap(), first, "a second press leads to the same address");
        let offered = world.accounts.offer(&link, "acme", seed::AGENT_KEY).await;
        assert!(matches!(offered, Err(OfferError::Link(LinkError::Gone))), "nobody else gets in between any more");
        let back = confirmation(first);
        for wrong in ["", "x", &link, &"A".repeat(43)] {
            assert!(matches!(world.accounts.confirm(&alice, wrong).await, Err(AccountsError::Missing(_))), "{wrong}");
        }
        let record = world.accounts.confirm(&alice, &back).await.unwrap();
        assert_eq!((record.state, record.version), (State::Active, 1));
        assert!(matches!(world.accounts.confirm(&alice, &back).await, Err(AccountsError::Missing(_))));
    });
}

/// Bob holds the link too, and puts his key in place while Alice looks at the screen with her name on it.
#[test]
fn what_is_confirmed_is_who_was_shown() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let made = world.accounts.link(&alice, &by_code()).await.unwrap();
        let (link, code) = (token(&made), made.code.unwrap());
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        let seen = world.accounts.visit(&link).await.unwrap().seen().unwrap();
        world.accounts.offer(&link, "acme", seed::AGENT_KEY).await.unwrap();
        let accepted = world.accounts.accept(&link, &seen, Some(&code)).await;
        assert!(matches!(accepted, Err(ConfirmError::Changed)), "{accepted:?}");
        assert_eq!(world.state(&alice).await, State::Pending);
        world.accept(&link, Some(&code)).await.unwrap();
        assert_eq!(world.accounts.get(&alice).await.unwrap().person.unwrap().id, seed::AGENT_ID);
    });
}

#[test]
fn a_reconnect_is_pinned_to_helpdesk_and_person() {
    everywhere(async |world: World| {
        evil(&world);
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let link = world.link(&alice, &by_code()).await;
        let refused = world.accounts.offer(&link, "evil", seed::ADMIN_KEY).await;
        assert!(matches!(refused, Err(OfferError::OtherHelpdesk { expected }) if expected == "acme"));
        assert_eq!(world.whos(), 1, "the key is not sent to another helpdesk");
        let refused = world.accounts.offer(&link, "acme", seed::AGENT_KEY).await;
        assert!(matches!(refused, Err(OfferError::OtherPerson)), "{refused:?}");
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
    });
}

#[test]
fn a_tenant_can_allow_another_helpdesk_and_person() {
    everywhere(async |world: World| {
        evil(&world);
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let made = world.accounts.link(&alice, &LinkWish { allow_other: true, ..by_code() }).await.unwrap();
        let link = token(&made);
        world.accounts.offer(&link, "evil", seed::AGENT_KEY).await.unwrap();
        world.accept(&link, made.code.as_deref()).await.unwrap();
        let record = world.accounts.get(&alice).await.unwrap();
        assert_eq!((record.helpdesk.as_deref(), record.version), (Some("evil"), 2));
        assert_eq!(world.events(&alice).await.last().unwrap(), "active > active: reconnected");
    });
}

#[test]
fn an_expected_helpdesk_is_kept_to() {
    everywhere(async |world: World| {
        evil(&world);
        let wish = Wish { expected_helpdesk: Some(acme()), ..Wish::default() };
        world.accounts.get_or_create(&user("alice"), &wish).await.unwrap();
        let link = world.link(&user("alice"), &LinkWish { allow_other: true, ..by_email(JANE) }).await;
        let refused = world.accounts.offer(&link, "evil", seed::ADMIN_KEY).await;
        assert!(matches!(refused, Err(OfferError::OtherHelpdesk { expected }) if expected == "acme"));
        assert_eq!(world.whos(), 0);
    });
}

#[test]
fn an_expected_email_holds_whatever_the_proof() {
    everywhere(async |world: World| {
        let wish = Wish { expected_email: Some(JANE.to_owned()), ..Wish::default() };
        world.accounts.get_or_create(&user("alice"), &wish).await.unwrap();
        let link = world.link(&user("alice"), &by_code()).await;
        let refused = world.accounts.offer(&link, "acme", seed::AGENT_KEY).await;
        assert!(matches!(refused, Err(OfferError::OtherPerson)), "{refused:?}");
    });
}

#[test]
fn what_changed_between_key_and_confirmation_is_looked_at_again() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let made = world.accounts.link(&alice, &by_code()).await.unwrap();
        let link = token(&made);
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        let wish = Wish { expected_email: Some(TOM.to_owned()), ..Wish::default() };
        world.accounts.get_or_create(&alice, &wish).await.unwrap();
        assert!(matches!(world.accept(&link, made.code.as_deref()).await, Err(ConfirmError::Changed)));
        assert_eq!(world.state(&alice).await, State::Pending);
    });
}

#[test]
fn each_refusal_of_freshdesk_has_its_own_word() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let respond = |status, body: &str| {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            let action = FaultAction::Respond { status, headers, body: body.as_bytes().to_vec() };
            world.simulator.state().faults.push(Fault { times: 3, ..Fault::once(action) });
        };
        let offer = async || {
            let link = world.link(&alice, &by_email(JANE)).await;
            let refused = world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap_err();
            world.simulator.state().faults.clear();
            refused
        };
        respond(403, r#"{"code":"require_feature","message":"x"}"#);
        assert!(matches!(offer().await, OfferError::Forbidden { code } if code.as_deref() == Some("require_feature")));
        respond(404, "");
        assert!(matches!(offer().await, OfferError::NoHelpdesk));
        respond(500, "");
        assert!(matches!(offer().await, OfferError::Unavailable { retry_after: None }));
        respond(200, r#"{"not":"an agent"}"#);
        assert!(matches!(offer().await, OfferError::Unavailable { retry_after: None }));
        assert_eq!(world.told(&alice, "link.verified").await, 0);
    });
}

/// Another helpdesk, where the same people have the same keys.
fn evil(world: &World) {
    let mut state = world.simulator.state();
    let mut evil = state.helpdesk(seed::LABEL).clone();
    evil.label = "evil".to_owned();
    state.helpdesks.insert("evil".to_owned(), evil);
}
