//! Root keys: missing, wrong, changed.

use super::*;

#[test]
fn a_store_does_not_open_with_other_root_keys() {
    everywhere(async |world: World| {
        let wrong = world.folder.path().join("wrong.keys");
        let made = Vault::create_file(&wrong).unwrap();
        let keeping = Keeping { root_keys: RootKeys::File(wrong), host: "two".to_owned(), ..world.keeping.clone() };
        let Err(why) = Accounts::open(Arc::clone(world.accounts.host()), &keeping).await else { panic!("it opened") };
        let AccountsError::WrongRootKeys { wanted, .. } = &why else { panic!("{why:?}") };
        assert!(*wanted != made && why.to_string().contains("give those that it was made with"), "{why}");
        let missing = RootKeys::File(world.folder.path().join("missing.keys"));
        let keeping = Keeping { root_keys: missing, host: "three".to_owned(), ..world.keeping.clone() };
        let Err(why) = Accounts::open(Arc::clone(world.accounts.host()), &keeping).await else { panic!("it opened") };
        assert!(matches!(why, AccountsError::Vault(_)), "{why:?}");
    });
}

#[test]
fn root_keys_change_while_calls_go_on() {
    everywhere(async |world: World| {
        let wish =
            TenantWish { webhook_url: Some("https://app.example.com/events".to_owned()), ..TenantWish::default() };
        world.accounts.set_tenant("app", &wish).await.unwrap();
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let bob = world.user("bob").await;
        let link = world.link(&bob, &by_email(TOM)).await;
        world.accounts.offer(&link, "acme", seed::AGENT_KEY).await.unwrap();
        let old = world.accounts.vault.primary().unwrap();
        let calling = tokio::spawn({
            let (accounts, alice) = (Arc::clone(&world.accounts), alice.clone());
            async move {
                for _ in 0..30 {
                    accounts.call(&alice, "freshdesk_roles_list", &json!({})).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
        let rotation = world.accounts.vault_rotate(true).await.unwrap();
        assert_eq!((rotation.failed.len(), rotation.retired.len()), (0, 0), "{rotation:?}");
        assert_eq!(rotation.before, Some(old.clone()), "it sealed until now, and stays");
        assert_eq!(rotation.rewrapped, 5, "two of the host's own, one webhook's, one account's, one link's");
        calling.await.unwrap();
        let seen = world.accounts.vault_verify().await.unwrap();
        assert_eq!((seen.opened, seen.failed.len()), (5, 0), "{seen:?}");
        assert_eq!(seen.by_root_key.into_iter().collect::<Vec<_>>(), [(rotation.primary, 5)]);
        world.accept(&link, None).await.unwrap();
        assert_eq!(world.state(&bob).await, State::Active);
        assert_eq!(world.accounts.vault_rotate(true).await.unwrap().retired, [old]);
    });
}

#[test]
fn a_root_key_stays_as_long_as_it_is_not_to_be_retired() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let old = world.accounts.vault.primary().unwrap();
        let rotation = world.accounts.vault_rotate(false).await.unwrap();
        assert_eq!(rotation.left.into_iter().collect::<Vec<_>>(), [(old, 0)]);
        let two = world.another("two").await;
        assert!(two.call(&alice, "freshdesk_roles_list", &json!({})).await.is_ok());
    });
}

#[test]
fn a_row_that_was_moved_to_another_user_opens_nowhere() {
    everywhere(async |world: World| {
        world.connected("alice", seed::ADMIN_KEY).await;
        world.database.meddle("UPDATE accounts SET identifier = 'mallory' WHERE identifier = 'alice'");
        let before = world.requests().len();
        assert_eq!(world.call(&user("mallory")).await.unwrap_err().case, "unavailable");
        assert_eq!(world.call(&user("alice")).await.unwrap_err().case, "not_connected");
        assert_eq!(world.requests().len(), before);
        let seen = world.accounts.vault_verify().await.unwrap();
        assert_eq!((seen.opened, seen.failed.len()), (2, 1));
        assert!(seen.failed[0].starts_with("the key of app/mallory, version 1: "), "{:?}", seen.failed);
        let rotation = world.accounts.vault_rotate(true).await.unwrap();
        assert_eq!((rotation.failed.len(), rotation.retired.len()), (1, 0), "its root key is not retired");
        assert!(rotation.left.into_values().eq([1]));
    });
}

#[test]
fn a_host_that_starts_again_goes_on_where_it_was() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        world.call(&alice).await.unwrap();
        world.accounts.close().await;
        let again = world.another("one").await;
        assert!(again.call(&alice, "freshdesk_roles_list", &json!({})).await.is_ok());
        assert_eq!(again.shared_key(), world.accounts.shared_key());
        again.close().await;
        let two = world.another("two").await;
        let report = two.verify_trail().await.unwrap();
        assert_eq!(report.faults, Vec::<String>::new());
    });
}

#[test]
fn accounts_that_nobody_uses_any_more_end() {
    in_a_file(async |world: World| {
        let another = world.another("two").await;
        let left = Arc::downgrade(&another);
        drop(another);
        assert!(left.upgrade().is_none());
    });
}
