//! Tenants and tokens.

use super::super::records::{TenantRow, TokenRow};
use super::fixture::*;

#[tokio::test]
async fn a_tenant_comes_back_as_it_was_stored() {
    for world in worlds().await {
        let full = TenantRow {
            logo: Some(vec![0, 1, 255]),
            colour: Some("#336699".to_owned()),
            public_url: Some("https://connect.example.com".to_owned()),
            webhook_key: Some(sealed(5)),
            ..tenant("full")
        };
        assert_eq!(world.store.create_tenant(&full, entry("created")).await, Ok(true));
        assert_eq!(world.store.tenant("full").await, Ok(Some(full.clone())));
        assert_eq!(world.store.tenants().await, Ok(vec![tenant("acme"), full.clone()]));
        assert_eq!(world.store.tenant("none").await, Ok(None));
        let other = TenantRow { name: "Other".to_owned(), webhook_key: Some(sealed(6)), ..full.clone() };
        assert_eq!(world.store.create_tenant(&other, entry("twice")).await, Ok(false));
        assert_eq!(world.store.tenant("full").await, Ok(Some(full)));
        assert!(!world.holds(&sealed(6)).await);
        assert_eq!(world.kinds().await[0], "created");
    }
}

#[tokio::test]
async fn a_webhooks_key_that_is_replaced_is_destroyed() {
    for world in worlds().await {
        let mut acme = tenant("acme");
        for number in [5, 6] {
            acme.webhook_key = Some(sealed(number));
            assert_eq!(
                world.store.set_tenant(&world.store.tenant("acme").await.unwrap().unwrap(), &acme, entry("set")).await,
                Ok(true)
            );
            assert_eq!(world.store.tenant("acme").await, Ok(Some(acme.clone())));
        }
        assert!(!world.holds(&sealed(5)).await);
        // The data key was wrapped anew while somebody changed the tenant's name: it stays.
        let row = world.store.sealed(None, 10).await.unwrap().remove(0);
        assert_eq!(world.store.rewrap(&row, &sealed(7).data_key).await, Ok(true));
        acme.name = "Acme".to_owned();
        assert_eq!(
            world.store.set_tenant(&world.store.tenant("acme").await.unwrap().unwrap(), &acme, entry("set")).await,
            Ok(true)
        );
        let key = world.store.tenant("acme").await.unwrap().unwrap().webhook_key.unwrap();
        assert_eq!((key.data_key, key.secret), (sealed(7).data_key, sealed(6).secret));
        acme.webhook_key = None;
        assert_eq!(
            world.store.set_tenant(&world.store.tenant("acme").await.unwrap().unwrap(), &acme, entry("set")).await,
            Ok(true)
        );
        assert_eq!(world.store.tenant("acme").await, Ok(Some(acme)));
        assert_eq!(world.store.sealed(None, 10).await, Ok(Vec::new()));
        assert_eq!(world.store.set_tenant(&tenant("none"), &tenant("none"), entry("none")).await, Ok(false));
        let kinds = world.kinds().await;
        assert!(!kinds.iter().any(|kind| kind == "none" || kind == "late"), "{kinds:?}");
    }
}

#[tokio::test]
async fn who_changes_a_tenant_that_changed_since_it_was_read_undoes_nothing() {
    for world in worlds().await {
        let before = tenant("acme");
        let keyed = TenantRow { webhook_key: Some(sealed(5)), ..before.clone() };
        assert_eq!(world.store.set_tenant(&before, &keyed, entry("keyed")).await, Ok(true));
        let named = TenantRow { name: "Late".to_owned(), ..before.clone() };
        assert_eq!(world.store.set_tenant(&before, &named, entry("late")).await, Ok(false));
        assert_eq!(world.store.tenant("acme").await, Ok(Some(keyed)));
        assert!(world.holds(&sealed(5)).await);
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_hash_and_revoked_once() {
    for world in worlds().await {
        let token = TokenRow {
            id: "t1".to_owned(),
            hash: vec![1; 32],
            tenant: "acme".to_owned(),
            identifier: Some("jane".to_owned()),
            name: "for the app".to_owned(),
            created_at: NOW,
            expires_at: Some(NOW + 1),
            revoked_at: None,
            tools: Some(vec!["freshdesk_ticket_get".to_owned()]),
        };
        assert_eq!(world.store.create_token(&token, entry("made")).await, Ok(true));
        assert_eq!(world.store.create_token(&token, entry("twice")).await, Ok(false));
        let (id, hash) = ("t0".to_owned(), vec![2; 32]);
        let second = TokenRow { id, hash, created_at: NOW + 1, tools: None, ..token.clone() };
        assert_eq!(world.store.create_token(&second, entry("made")).await, Ok(true));
        assert_eq!(world.store.token(&[1; 32]).await, Ok(Some(token.clone())));
        assert_eq!(world.store.token(&[3; 32]).await, Ok(None));
        assert_eq!(world.store.tokens("acme").await, Ok(vec![token.clone(), second.clone()]));
        assert_eq!(world.store.tokens_after("acme", "", 1).await, Ok(vec![token.clone()]));
        assert_eq!(world.store.tokens_after("acme", "t1", 9).await, Ok(vec![second]));
        for (tenant, after) in [("acme", "t0"), ("acme", "none"), ("other", ""), ("other", "t1")] {
            assert_eq!(world.store.tokens_after(tenant, after, 9).await, Ok(vec![]), "{tenant} {after}");
        }
        assert_eq!(world.store.revoke_token("other", "t1", NOW, entry("none")).await, Ok(false));
        assert_eq!(world.store.revoke_token("acme", "t1", NOW + 2, entry("revoked")).await, Ok(true));
        assert_eq!(world.store.revoke_token("acme", "t1", NOW + 3, entry("twice")).await, Ok(false));
        assert_eq!(world.store.token(&[1; 32]).await.unwrap().unwrap().revoked_at, Some(NOW + 2));
        assert_eq!(world.kinds().await, ["revoked", "made", "made", "tenant.created"]);
    }
}
