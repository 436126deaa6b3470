//! The walk through the page, with each proof.

use freshdesk_simulator::seed;

use super::world::{JANE, World, between, path};
use crate::accounts::{LinkWish, TenantWish, User};

const WRONG_KEY: &str = "FAKEkeyThatNobodyHas9";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_connects_in_two_steps() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.get(&world.path("user-42").await).await;
    assert_eq!((form.status.as_u16(), form.heading()), (200, "Connect your Freshdesk"));

    let confirm = browser.submit(&form, &[("helpdesk", "acme"), ("key", seed::ADMIN_KEY)]).await;
    assert_eq!(confirm.status.as_u16(), 303);
    let confirm = browser.follow(confirm).await;
    assert!(confirm.text.contains(&format!("<strong>Jane Doe ({JANE})</strong>")), "{}", confirm.text);
    assert!(confirm.text.contains("acme.freshdesk.com") && confirm.text.contains("user-42"));
    assert_eq!(world.state("user-42").await, "pending");

    let done = browser.submit(&confirm, &[]).await;
    assert_eq!(done.status.as_u16(), 303);
    let done = browser.follow(done).await;
    assert_eq!((done.status.as_u16(), done.heading()), (200, "Freshdesk is connected"));
    assert_eq!(world.state("user-42").await, "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_stays_done_however_the_user_goes_back() {
    let world = World::new().await;
    let mut browser = world.browser();
    let link = world.path("user-42").await;
    let confirm = browser.offer(&link, seed::ADMIN_KEY).await;
    let mut early = browser.clone();
    let done = browser.submit(&confirm, &[]).await;
    let done = browser.follow(done).await;

    let form = confirm.path.strip_suffix("/confirm").unwrap();
    for page in [form, &confirm.path, &done.path] {
        assert_eq!(browser.get(page).await.heading(), "Freshdesk is connected", "{page}");
    }
    let again = browser.submit(&confirm, &[]).await;
    assert_eq!(browser.follow(again).await.heading(), "Freshdesk is connected");
    // A second press, sent before the first was answered.
    let twice = early.submit(&confirm, &[]).await;
    assert_eq!(early.follow(twice).await.heading(), "Freshdesk is connected");
    let trail = world.trail().await;
    assert_eq!(trail.iter().filter(|kind| *kind == "account.connected").count(), 1);
    assert!(!trail.contains(&"link.reused".to_owned()), "{trail:?}");

    // The link itself is another matter.
    assert_eq!(browser.get(&link).await.heading(), "This link cannot be used");
    assert!(world.trail().await.contains(&"link.reused".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_not_shown_again_and_its_helpdesk_is() {
    let world = World::new().await;
    let mut browser = world.browser();
    let mut page = browser.offer(&world.path("user-42").await, WRONG_KEY).await;
    assert_eq!(page.status.as_u16(), 422);
    assert!(page.text.contains("Freshdesk does not accept this key at acme.freshdesk.com."), "{}", page.text);
    assert!(page.text.contains("value=\"https://acme.freshdesk.com/a/x\""));
    assert!(page.text.contains("Understood as <strong class=\"word\">acme.freshdesk.com</strong>"));
    for _ in 0..4 {
        assert!(!page.text.contains(WRONG_KEY));
        let refused = browser.submit(&page, &[("helpdesk", "acme"), ("key", WRONG_KEY)]).await;
        page = browser.follow(refused).await;
    }
    assert_eq!((page.status.as_u16(), page.heading()), (410, "This link has had its five tries"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_in_the_helpdesks_place_is_not_shown() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.get(&world.path("user-42").await).await;
    let page = browser.submit(&form, &[("helpdesk", seed::ADMIN_KEY), ("key", "acme.freshdesk.com")]).await;
    let page = browser.follow(page).await;
    assert!(page.status.as_u16() == 422 && !page.text.contains(seed::ADMIN_KEY), "{}", page.text);
    assert_eq!(world.asked(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_the_tenant_is_asked_for() {
    let world = World::new().await;
    let mut browser = world.browser();
    let link = world.link("user-42", LinkWish { code: true, ..LinkWish::default() }).await;
    let confirm = browser.offer(&path(&link), seed::AGENT_KEY).await;
    assert!(confirm.text.contains("<label for=\"code\">Code from App X</label>"), "{}", confirm.text);
    let wrong = browser.submit(&confirm, &[("code", "0")]).await;
    let wrong = browser.follow(wrong).await;
    assert_eq!((wrong.status.as_u16(), wrong.heading()), (422, "Is this you?"));
    assert!(wrong.text.contains("This is not the code that App X shows."));
    assert_eq!(world.state("user-42").await, "pending");
    let done = browser.submit(&wrong, &[("code", &link.code.unwrap())]).await;
    assert_eq!(browser.follow(done).await.heading(), "Freshdesk is connected");
    assert_eq!(world.state("user-42").await, "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_goes_back_to_the_tenant_which_confirms() {
    let world = World::new().await;
    let back = "https://app.example/back?from=connect";
    world.tenant(TenantWish { return_urls: Some(vec![back.to_owned()]), ..TenantWish::default() }).await;
    let wish =
        LinkWish { return_url: Some(back.to_owned()), return_state: Some("s 1".to_owned()), ..LinkWish::default() };
    let link = path(&world.link("user-42", wish).await);
    let mut browser = world.browser();
    let confirm = browser.offer(&link, seed::AGENT_KEY).await;
    assert!(confirm.header("content-security-policy").contains("form-action 'self' https://app.example;"));
    let sent = browser.submit(&confirm, &[]).await;
    assert_eq!((sent.status.as_u16(), sent.header("referrer-policy")), (303, "no-referrer"));
    let url = sent.leads().unwrap();
    assert!(url.starts_with(&format!("{back}&confirmation=")) && url.ends_with("&state=s+1"), "{url}");
    assert_eq!(world.state("user-42").await, "pending");

    let page = browser.get(&confirm.path).await;
    assert_eq!(page.heading(), "Almost done");
    assert!(page.text.contains(&format!("href=\"{}\"", url.replace('&', "&#38;"))), "{}", page.text);

    let confirmation = between(&url, "confirmation=", "&");
    world.accounts.confirm(&User::new("app", "user-42").unwrap(), confirmation).await.unwrap();
    assert_eq!(world.state("user-42").await, "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_confirmed_is_what_was_shown() {
    let world = World::new().await;
    let link = world.link("user-42", LinkWish { code: true, ..LinkWish::default() }).await;
    let (mut victim, mut attacker) = (world.browser(), world.browser());
    let confirm = victim.offer(&path(&link), seed::ADMIN_KEY).await;
    // Whoever has the link, too, puts a key of their own in its place.
    attacker.offer(&path(&link), seed::AGENT_KEY).await;
    let page = victim.submit(&confirm, &[("code", &link.code.unwrap())]).await;
    let page = victim.follow(page).await;
    assert_eq!((page.status.as_u16(), page.heading()), (409, "Connect your Freshdesk"));
    assert!(page.text.contains("Somebody else may have used this link") && !page.text.contains("Tom"), "{}", page.text);
    assert_eq!(world.state("user-42").await, "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_links_in_one_browser_do_not_mix() {
    let world = World::new().await;
    let mut browser = world.browser();
    let jane = browser.offer(&world.path("jane").await, seed::ADMIN_KEY).await;
    let wish = LinkWish { email: Some("tom@acme.example".to_owned()), ..LinkWish::default() };
    let tom = browser.offer(&path(&world.link("tom", wish).await), seed::AGENT_KEY).await;
    assert_eq!(browser.cookies.len(), 2);
    // The form of one at the address of the other.
    let crossed = [("sec-fetch-site", "same-origin")];
    let crossed = browser.post(&tom.action(), &crossed, &[("form", &jane.seal())]).await;
    assert_eq!(crossed.status.as_u16(), 403);
    for page in [&jane, &tom] {
        let done = browser.submit(page, &[]).await;
        assert_eq!(browser.follow(done).await.heading(), "Freshdesk is connected");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_to_confirm_leads_to_the_form() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.get(&world.path("user-42").await).await;
    let page = browser.get(&format!("{}/confirm", form.path)).await;
    assert_eq!((page.status.as_u16(), page.heading()), (409, "Connect your Freshdesk"));
    assert!(page.text.contains("There is nobody to confirm yet."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_browser_neither_sees_nor_confirms_whose_key_was_given() {
    let world = World::new().await;
    let back = "https://app.example/back";
    world.tenant(TenantWish { return_urls: Some(vec![back.to_owned()]), ..TenantWish::default() }).await;
    let wishes = [
        LinkWish { code: true, ..LinkWish::default() },
        LinkWish { return_url: Some(back.to_owned()), ..LinkWish::default() },
    ];
    for wish in wishes {
        let link = path(&world.link("mallory", wish.clone()).await);
        let (mut jane, mut mallory) = (world.browser(), world.browser());
        let shown = jane.offer(&link, seed::ADMIN_KEY).await;
        for waits in [false, true] {
            if waits && !wish.code {
                jane.submit(&shown, &[]).await;
            }
            let form = mallory.get(&link).await;
            let page = mallory.get(&format!("{}/confirm", form.path.trim_end_matches("/confirm"))).await;
            assert_eq!((page.status.as_u16(), page.heading()), (409, "Connect your Freshdesk"));
            assert!(!page.text.contains("Jane") && !page.text.contains(JANE), "{}", page.text);
        }
        assert_eq!(world.state("mallory").await, "pending");
    }
}
