//! Tenants and their tokens.

use super::*;

#[test]
fn a_tenants_webhook_key_is_shown_once() {
    everywhere(async |world: World| {
        let wish =
            TenantWish { webhook_url: Some("https://app.example.com/events".to_owned()), ..TenantWish::default() };
        let (_, key) = world.accounts.set_tenant("app", &wish).await.unwrap();
        let key = key.unwrap();
        assert!(key.starts_with("whsec_") && key.len() == "whsec_".len() + 44, "{}", key.len());
        let named = TenantWish { name: Some("Acme App".to_owned()), ..TenantWish::default() };
        let (tenant, none) = world.accounts.set_tenant("app", &named).await.unwrap();
        assert_eq!((tenant.name.as_str(), none), ("Acme App", None));
        assert_eq!(tenant.webhook_url.as_deref(), Some("https://app.example.com/events"));
        assert_eq!(tenant.return_urls, [RETURN]);
        let anew = TenantWish { new_webhook_key: true, ..TenantWish::default() };
        assert!(world.accounts.set_tenant("app", &anew).await.unwrap().1.is_some_and(|new| new != key));
        let gone =
            TenantWish { webhook_url: Some(String::new()), return_urls: Some(Vec::new()), ..TenantWish::default() };
        let (tenant, _) = world.accounts.set_tenant("app", &gone).await.unwrap();
        assert_eq!((tenant.webhook_url, tenant.return_urls), (None, Vec::new()));
    });
}

#[test]
fn a_tenant_is_made_once_and_says_nothing_that_harms() {
    everywhere(async |world: World| {
        assert!(refused(world.accounts.create_tenant("app", &TenantWish::default()).await).contains("already"));
        assert!(refused(world.accounts.create_tenant("No", &TenantWish::default()).await).contains("a word"));
        let bad: [TenantWish; 6] = [
            TenantWish { name: Some(String::new()), ..TenantWish::default() },
            TenantWish { logo: Some(b"<svg>".to_vec()), ..TenantWish::default() },
            TenantWish { colour: Some("red".to_owned()), ..TenantWish::default() },
            TenantWish { public_url: Some("http://app.example.com".to_owned()), ..TenantWish::default() },
            TenantWish { return_urls: Some(vec!["http://app.example.com/".to_owned()]), ..TenantWish::default() },
            TenantWish { webhook_url: Some("http://app.example.com/".to_owned()), ..TenantWish::default() },
        ];
        for wish in bad {
            assert!(!refused(world.accounts.set_tenant("app", &wish).await).is_empty(), "{wish:?}");
        }
        assert_eq!(world.accounts.tenant("app").await.unwrap().name, "app");
        assert_eq!(world.accounts.tenants().await.unwrap().len(), 1);
    });
}

#[test]
fn a_tenants_own_address_is_in_its_links() {
    everywhere(async |world: World| {
        let wish = TenantWish { public_url: Some("https://connect.example.com/".to_owned()), ..TenantWish::default() };
        world.accounts.set_tenant("app", &wish).await.unwrap();
        let alice = world.user("alice").await;
        let link = world.accounts.link(&alice, &by_code()).await.unwrap();
        assert!(link.url.starts_with("https://connect.example.com/connect/"), "{}", link.url);
        let visit = world.accounts.visit(link.url.rsplit_once('/').unwrap().1).await.unwrap();
        assert_eq!(visit.origin, "https://connect.example.com");
    });
}

#[test]
fn a_token_is_good_until_it_is_revoked_or_ends() {
    everywhere(async |world: World| {
        let (about, token) = world.accounts.create_token(&token_wish(None, "production")).await.unwrap();
        assert!(token.starts_with("fdp_") && token.len() == 47);
        let caller = world.accounts.who_is(&token).await.unwrap().unwrap();
        assert_eq!((caller.tenant.as_str(), &caller.token), ("app", &about.id));
        assert!(caller.may(&user("alice")) && !caller.may(&User::new("other", "alice").unwrap()));
        for wrong in ["", "fdp_", &token[4..], &token[..46], &format!("{token}x"), &format!("fdp_{}", "A".repeat(43))] {
            assert_eq!(world.accounts.who_is(wrong).await.unwrap(), None, "{wrong}");
        }
        world.accounts.revoke_token("app", &about.id).await.unwrap();
        assert_eq!(world.accounts.who_is(&token).await.unwrap(), None);
        assert!(matches!(world.accounts.revoke_token("app", &about.id).await, Err(AccountsError::Missing("token"))));

        let short = TokenWish { expires_at: Some(now() + 2_000), ..token_wish(Some("alice"), "short") };
        let (_, short) = world.accounts.create_token(&short).await.unwrap();
        let caller = world.accounts.who_is(&short).await.unwrap().unwrap();
        assert!(caller.may(&user("alice")) && !caller.may(&user("bob")));
        tokio::time::sleep(Duration::from_millis(2_050)).await;
        assert_eq!(world.accounts.who_is(&short).await.unwrap(), None);
        let names: Vec<_> = world.accounts.tokens("app").await.unwrap().into_iter().map(|token| token.name).collect();
        assert_eq!(names, ["production", "short"]);
    });
}

#[test]
fn a_token_has_a_tenant_a_name_and_an_end_to_come() {
    everywhere(async |world: World| {
        let nobodys = TokenWish { tenant: "nobody".to_owned(), ..token_wish(None, "x") };
        assert!(matches!(world.accounts.create_token(&nobodys).await, Err(AccountsError::Missing("tenant"))));
        assert!(!refused(world.accounts.create_token(&token_wish(None, " ")).await).is_empty());
        let ended = TokenWish { expires_at: Some(1), ..token_wish(None, "x") };
        assert!(refused(world.accounts.create_token(&ended).await).contains("ended"));
        assert!(!refused(world.accounts.create_token(&token_wish(Some(" x"), "x")).await).is_empty());
        assert!(world.accounts.tokens("app").await.unwrap().is_empty());
    });
}

#[test]
fn a_token_is_good_for_the_tools_that_it_names() {
    everywhere(async |world: World| {
        let with = |tools: &[&str]| TokenWish {
            tools: Some(tools.iter().map(|tool| (*tool).to_owned()).collect()),
            ..token_wish(Some("alice"), "x")
        };
        let (get, reply) = ("freshdesk_ticket_get", "freshdesk_tickets_reply");
        let (about, token) = world.accounts.create_token(&with(&[reply, get, reply])).await.unwrap();
        assert_eq!(about.tools, Some(vec![get.to_owned(), reply.to_owned()]));
        assert_eq!(world.accounts.tokens("app").await.unwrap(), std::slice::from_ref(&about));
        let caller = world.accounts.who_is(&token).await.unwrap().unwrap();
        assert_eq!(caller.tools, about.tools);
        assert!(caller.may_call(get) && caller.may_call(reply));
        assert!(
            !caller.may_call("freshdesk_agent_delete") && !caller.may_call("freshdesk_ticket") && !caller.may_call("")
        );
        let told = world.accounts.trail(Some("app"), None, 1).await.unwrap().remove(0);
        assert_eq!((told.kind.as_str(), &told.detail["tools"]), ("token.created", &json!([get, reply])));

        let unknown = refused(world.accounts.create_token(&with(&[get, "freshdesk_ticket_got"])).await);
        assert!(unknown.contains("\"freshdesk_ticket_got\"") && unknown.contains(reply), "{unknown}");
        assert!(refused(world.accounts.create_token(&with(&[])).await).contains("at least one"));

        let (_, all) = world.accounts.create_token(&token_wish(None, "x")).await.unwrap();
        let all = world.accounts.who_is(&all).await.unwrap().unwrap();
        assert!(all.tools.is_none() && all.may_call("freshdesk_agent_delete"));
    });
}
