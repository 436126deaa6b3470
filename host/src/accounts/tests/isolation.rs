//! No tenant and no user gets at another's account.

use proptest::prelude::*;

use super::*;

/// Users whose names look alike, of tenants whose names do.
fn users() -> impl Strategy<Value = Vec<(usize, String)>> {
    proptest::collection::vec((0..3_usize, "[aAbé/%_' ]{1,4}"), 2..12)
}

const TENANTS: [&str; 3] = ["a", "a-b", "ab"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_another_users_record(users in users()) {
        in_a_file(async |world: World| {
            for tenant in TENANTS {
                world.accounts.create_tenant(tenant, &TenantWish::default()).await.unwrap();
            }
            let mut made = Vec::new();
            for (number, (tenant, identifier)) in users.iter().enumerate() {
                let Ok(user) = User::new(TENANTS[*tenant], identifier) else { continue };
                let name = format!("name {number}");
                let wish = Wish { name: Some(name.clone()), ..Wish::default() };
                world.accounts.get_or_create(&user, &wish).await.unwrap();
                made.retain(|(other, _): &(User, String)| *other != user);
                made.push((user, name));
            }
            for (user, name) in &made {
                let record = world.accounts.get(user).await.unwrap();
                assert_eq!((&record.user, record.name.as_ref()), (user, Some(name)));
                let link = world.link(user, &by_code()).await;
                assert_eq!(world.accounts.visit(&link).await.unwrap().account.user, *user);
            }
            for tenant in TENANTS {
                let listed = world.accounts.list(Some(tenant), None, None, 1000).await.unwrap();
                let own = made.iter().filter(|(user, _)| user.tenant() == tenant).count();
                assert_eq!(listed.len(), own);
                assert!(listed.iter().all(|record| record.user.tenant() == tenant));
                let told = world.accounts.events(tenant, None, 1000).await.unwrap();
                assert!(told.iter().all(|event| event.user.tenant() == tenant));
                let trail = world.accounts.trail(Some(tenant), None, 1000).await.unwrap();
                assert!(trail.iter().all(|row| row.tenant == tenant));
            }
        });
    }
}

#[test]
fn the_same_identifier_of_two_tenants_is_two_users() {
    everywhere(async |world: World| {
        world.accounts.create_tenant("other", &TenantWish::default()).await.unwrap();
        let (ours, theirs) = (world.connected("alice", seed::ADMIN_KEY).await, User::new("other", "alice").unwrap());
        assert_eq!(world.call(&theirs).await.unwrap_err().case, "not_connected");
        world.accounts.get_or_create(&theirs, &Wish::default()).await.unwrap();
        assert_eq!(world.call(&theirs).await.unwrap_err().case, "not_connected");
        world.accounts.disconnect(&theirs).await.unwrap();
        assert_eq!(world.state(&ours).await, State::Active);

        let link = world.link(&ours, &by_return()).await;
        world.accounts.offer(&link, "acme", seed::ADMIN_KEY).await.unwrap();
        let back = confirmation(world.accept(&link, None).await.unwrap());
        assert!(matches!(world.accounts.confirm(&theirs, &back).await, Err(AccountsError::Missing(_))));
        let (about, _) = world.accounts.create_token(&token_wish(None, "x")).await.unwrap();
        assert!(matches!(world.accounts.revoke_token("other", &about.id).await, Err(AccountsError::Missing("token"))));
    });
}
