//! What happens when Freshdesk refuses a key.

use freshdesk_simulator::{Fault, FaultAction};

use super::*;

const NEW_KEY: &str = "FAKEkeyOfJaneDoe0003";

fn answer(status: u16, body: &str) -> FaultAction {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    FaultAction::Respond { status, headers, body: body.as_bytes().to_vec() }
}

#[test]
fn a_revoked_key_asks_the_owner_to_reconnect() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        world.reset_key(NEW_KEY);
        let (before, whos) = (world.requests().len(), world.whos());
        let error = world.call(&alice).await.unwrap_err();
        assert_eq!((error.case.as_str(), world.state(&alice).await), ("revoked", State::Revoked));
        assert_eq!((world.requests().len(), world.whos()), (before + 2, whos + 1), "it asked once more");
        assert_eq!(world.events(&alice).await.last().unwrap(), "active > revoked: key_refused");
        assert_eq!(world.told(&alice, "account.revoked").await, 1);
        assert!(world.accounts.row(&alice).await.unwrap().key.is_none());

        let again = world.call(&alice).await.unwrap_err();
        assert_eq!(
            (again.case.as_str(), world.requests().len()),
            ("revoked", before + 2),
            "and nothing leaves any more"
        );
        assert_eq!(again.detail["connect_url"], error.detail["connect_url"]);

        let link = error.detail["connect_url"].as_str().unwrap().rsplit_once('/').unwrap().1;
        world.accounts.offer(link, "acme", NEW_KEY).await.unwrap();
        let back = confirmation(world.accept(link, None).await.unwrap());
        assert_eq!(world.accounts.confirm(&alice, &back).await.unwrap().version, 2);
        assert_eq!(world.events(&alice).await.last().unwrap(), "revoked > active: reconnected");
        assert!(world.call(&alice).await.is_ok());
    });
}

#[test]
fn twenty_calls_that_are_refused_together_ask_once() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        world.reset_key(NEW_KEY);
        let whos = world.whos();
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (accounts, alice) = (Arc::clone(&world.accounts), alice.clone());
                tokio::spawn(
                    async move { accounts.call(&alice, "freshdesk_roles_list", &json!({})).await.unwrap_err() },
                )
            })
            .collect();
        for task in tasks {
            let CallError::Tool { error, .. } = task.await.unwrap() else { panic!("it broke") };
            assert_eq!(error.case, "revoked");
        }
        assert_eq!((world.whos(), world.told(&alice, "account.revoked").await), (whos + 1, 1));
    });
}

/// B24: the answer to a call with the old key comes when the account has been connected anew.
#[test]
fn b24_a_late_refusal_of_an_old_key_does_not_revoke_a_new_one() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        world.reset_key(NEW_KEY);
        let late = FaultAction::Delay(Duration::from_secs(4));
        world.simulator.state().faults.push(Fault::on("GET", "/tickets", late));
        let before = world.requests().len();
        let calling = tokio::spawn({
            let (accounts, alice) = (Arc::clone(&world.accounts), alice.clone());
            let input = json!({"ticket_id": seed::TICKET_ID});
            async move { accounts.call(&alice, "freshdesk_ticket_get", &input).await }
        });
        world.asked_for(before, "/tickets").await;
        world.connected("alice", NEW_KEY).await;
        let whos = world.whos();
        match calling.await.unwrap() {
            Err(CallError::Tool { error, .. }) => assert_eq!(error.case, "unavailable"),
            other => panic!("{other:?}"),
        }
        assert_eq!(
            (world.state(&alice).await, world.whos()),
            (State::Active, whos),
            "nobody is asked about the old key"
        );
        assert!(world.call(&alice).await.is_ok());
    });
}

/// B24: the account is connected anew while Freshdesk is asked about the old key.
#[test]
fn b24_what_freshdesk_says_of_an_old_key_is_nothing_to_a_new_one() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        world.reset_key(NEW_KEY);
        let late = FaultAction::Delay(Duration::from_secs(4));
        world.simulator.state().faults.push(Fault::on("GET", "/agents/me", late));
        let before = world.requests().len();
        let calling = tokio::spawn({
            let (accounts, alice) = (Arc::clone(&world.accounts), alice.clone());
            async move { accounts.call(&alice, "freshdesk_roles_list", &json!({})).await }
        });
        world.asked_for(before, "/agents/me").await;
        world.connected("alice", NEW_KEY).await;
        match calling.await.unwrap() {
            Err(CallError::Tool { error, .. }) => assert_eq!(error.case, "unavailable"),
            other => panic!("{other:?}"),
        }
        let record = world.accounts.get(&alice).await.unwrap();
        assert_eq!((record.state, record.version), (State::Active, 2));
        assert_eq!(world.told(&alice, "account.revoked").await, 0);
        assert!(world.call(&alice).await.is_ok());
    });
}

#[test]
fn a_refusal_that_is_not_confirmed_revokes_nothing() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        for confirming in [None, Some(answer(503, "")), Some(answer(403, "{}"))] {
            let wrong = answer(401, r#"{"code":"invalid_credentials"}"#);
            let faults = std::iter::once(Fault::on("GET", "/tickets", wrong));
            let confirming = confirming.map(|action| Fault { times: 3, ..Fault::on("GET", "/agents/me", action) });
            world.simulator.state().faults.extend(faults.chain(confirming));
            let error = world.call(&alice).await.unwrap_err();
            assert_eq!((error.case.as_str(), world.state(&alice).await), ("unavailable", State::Active));
            world.simulator.state().faults.clear();
            assert!(world.call(&alice).await.is_ok());
        }
    });
}

/// B4: a key that may not do something is a good key.
#[test]
fn b4_what_is_forbidden_never_revokes() {
    everywhere(async |world: World| {
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        let whos = world.whos();
        let called = world.accounts.call(&tom, "freshdesk_roles_list", &json!({})).await;
        assert!(matches!(called, Err(CallError::Tool { error, .. }) if error.case == "forbidden"));
        assert_eq!((world.state(&tom).await, world.whos()), (State::Active, whos));
    });
}

#[test]
fn who_does_not_wait_for_the_answer_does_not_keep_the_key_alive() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.reset_key(NEW_KEY);
        let late = FaultAction::Delay(Duration::from_millis(500));
        world.simulator.state().faults.push(Fault::on("GET", "/agents/me", late));
        let nothing = json!({});
        let before = world.requests().len();
        tokio::select! {
            answer = world.accounts.call(&alice, "freshdesk_roles_list", &nothing) => panic!("{answer:?}"),
            () = world.asked_for(before, "/agents/me") => {}
        }
        for _ in 0..100 {
            if world.state(&alice).await == State::Revoked {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it was not revoked");
    });
}

#[test]
fn another_host_refuses_at_once_what_one_has_revoked() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let two = world.another("two").await;
        assert!(two.call(&alice, "freshdesk_roles_list", &json!({})).await.is_ok());
        world.reset_key(NEW_KEY);
        world.call(&alice).await.unwrap_err();
        let before = world.requests().len();
        let called = two.call(&alice, "freshdesk_roles_list", &json!({})).await;
        assert!(matches!(called, Err(CallError::Tool { error, .. }) if error.case == "revoked"));
        assert_eq!(world.requests().len(), before);
    });
}
