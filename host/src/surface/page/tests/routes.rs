//! What holds on every route.

use std::time::{Duration, Instant};

use freshdesk_simulator::seed;
use http::Method;

use super::world::{Answer, Browser, ORIGIN, World, between, path};
use crate::accounts::{LinkWish, TenantWish, User};
use crate::surface::page::{PageSettings, look};
use crate::surface::rate::Limits;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

/// An address in the form of a link that nobody made.
fn unknown() -> String {
    format!("/connect/{}", "A".repeat(43))
}

fn is_guarded(answer: &Answer) {
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {}", answer.path);
    }
    let policy = answer.header("content-security-policy");
    for rule in
        ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(rule), "{rule} of {}: {policy}", answer.path);
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    assert!(answer.header("permissions-policy").contains("camera=()"));
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_guarded_and_kept_nowhere() {
    let world = World::new().await;
    let mut browser = world.browser();
    let link = world.path("user-42").await;
    let form = browser.get(&link).await;
    let confirm = browser.offer(&link, seed::ADMIN_KEY).await;
    let wrong = browser.submit(&form, &[("helpdesk", "a b"), ("key", "x")]).await;
    let wrong = browser.follow(wrong).await;
    let refused = browser.post(&form.path, &[], &[]).await;
    let mut answers = vec![form, wrong, refused];
    let done = browser.submit(&confirm, &[]).await;
    answers.extend([confirm, done]);
    for path in [
        &link,
        &unknown(),
        "/",
        "/connect",
        "/connect/at/x",
        "/connect/at/x/y/z",
        "/connect/logo/app/x",
        "/connect/colour/x",
    ] {
        answers.push(browser.send(Method::GET, path, &[], String::new()).await);
        answers.push(browser.send(Method::HEAD, path, &[], String::new()).await);
    }
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::POST] {
        answers.push(browser.send(method, &unknown(), &[], String::new()).await);
    }
    for answer in &answers {
        is_guarded(answer);
        assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_files_may_be_kept_for_ever() {
    let world = World::new().await;
    world
        .tenant(TenantWish { logo: Some(PNG.to_vec()), colour: Some("#0a7d4f".to_owned()), ..TenantWish::default() })
        .await;
    let mut browser = world.browser();
    let form = browser.get(&world.path("user-42").await).await;
    let logo = between(&form.text, "<img src=\"", "\"").to_owned();
    for (path, kind, text) in [
        (look::STYLE_PATH.as_str(), "text/css; charset=utf-8", "--accent"),
        (look::ICON_PATH.as_str(), "image/svg+xml", "<svg"),
        ("/connect/colour/0a7d4f.css", "text/css; charset=utf-8", "#0a7d4f"),
        (logo.as_str(), "image/png", "PNG"),
    ] {
        assert!(form.text.contains(&format!("\"{path}\"")), "{path}");
        let file = browser.get(path).await;
        is_guarded(&file);
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, kind), "{path}");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(file.text.contains(text));
    }
    let other = if logo.ends_with('A') { 'Q' } else { 'A' };
    let forged = format!("{}{other}", &logo[..logo.len() - 1]);
    for path in [
        forged.as_str(),
        "/connect/logo/app/",
        "/connect/logo/other/x",
        "/connect/colour/red.css",
        "/connect/style-x.css",
    ] {
        let status = browser.get(path).await.status.as_u16();
        assert!(status == 404 || status == 410, "{path}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_kept_in_a_cookie_and_in_no_address() {
    let world = World::new().await;
    let mut browser = world.browser();
    let link = world.path("user-42").await;
    let token = link.strip_prefix("/connect/").unwrap();
    let first = browser.send(Method::GET, &link, &[], String::new()).await;
    assert_eq!(first.status.as_u16(), 303);
    let (cookie, next) = (first.header("set-cookie").to_owned(), first.leads().unwrap());
    assert!(cookie.starts_with("__Secure-connect-") && cookie.contains(token));
    assert!(cookie.ends_with("; Path=/connect; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(next.starts_with("/connect/at/") && !next.contains(token));
    let form = browser.get(&next).await;
    assert!(!form.text.contains(token) && form.headers.get("set-cookie").is_none());
    let done = browser.offer(&link, seed::ADMIN_KEY).await;
    let done = browser.submit(&done, &[]).await;
    assert!(!done.header("set-cookie").contains(token) && !done.header("set-cookie").is_empty());
    assert!(browser.cookies.values().all(|value| !value.contains(token)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_uses_nothing_up() {
    let world = World::new().await;
    let link = world.path("user-42").await;
    for _ in 0..10 {
        let mut scanner = world.browser();
        assert_eq!(scanner.send(Method::HEAD, &link, &[], String::new()).await.status.as_u16(), 200);
        assert_eq!(scanner.get(&link).await.status.as_u16(), 200);
        assert_eq!(scanner.send(Method::POST, &link, &[], String::new()).await.status.as_u16(), 405);
    }
    let opened = world.trail().await.iter().filter(|kind| *kind == "link.opened").count();
    assert_eq!((opened, world.asked()), (1, 0));
    let mut browser = world.browser();
    let confirm = browser.offer(&link, seed::ADMIN_KEY).await;
    for _ in 0..10 {
        assert_eq!(browser.get(&confirm.path).await.heading(), "Is this you?");
    }
    assert_eq!(world.state("user-42").await, "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_of_others_are_refused_and_cost_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    let link = world.path("user-42").await;
    let form = browser.get(&link).await;
    let mut other = world.browser();
    let others = other.get(&link).await;
    let own = form.seal();
    let tries: [(&[(&str, &str)], &str); 7] = [
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], &own),
        (&[("sec-fetch-site", "same-site")], &own),
        (&[("origin", "null")], &own),
        (&[], &own),
        (&[("sec-fetch-site", "same-origin")], ""),
        (&[("sec-fetch-site", "same-origin")], "a.b"),
        // The seal that another browser was given for the same link.
        (&[("sec-fetch-site", "same-origin")], &others.seal()),
    ];
    for (headers, seal) in tries {
        let fields = [("form", seal), ("helpdesk", "acme"), ("key", seed::ADMIN_KEY)];
        let answer = browser.post(&form.path, headers, &fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.heading()),
            (403, "This form was not sent from this page"),
            "{headers:?}"
        );
    }
    // The form of the first step is none of the second.
    let confirm = browser.offer(&link, seed::ADMIN_KEY).await;
    let asked = world.asked();
    let mixed = browser.post(&confirm.path, &[("sec-fetch-site", "same-origin")], &[("form", &own)]).await;
    let cross = browser.post(&confirm.path, &[("sec-fetch-site", "cross-site")], &[("form", &confirm.seal())]).await;
    assert_eq!((mixed.status.as_u16(), cross.status.as_u16()), (403, 403));
    assert_eq!((world.state("user-42").await, world.asked()), ("pending", asked));
    let tried = world.trail().await.iter().filter(|kind| *kind == "link.tried").count();
    assert_eq!(tried, 1);
    // A browser that tells no more than its origin is believed.
    let old = browser.post(&confirm.path, &[("origin", ORIGIN)], &[("form", &confirm.seal())]).await;
    assert_eq!(old.status.as_u16(), 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_cannot_be_used_look_alike() {
    let world = World::new().await;
    let mut browser = world.browser();
    let (used, other) = (world.path("user-42").await, world.path("user-42").await);
    let confirm = browser.offer(&used, seed::ADMIN_KEY).await;
    browser.submit(&confirm, &[]).await;
    let removed = world.path("user-7").await;
    world.accounts.disconnect(&User::new("app", "user-7").unwrap()).await.unwrap();
    let mut texts = Vec::new();
    for path in [&unknown(), &used, &other, &removed, "/connect/short", &format!("/connect/{}", "A".repeat(5000))] {
        let start = Instant::now();
        let answer = world.browser().get(path).await;
        assert!(start.elapsed() >= Duration::from_millis(100), "{path} took {:?}", start.elapsed());
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (410, ""), "{path}");
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_need_escapes_are_none_of_the_pages() {
    let world = World::new().await;
    for path in ["/connect/%ff%00", "/connect/at/%2e%2e", "/connect/colour/%23fff", "/connect/%3Cscript%3E"] {
        let answer = world.browser().get(path).await;
        assert_eq!((answer.status.as_u16(), answer.heading()), (404, "There is no such page"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clean_address_alone_is_of_no_use() {
    let world = World::new().await;
    let form = world.browser().get(&world.path("user-42").await).await;
    for path in [form.path.clone(), format!("{}/confirm", form.path), format!("{}/done", form.path)] {
        let answer = world.browser().get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.heading()), (400, "This page has lost your link"), "{path}");
    }
    // A cookie that could have been set without TLS is not believed.
    let mut browser = world.browser();
    browser.get(&world.path("user-42").await).await;
    let (name, value) = browser.cookies.pop_first().unwrap();
    browser.cookies.insert(name.strip_prefix("__Secure-").unwrap().to_owned(), value);
    let id = name.strip_prefix("__Secure-connect-").unwrap();
    assert_eq!(browser.get(&format!("/connect/at/{id}")).await.status.as_u16(), 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_are_text_on_the_page() {
    let world = World::new().await;
    let name = "<script>alert(1)</script>\"'&";
    world.tenant(TenantWish { name: Some(name.to_owned()), ..TenantWish::default() }).await;
    let jane = |state: &mut freshdesk_simulator::State| {
        let acme = state.helpdesk(seed::LABEL);
        acme.agents.get_mut(&seed::ADMIN_ID).unwrap().name = "<img src=x onerror=alert(2)>".to_owned();
    };
    jane(&mut world.simulator.state());
    let mut browser = world.browser();
    let link = world.link("user <b>42</b>", LinkWish { code: true, ..LinkWish::default() }).await;
    let form = browser.get(&path(&link)).await;
    let wrong = browser.submit(&form, &[("helpdesk", "\"><script>.x"), ("key", "x")]).await;
    let wrong = browser.follow(wrong).await;
    assert!(wrong.text.contains("value=\"&#34;&#62;&#60;script&#62;.x\""), "{}", wrong.text);
    let confirm = browser.offer(&path(&link), seed::ADMIN_KEY).await;
    let done = browser.submit(&confirm, &[("code", &link.code.unwrap())]).await;
    let done = browser.follow(done).await;
    assert_eq!(done.heading(), "Freshdesk is connected");
    for page in [form, wrong, confirm, done] {
        for tag in ["<script", "<img", "<b>"] {
            assert!(!page.text.contains(tag), "{tag} in {}", page.text);
        }
    }
}

/// A browser elsewhere, at an address of its own.
fn from(world: &World, last: u8) -> Browser {
    let mut browser = world.browser();
    browser.from = ([192, 0, 2, last], 4711).into();
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_too_often_waits_and_others_do_not() {
    let limits = Limits { requests: 20, ..Limits::default() };
    let world = World::with(PageSettings { limits, ..PageSettings::default() }).await;
    let mut one = from(&world, 1);
    for _ in 0..10 {
        assert_eq!(one.get("/").await.status.as_u16(), 404);
    }
    let busy = one.get("/").await;
    assert_eq!((busy.status.as_u16(), busy.heading()), (429, "Too many requests"));
    assert!((1..=4).contains(&busy.header("retry-after").parse::<u64>().unwrap()));
    is_guarded(&busy);
    assert_eq!(from(&world, 2).get("/").await.status.as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_counted_by_themselves() {
    let limits = Limits { tries: 4, ..Limits::default() };
    let world = World::with(PageSettings { limits, ..PageSettings::default() }).await;
    let mut browser = from(&world, 1);
    let form = browser.get(&world.path("user-42").await).await;
    for status in [303, 303, 429] {
        let answer = browser.submit(&form, &[("helpdesk", "acme"), ("key", "x")]).await;
        assert_eq!(answer.status.as_u16(), status);
    }
    assert_eq!(browser.get(&form.path).await.status.as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_too_long_is_not_read() {
    let world = World::new().await;
    let mut browser = world.browser();
    let form = browser.get(&world.path("user-42").await).await;
    let answer = browser.submit(&form, &[("helpdesk", "acme"), ("key", &"x".repeat(20_000))]).await;
    assert_eq!((answer.status.as_u16(), answer.heading()), (413, "This is too much"));
}
