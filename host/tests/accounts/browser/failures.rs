//! Every sentence about what goes wrong, as the user reads it. Each is a screenshot.

use freshdesk_simulator::{Fault, FaultAction, Plan, Standing, seed};

use super::scene::{JANE, NOWHERE, OTHER, RITA_KEY, Scene};
use super::web;

/// Where Freshdesk says whose key it is.
const ME: &str = "/agents/me";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_can_be_tried_five_times() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE]);
    browser.go(&url).await;
    for left in (0..5).rev() {
        browser.see("Connect your Freshdesk").await;
        scene.give("acme", "FAKEkeyThatNobodyHas9").await;
        match left {
            0 => break,
            1 => scene.reads(&["You have one more try."]).await,
            left => scene.reads(&[&format!("You have {left} more tries.")]).await,
        }
        scene.reads(&["Freshdesk does not accept this key at acme.freshdesk.com."]).await;
        assert!(browser.client().title().await.unwrap().starts_with("Error: "));
        browser.picture(&format!("failure-wrong-key-{left}-left"));
    }
    browser.see("This link has had its five tries").await;
    browser.picture("failure-five-tries");
    scene.reads(&["Nothing was connected.", "ask for a new one"]).await;

    // It stays dead, for the right key and for who opens it again.
    browser.go(&url).await;
    browser.see("This link has had its five tries").await;
    assert_eq!(scene.state("user-42"), "pending");
    assert_eq!(scene.trail("user-42").iter().filter(|kind| *kind == "link.tried").count(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helpdesk_that_is_none_or_another_has_its_own_sentence() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    browser.go(&scene.url("user-1", &["--email", JANE])).await;
    browser.see("Connect your Freshdesk").await;

    scene.give("support.acme.com", seed::ADMIN_KEY).await;
    browser.picture("failure-no-helpdesk-name");
    scene.reads(&["This names no helpdesk of Freshdesk.", "acme.freshdesk.com"]).await;
    assert_eq!(browser.find("#helpdesk").await.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));

    scene.give("acme", "two words").await;
    browser.picture("failure-no-key");
    scene.reads(&["This is no API key."]).await;

    scene.give(NOWHERE, seed::ADMIN_KEY).await;
    browser.picture("failure-unknown-helpdesk");
    scene.reads(&["There is no helpdesk at nowhere.freshdesk.com."]).await;

    // What was wrong before is no hindrance.
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;

    browser.go(&scene.url("user-2", &["--code", "--domain", "acme"])).await;
    browser.see("Connect your Freshdesk").await;
    assert_eq!(browser.find("#helpdesk").await.prop("value").await.unwrap().as_deref(), Some("acme.freshdesk.com"));
    scene.give(OTHER, RITA_KEY).await;
    browser.picture("failure-other-helpdesk");
    scene.reads(&["This link is for acme.freshdesk.com."]).await;
    assert_eq!(scene.state("user-2"), "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reconnect_is_for_the_same_helpdesk_and_person() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    scene.link("user-42", &["--code"]);
    let imported = ["accounts", "import", "app", "user-42", "--domain", "acme"];
    assert!(scene.office.run_with_input(&imported, seed::ADMIN_KEY).status.success());

    let url = scene.url("user-42", &["--code"]);
    scene.offer(&url, OTHER, RITA_KEY).await;
    scene.reads(&["This link is for acme.freshdesk.com."]).await;
    scene.give("acme", seed::AGENT_KEY).await;
    scene.reads(&["it is not the key of the person this link is for"]).await;
    assert_eq!(scene.account("user-42")["person"]["email"], JANE);

    // Unless the tenant allows another.
    let link = scene.link("user-42", &["--code", "--allow-other"]);
    scene.offer(link["url"].as_str().unwrap(), OTHER, RITA_KEY).await;
    browser.see("Is this you?").await;
    browser.fill("#code", link["code"].as_str().unwrap()).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    let account = scene.account("user-42");
    assert_eq!((&account["state"], &account["helpdesk"]), (&"active".into(), &OTHER.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_helpdesk_that_lets_nobody_in_has_its_own_sentence() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    browser.go(&scene.url("user-42", &["--email", JANE])).await;
    browser.see("Connect your Freshdesk").await;
    let helpdesk =
        |change: fn(&mut freshdesk_simulator::Helpdesk)| change(scene.office.simulator.state().helpdesk("acme"));

    helpdesk(|acme| acme.subscribe(Plan::Free));
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.picture("failure-no-api-on-the-plan");
    scene.reads(&["The plan of this helpdesk has no API.", "Growth or higher"]).await;

    helpdesk(|acme| {
        acme.subscribe(Plan::Enterprise);
        acme.standing = Standing::Suspended;
    });
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.picture("failure-suspended");
    scene.reads(&["Freshdesk has suspended this helpdesk."]).await;

    helpdesk(|acme| acme.standing = Standing::LockedOut);
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.picture("failure-locked-out");
    scene.reads(&["Freshdesk has locked this login after too many failed ones."]).await;

    helpdesk(|acme| acme.standing = Standing::Active);
    let body = br#"{"code":"access_denied","message":"You are not authorized to perform this action."}"#;
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let denied = FaultAction::Respond { status: 403, headers, body: body.to_vec() };
    scene.office.simulator.state().faults.push(Fault::on("GET", ME, denied));
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.picture("failure-forbidden");
    scene.reads(&["Freshdesk knows this key, but does not let it use the API.", "Nothing was stored"]).await;
    assert_eq!(scene.state("user-42"), "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freshdesk_that_is_down_costs_nothing_but_time() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    browser.go(&scene.url("user-42", &["--email", JANE])).await;
    browser.see("Connect your Freshdesk").await;

    let broken = FaultAction::Respond { status: 503, headers: Vec::new(), body: b"<html>down</html>".to_vec() };
    scene.office.simulator.state().faults.push(Fault { times: 20, ..Fault::on("GET", ME, broken) });
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.picture("failure-freshdesk-down");
    scene.reads(&["Freshdesk does not answer at the moment.", "your link is still good"]).await;

    scene.office.simulator.state().faults = vec![Fault { times: 20, ..Fault::once(FaultAction::Reset) }];
    scene.give("acme", seed::ADMIN_KEY).await;
    scene.reads(&["Freshdesk does not answer at the moment."]).await;

    scene.office.simulator.state().faults.clear();
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_cannot_be_used_says_what_to_do() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let unknown = format!("{}/connect/{}", scene.server.url, "A".repeat(43));
    browser.go(&unknown).await;
    browser.see("This link cannot be used").await;
    browser.picture("failure-unknown-link");
    scene.reads(&["It has expired, was used already, or is not complete.", "ask for a new one"]).await;
    let of_unknown = browser.text().await;

    // A page that was open for half an hour.
    let url = scene.url("user-42", &["--email", JANE]);
    browser.go(&url).await;
    browser.see("Connect your Freshdesk").await;
    let open = browser.address().await;
    scene.office.meddle("UPDATE links SET expires_at = 1");
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("This link cannot be used").await;
    browser.go(&url).await;
    browser.see("This link cannot be used").await;
    browser.picture("failure-expired-link");
    assert_eq!(browser.text().await, of_unknown, "an expired link can be told from an unknown one");
    assert_eq!(scene.office.simulator.state().journal.len(), 0, "Freshdesk was asked for an expired link");

    // The clean address in another browser.
    browser.client().delete_all_cookies().await.unwrap();
    browser.go(&open).await;
    browser.see("This page has lost your link").await;
    browser.picture("failure-no-cookie");
    browser.go(&format!("{}/connect/at/a/b", scene.server.url)).await;
    browser.see("There is no such page").await;
    browser.picture("failure-no-page");
    assert_eq!(scene.state("user-42"), "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_too_often_is_asked_to_wait() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE]);
    let busy = (0..1000).map(|_| web::get(&url)).find(|answer| answer.status == 429).unwrap();
    assert!(busy.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    // Four times a second somebody is let in again.
    for _ in 0..20 {
        (0..20).for_each(|_| drop(web::get(&url)));
        browser.go(&url).await;
        if browser.text().await.contains("Too many requests") {
            break;
        }
    }
    browser.picture("failure-too-many-requests");
    let edge = browser.script("return getComputedStyle(document.querySelector('main')).borderTopStyle").await;
    assert_eq!(edge, "solid", "the page has lost its style");
    scene.reads(&["Too many requests", "Wait", "Your link is still good."]).await;
    assert_eq!(scene.state("user-42"), "pending");
}
