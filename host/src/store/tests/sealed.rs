//! The host's own keys, and rotation.

use super::super::records::CallRow;
use super::super::sealed::new_id;
use super::fixture::*;
use crate::vault::Sealed;

#[tokio::test]
async fn the_first_key_of_a_name_is_kept() {
    for world in worlds().await {
        assert_eq!(world.store.key("page").await, Ok(None));
        assert_eq!(world.store.keep_key("page", &sealed(1)).await, Ok(sealed(1)));
        assert_eq!(world.store.keep_key("page", &sealed(2)).await, Ok(sealed(1)));
        assert_eq!(world.store.key("page").await, Ok(Some(sealed(1))));
        assert!(!world.holds(&sealed(2)).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_start_together_keep_one_key() {
    for world in worlds().await {
        let other = world.another("two").await;
        let (one, two) = (sealed(1), sealed(2));
        let (one, two) = tokio::join!(world.store.keep_key("page", &one), other.keep_key("page", &two));
        assert!(one.is_ok());
        assert_eq!(one, two);
    }
}

#[tokio::test]
async fn all_that_is_sealed_is_read_page_by_page_and_wrapped_anew() {
    for world in worlds().await {
        world.store.keep_key("audit", &sealed(101)).await.unwrap();
        world.store.keep_key("page", &sealed(102)).await.unwrap();
        let mut acme = tenant("acme");
        acme.webhook_key = Some(sealed(103));
        assert_eq!(world.store.set_tenant(&tenant("acme"), &acme, entry("set")).await, Ok(true));
        world.active(&user("jane")).await;
        for (number, name) in [(1, "bob"), (2, "eve")] {
            world.pending(&user(name)).await;
            world.link(&user(name), number).await;
            let candidate = candidate(103 + number);
            assert_eq!(world.store.offer(&[number; 32], &candidate, entry("offered")).await, Ok(true));
        }
        let call = CallRow {
            hash: vec![3; 32],
            user: user("jane"),
            digest: vec![4; 32],
            content: None,
            run: 1,
            begun_at: NOW,
            leased_until: NOW,
            expires_at: NOW + 2,
            ended_at: None,
            answer: None,
        };
        assert_eq!(world.store.begin_call(&call).await, Ok(true));
        assert_eq!(world.store.end_call(&call, NOW + 1, &sealed(106), None).await, Ok(true));
        for page in 1..=8 {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let rows = world.store.sealed(after.as_ref(), page).await.unwrap();
                assert!(rows.len() as i64 <= page);
                after = rows.last().cloned();
                all.extend(rows);
                if after.is_none() {
                    break;
                }
            }
            let places: Vec<_> = all.iter().map(|row| (row.purpose.as_str(), row.identifier.clone())).collect();
            let (first, second, third) = ("01".repeat(32), "02".repeat(32), "03".repeat(32));
            let expected = [
                ("account", "jane"),
                ("answer", &third),
                ("host", "audit"),
                ("host", "page"),
                ("link", &first),
                ("link", &second),
                ("webhook", ""),
            ];
            assert_eq!(places, expected.map(|(purpose, identifier)| (purpose, identifier.to_owned())));
        }
        for row in world.store.sealed(None, 10).await.unwrap() {
            let new: Vec<u8> = row.sealed.data_key.iter().map(|byte| byte ^ 0x80).collect();
            assert_eq!(world.store.rewrap(&row, &new).await, Ok(true));
            assert_eq!(world.store.rewrap(&row, &new).await, Ok(false));
        }
        let key = world.store.account(&user("jane")).await.unwrap().unwrap().key;
        assert_eq!(key, Some(Sealed { data_key: vec![0x81; 81], secret: sealed(1).secret }));
    }
}

#[test]
fn ids_of_data_keys_take_eight_bytes_and_do_not_come_again() {
    let ids: std::collections::HashSet<_> = (0..1000).map(|_| new_id().unwrap()).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| *id >= 1 << 62));
}
