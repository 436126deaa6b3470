//! Calls, and what an agent is told whose user has connected nothing.

use super::*;

/// The link that a refusal brings.
fn connect_url(error: &ToolError) -> Option<String> {
    error.detail.get("connect_url").and_then(Value::as_str).map(str::to_owned)
}

#[test]
fn who_has_no_account_is_told_so_and_nothing_leaves() {
    everywhere(async |world: World| {
        let error = world.call(&user("nobody")).await.unwrap_err();
        assert_eq!((error.case.as_str(), connect_url(&error)), ("not_connected", None));
        assert!(matches!(world.accounts.get(&user("nobody")).await, Err(AccountsError::Missing("account"))));
        assert_eq!(world.requests().len(), 0);
    });
}

#[test]
fn a_refusal_brings_a_link_by_the_expected_email() {
    everywhere(async |world: World| {
        let wish = Wish { expected_email: Some(JANE.to_owned()), ..Wish::default() };
        world.accounts.get_or_create(&user("alice"), &wish).await.unwrap();
        let error = world.call(&user("alice")).await.unwrap_err();
        let url = connect_url(&error).unwrap();
        assert!(error.case == "not_connected" && error.message.contains(&url), "{}", error.message);
        let link = url.strip_prefix(ORIGIN).unwrap().strip_prefix("/connect/").unwrap();
        world.accounts.offer(link, "acme", seed::ADMIN_KEY).await.unwrap();
        world.accept(link, None).await.unwrap();
        assert!(world.call(&user("alice")).await.is_ok());
    });
}

#[test]
fn a_refusal_brings_a_link_back_to_the_tenants_one_address() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let url = connect_url(&world.call(&alice).await.unwrap_err()).unwrap();
        let link = url.rsplit_once('/').unwrap().1;
        world.accounts.offer(link, "acme", seed::ADMIN_KEY).await.unwrap();
        let back = confirmation(world.accept(link, None).await.unwrap());
        assert_eq!(world.accounts.confirm(&alice, &back).await.unwrap().state, State::Active);
        let two = vec![RETURN.to_owned(), "https://app.example.com/other".to_owned()];
        let wish = TenantWish { return_urls: Some(two), ..TenantWish::default() };
        world.accounts.set_tenant("app", &wish).await.unwrap();
        let bob = world.user("bob").await;
        let error = world.call(&bob).await.unwrap_err();
        assert_eq!(connect_url(&error), None, "which of two, nobody knows");
        assert!(error.message.contains("has to make a connect link"), "{}", error.message);
    });
}

#[test]
fn an_agent_that_calls_in_a_loop_gets_one_link() {
    everywhere(async |world: World| {
        let alice = world.user("alice").await;
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (accounts, alice) = (Arc::clone(&world.accounts), alice.clone());
                tokio::spawn(
                    async move { accounts.call(&alice, "freshdesk_roles_list", &json!({})).await.unwrap_err() },
                )
            })
            .collect();
        let mut urls = Vec::new();
        for task in tasks {
            let CallError::Tool { error, .. } = task.await.unwrap() else { panic!("it broke") };
            urls.push(connect_url(&error).unwrap());
        }
        urls.dedup();
        assert_eq!((urls.len(), world.told(&alice, "link.created").await), (1, 1));
        let link = urls[0].rsplit_once('/').unwrap().1;
        for _ in 0..5 {
            let _ = world.accounts.offer(link, "acme", "FAKEkeyOfNobody00009").await;
        }
        let error = world.call(&alice).await.unwrap_err();
        assert_eq!(connect_url(&error), None, "a dead link is not handed out, nor another within a minute");
    });
}

#[test]
fn each_use_of_a_key_is_in_the_trail() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        for _ in 0..3 {
            world.call(&alice).await.unwrap();
        }
        world.notes(3, "key.used").await;
        let rows = world.accounts.trail(Some("app"), None, 100).await.unwrap();
        let uses: Vec<_> = rows.iter().filter(|row| row.kind == "key.used").collect();
        assert_eq!(uses.len(), 3);
        let detail = json!({"function": "ticket-get", "version": 1, "helpdesk": "acme"});
        assert!(uses.iter().all(|row| row.detail == detail && row.identifier == "alice"));
        assert_eq!(world.accounts.verify_trail().await.unwrap().faults, Vec::<String>::new());
    });
}

#[test]
fn calls_of_an_account_share_a_connection_also_after_root_keys_changed() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        let before = world.simulator.state().handshakes;
        world.call(&alice).await.unwrap();
        world.accounts.vault_rotate(true).await.unwrap();
        world.call(&alice).await.unwrap();
        assert_eq!(world.simulator.state().handshakes, before);
    });
}

/// What was opened with an old key is not used for a new one, though it is of the same account.
#[test]
fn a_new_key_has_a_connection_of_its_own() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        world.reset_key("FAKEanotherOfJane0007");
        world.connected("alice", "FAKEanotherOfJane0007").await;
        world.call(&alice).await.unwrap();
        let calls = world.requests().into_iter().filter(|request| request.path.ends_with("/tickets/42817"));
        let calls: Vec<_> =
            calls.map(|call| (call.connection, call.header("authorization").map(str::to_owned))).collect();
        assert_eq!(calls.len(), 2, "{calls:?}");
        assert!(calls[0].0 != calls[1].0 && calls[0].1 != calls[1].1, "{calls:?}");
    });
}

#[test]
fn a_use_that_cannot_be_noted_does_not_happen() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        let before = world.requests().len();
        let row = world.accounts.row(&alice).await.unwrap();
        let account = world.accounts.kept(&row).unwrap();
        world.accounts.close().await;
        for (tool, input) in [
            ("freshdesk_ticket_get", json!({"ticket_id": seed::TICKET_ID})),
            ("freshdesk_tickets_reply", json!({"ticket_id": seed::TICKET_ID, "body": "Hi"})),
        ] {
            match world.accounts.host().call(&account, tool, &input).await {
                Err(CallError::Tool { error, .. }) => assert_eq!(error.case, "unavailable", "{tool}"),
                other => panic!("{tool}: {other:?}"),
            }
        }
        assert_eq!(world.requests().len(), before);
    });
}

#[test]
fn a_key_that_was_tampered_with_in_the_store_is_not_used() {
    in_a_file(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        let before = world.requests().len();
        let mut moved = world.accounts.row(&alice).await.unwrap();
        moved.key = world.accounts.row(&tom).await.unwrap().key;
        let account = world.accounts.kept(&moved).unwrap();
        let called = world.accounts.host().call(&account, "freshdesk_roles_list", &json!({})).await;
        assert!(matches!(called, Err(CallError::Tool { error, .. }) if error.case == "unavailable"));
        assert_eq!(world.requests().len(), before);
    });
}
