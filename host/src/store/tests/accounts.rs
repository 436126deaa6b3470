//! Accounts and their states.

use super::fixture::*;
use crate::accounts::{State, User, Wish};

#[tokio::test]
async fn an_account_comes_back_as_it_was_stored() {
    for world in worlds().await {
        let jane = user("jane");
        assert_eq!(world.store.account(&jane).await, Ok(None));
        let stored = world.pending(&jane).await;
        assert_eq!(world.store.account(&jane).await, Ok(Some(stored)));
        let connect = connect(&jane, 0, State::Pending);
        let event = event(&jane, "e2", Some(State::Pending), State::Active);
        assert_eq!(world.store.connect(&connect, &event, vec![entry("a"), entry("b")]).await, Ok(true));
        let active = world.store.account(&jane).await.unwrap().unwrap();
        assert_eq!((active.state, active.version, active.changed_at), (State::Active, 1, NOW + 1));
        assert_eq!((active.person, active.roles), (Some(connect.person), connect.roles));
        assert_eq!((active.helpdesk.as_deref(), active.key), (Some("acme"), Some(connect.key)));
        assert_eq!(world.kinds().await, ["b", "a", "account.created", "tenant.created"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_create_an_account_one_does() {
    for world in worlds().await {
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let (store, jane) = (world.store.clone(), user("jane"));
                let event = event(&jane, &format!("e{number:02}"), None, State::Pending);
                tokio::spawn(async move { store.create_account(&account(&jane), &event, entry("created")).await })
            })
            .collect();
        let mut created = 0;
        for task in tasks {
            created += usize::from(task.await.unwrap().unwrap());
        }
        assert_eq!(created, 1);
        assert_eq!(world.store.events("acme", None, 100).await.unwrap().len(), 1);
        assert_eq!(world.kinds().await, ["created", "tenant.created"]);
    }
}

#[tokio::test]
async fn a_disconnected_account_begins_anew_with_the_next_version() {
    for world in worlds().await {
        let jane = user("jane");
        world.active(&jane).await;
        let other = event(&jane, "e2", Some(State::Revoked), State::Disconnected);
        assert_eq!(world.store.disconnect(&jane, &other, entry("it was not that")).await, Ok(false));
        let gone = event(&jane, "e3", Some(State::Active), State::Disconnected);
        assert_eq!(world.store.disconnect(&jane, &gone, entry("gone")).await, Ok(true));
        let row = world.store.account(&jane).await.unwrap().unwrap();
        assert_eq!((row.state, row.key), (State::Disconnected, None));
        assert!(!world.holds(&sealed(1)).await);
        assert_eq!(world.store.disconnect(&jane, &gone, entry("gone again")).await, Ok(false));

        let back = event(&jane, "e4", Some(State::Disconnected), State::Pending);
        assert_eq!(world.store.create_account(&account(&jane), &back, entry("back")).await, Ok(true));
        let row = world.store.account(&jane).await.unwrap().unwrap();
        assert_eq!((row.state, row.version, row.person), (State::Pending, 1, None));
        assert_eq!(world.store.create_account(&account(&jane), &back, entry("twice")).await, Ok(false));
        assert_eq!(world.kinds().await[..2], ["back", "gone"]);
    }
}

#[tokio::test]
async fn an_account_that_changed_in_between_is_not_connected() {
    for world in worlds().await {
        let jane = user("jane");
        let before = world.active(&jane).await;
        let event = event(&jane, "e9", None, State::Active);
        for (version, state) in [(0, State::Active), (2, State::Active), (1, State::Pending), (1, State::Revoked)] {
            let connect = connect(&jane, version, state);
            assert_eq!(world.store.connect(&connect, &event, vec![entry("late")]).await, Ok(false));
        }
        assert_eq!(world.store.account(&jane).await, Ok(Some(before)));
        assert!(!world.kinds().await.contains(&"late".to_owned()));
        assert_eq!(world.store.events("acme", None, 100).await.unwrap().len(), 2);

        let again = connect(&jane, 1, State::Active);
        assert_eq!(world.store.connect(&again, &event, vec![entry("again")]).await, Ok(true));
        let row = world.store.account(&jane).await.unwrap().unwrap();
        assert_eq!((row.version, row.key), (2, Some(sealed(2))));
        assert!(!world.holds(&sealed(1)).await);
    }
}

#[tokio::test]
async fn a_late_revocation_does_nothing() {
    for world in worlds().await {
        let jane = user("jane");
        let before = world.active(&jane).await;
        let event = event(&jane, "e3", Some(State::Active), State::Revoked);
        assert_eq!(world.store.revoke(&jane, 0, &event, entry("late")).await, Ok(false));
        assert_eq!(world.store.account(&jane).await, Ok(Some(before)));
        assert_eq!(world.store.revoke(&jane, 1, &event, entry("revoked")).await, Ok(true));
        let row = world.store.account(&jane).await.unwrap().unwrap();
        assert_eq!((row.state, row.version, row.key), (State::Revoked, 1, None));
        assert_eq!(row.person, Some(person()));
        assert!(!world.holds(&sealed(1)).await);
        assert_eq!(world.store.revoke(&jane, 1, &event, entry("twice")).await, Ok(false));
        assert_eq!(world.kinds().await[..2], ["revoked", "account.connected"]);
    }
}

#[tokio::test]
async fn what_the_operator_says_of_an_account_can_be_changed() {
    for world in worlds().await {
        let mut row = world.pending(&user("jane")).await;
        let described = Wish { description: Some("with a \0 in it".to_owned()), ..Wish::default() };
        assert_eq!(world.store.set_account(&row.user, &described, entry("set")).await, Ok(true));
        let named = Wish { name: Some("Other".to_owned()), ..Wish::default() };
        assert_eq!(world.store.set_account(&row.user, &named, entry("set")).await, Ok(true));
        row.description = Some("with a \u{FFFD} in it".to_owned());
        row.name = Some("Other".to_owned());
        assert_eq!(world.store.account(&row.user).await, Ok(Some(row)));
        assert_eq!(world.store.set_account(&user("bob"), &named, entry("none")).await, Ok(false));
        assert_eq!(world.kinds().await[0], "set");
    }
}

#[tokio::test]
async fn accounts_are_listed_by_tenant_and_identifier_without_keys() {
    for world in worlds().await {
        world.store.create_tenant(&tenant("b"), entry("x")).await.unwrap();
        let others = [User::new("b", "Zoe").unwrap(), User::new("b", "adam").unwrap()];
        for one in [user("jane"), user("Bob"), user("älva")].iter().chain(&others) {
            world.active(one).await;
        }
        let names = |page: Vec<crate::store::records::AccountRow>| -> Vec<String> {
            assert!(page.iter().all(|account| account.key.is_none()));
            page.into_iter().map(|account| account.user.identifier().to_owned()).collect()
        };
        assert_eq!(names(world.store.accounts(None, None, None, 4).await.unwrap()), ["Bob", "jane", "älva", "Zoe"]);
        let after = world.store.accounts(None, None, Some(&user("jane")), 10).await.unwrap();
        assert_eq!(names(after), ["älva", "Zoe", "adam"]);
        let after = world.store.accounts(Some("acme"), None, Some(&user("Bob")), 10).await.unwrap();
        assert_eq!(names(after), ["jane", "älva"]);
        assert_eq!(names(world.store.accounts(Some("nobody"), None, None, 10).await.unwrap()), [""; 0]);
    }
}

#[tokio::test]
async fn accounts_are_listed_by_state_and_helpdesks_by_the_active_ones() {
    for world in worlds().await {
        world.store.create_tenant(&tenant("b"), entry("x")).await.unwrap();
        for one in [user("jane"), user("joe"), User::new("b", "Zoe").unwrap()] {
            world.active(&one).await;
        }
        world.pending(&user("waits")).await;
        let gone = event(&user("joe"), "e9", Some(State::Active), State::Disconnected);
        assert_eq!(world.store.disconnect(&user("joe"), &gone, entry("gone")).await, Ok(true));
        for (state, expected) in [
            (Some(State::Active), vec!["jane"]),
            (Some(State::Pending), vec!["waits"]),
            (Some(State::Disconnected), vec!["joe"]),
            (Some(State::Revoked), vec![]),
            (None, vec!["jane", "joe", "waits"]),
        ] {
            let page = world.store.accounts(Some("acme"), state, None, 10).await.unwrap();
            let names: Vec<_> = page.iter().map(|row| row.user.identifier()).collect();
            assert_eq!(names, expected, "{state:?}");
        }
        assert_eq!(world.store.accounts(None, Some(State::Active), None, 10).await.unwrap().len(), 2);
        let helpdesk = world.store.account(&user("jane")).await.unwrap().unwrap().helpdesk.unwrap();
        assert_eq!(world.store.helpdesks("acme", "", 10).await, Ok(vec![(helpdesk.clone(), 1)]));
        assert_eq!(world.store.helpdesks("acme", &helpdesk, 10).await, Ok(vec![]));
        assert_eq!(world.store.helpdesks("nobody", "", 10).await, Ok(vec![]));
    }
}
