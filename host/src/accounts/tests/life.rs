//! An account's life: made, connected, removed.

use super::*;

#[test]
fn of_32_who_make_an_account_at_the_same_time_one_does() {
    everywhere(async |world: World| {
        let alice = user("alice");
        let two = world.another("two").await;
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let accounts = Arc::clone(if number % 2 == 0 { &world.accounts } else { &two });
                let alice = alice.clone();
                tokio::spawn(async move { accounts.get_or_create(&alice, &Wish::default()).await.unwrap() })
            })
            .collect();
        let mut made = Vec::new();
        for task in tasks {
            made.push(task.await.unwrap());
        }
        assert_eq!(made.iter().filter(|(_, new)| *new).count(), 1);
        assert!(made.iter().all(|(record, _)| record.id == made[0].0.id && record.state == State::Pending));
        assert_eq!(world.events(&alice).await, ["none > pending: created"]);
        assert_eq!(world.trail(&alice).await, ["account.created"]);
    });
}

#[test]
fn a_wish_sets_what_it_says_something_about() {
    everywhere(async |world: World| {
        let alice = user("alice");
        let first = Wish {
            name: Some("Alice's helpdesk".to_owned()),
            expected_email: Some(" Jane@acme.example ".to_owned()),
            ..Wish::default()
        };
        world.accounts.get_or_create(&alice, &first).await.unwrap();
        let second =
            Wish { description: Some("Second line".to_owned()), expected_helpdesk: Some(acme()), ..Wish::default() };
        let (record, new) = world.accounts.get_or_create(&alice, &second).await.unwrap();
        assert_eq!((record.name.as_deref(), new), (Some("Alice's helpdesk"), false));
        assert_eq!(record.description.as_deref(), Some("Second line"));
        assert_eq!(record.expected_email.as_deref(), Some("Jane@acme.example"));
        assert_eq!(record.expected_helpdesk.as_deref(), Some("acme"));
        world.accounts.get_or_create(&alice, &second).await.unwrap();
        assert_eq!(world.trail(&alice).await, ["account.created", "account.set"], "nothing new is no change");
        let bad = Wish { expected_email: Some("nobody".to_owned()), ..Wish::default() };
        assert!(refused(world.accounts.get_or_create(&alice, &bad).await).contains("e-mail"));
    });
}

#[test]
fn an_account_has_a_tenant() {
    everywhere(async |world: World| {
        let nobody = User::new("nobody", "alice").unwrap();
        let made = world.accounts.get_or_create(&nobody, &Wish::default()).await;
        assert!(matches!(made, Err(AccountsError::Missing("tenant"))), "{made:?}");
        assert!(matches!(world.accounts.get(&user("alice")).await, Err(AccountsError::Missing("account"))));
    });
}

#[test]
fn an_import_is_verified_and_tells_whose_key_it_is() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let record = world.accounts.get(&alice).await.unwrap();
        assert_eq!((record.state, record.version), (State::Active, 1));
        let person = record.person.unwrap();
        assert_eq!(
            (person.id, person.name.as_deref(), person.email.as_deref()),
            (seed::ADMIN_ID, Some("Jane Doe"), Some(JANE))
        );
        assert_eq!((record.helpdesk.as_deref(), &record.roles[..]), (Some("acme"), &["Administrator".to_owned()][..]));
        assert_eq!(world.events(&alice).await, ["none > pending: created", "pending > active: imported"]);
        assert_eq!(world.trail(&alice).await, ["account.import_tried", "account.created", "account.imported"]);
        assert!(world.call(&alice).await.is_ok());
    });
}

#[test]
fn roles_that_cannot_be_read_are_left_out() {
    everywhere(async |world: World| {
        let tom = world.connected("tom", seed::AGENT_KEY).await;
        let record = world.accounts.get(&tom).await.unwrap();
        assert_eq!((record.state, record.roles.len()), (State::Active, 0));
    });
}

#[test]
fn a_key_that_freshdesk_refuses_is_not_imported() {
    everywhere(async |world: World| {
        let key = ApiKey::new("FAKEkeyOfNobody00009").unwrap();
        let Err(AccountsError::Call(why)) = world.accounts.import(&user("alice"), acme(), key).await else {
            panic!("it was imported")
        };
        assert!(matches!(*why, CallError::Tool { error, .. } if error.case == "revoked"));
        assert!(matches!(world.accounts.get(&user("alice")).await, Err(AccountsError::Missing(_))), "nothing is left");
    });
}

#[test]
fn an_import_keeps_to_what_the_account_expects() {
    everywhere(async |world: World| {
        let wish = Wish { expected_email: Some(TOM.to_owned()), ..Wish::default() };
        world.accounts.get_or_create(&user("tom"), &wish).await.unwrap();
        let key = ApiKey::new(seed::ADMIN_KEY).unwrap();
        assert!(refused(world.accounts.import(&user("tom"), acme(), key).await).contains("another e-mail"));
        assert_eq!(world.state(&user("tom")).await, State::Pending);
    });
}

#[test]
fn a_removed_account_is_refused_until_it_is_connected_anew() {
    everywhere(async |world: World| {
        let alice = world.connected("alice", seed::ADMIN_KEY).await;
        let link = world.link(&alice, &by_email(JANE)).await;
        let record = world.accounts.disconnect(&alice).await.unwrap();
        assert_eq!(record.state, State::Disconnected);
        assert_eq!(world.accounts.disconnect(&alice).await.unwrap().state, State::Disconnected, "twice is once");
        assert!(world.accounts.row(&alice).await.unwrap().key.is_none());
        assert!(matches!(world.accounts.visit(&link).await, Err(LinkError::Gone)), "its links are cancelled");
        let before = world.requests().len();
        assert_eq!(world.call(&alice).await.unwrap_err().case, "not_connected");
        assert_eq!(world.requests().len(), before);
        let (record, new) = world.accounts.get_or_create(&alice, &Wish::default()).await.unwrap();
        assert_eq!((record.state, new, record.version), (State::Pending, true, 1));
        assert_eq!((record.helpdesk, record.person), (None, None), "another helpdesk may be connected now");
        world.connected("alice", seed::AGENT_KEY).await;
        assert_eq!(world.accounts.get(&alice).await.unwrap().version, 2);
        assert_eq!(
            world.events(&alice).await,
            [
                "none > pending: created",
                "pending > active: imported",
                "active > disconnected: disconnected",
                "disconnected > pending: created",
                "pending > active: imported",
            ]
        );
    });
}
