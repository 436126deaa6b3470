//! Links in the wrong hands, and hands that are no browser's.

use freshdesk_simulator::seed;

use super::scene::{JANE, Scene, TOM};
use super::web::{self, Site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_another_opens_connects_nobody() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;

    // Alice's link; Bob opens it, and has a key of his own.
    let url = scene.url("alice", &["--email", JANE]);
    scene.offer(&url, "acme", seed::AGENT_KEY).await;
    browser.picture("failure-other-person");
    scene.reads(&["it is not the key of the person this link is for"]).await;
    assert!(!browser.text().await.contains(JANE), "the page tells Bob whom it expects");
    assert_eq!((scene.state("alice"), scene.account("alice")["person"].is_null()), ("pending".to_owned(), true));

    // The link with a code: Bob has the link, and not the code.
    let link = scene.link("carol", &["--code"]);
    scene.offer(link["url"].as_str().unwrap(), "acme", seed::AGENT_KEY).await;
    browser.see("Is this you?").await;
    browser.script("document.querySelector('#code').required = false").await;
    browser.press("button").await;
    browser.see("Is this you?").await;
    scene.reads(&["This is not the code that App X shows."]).await;
    assert_eq!(scene.state("carol"), "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_sent_to_a_victim_connects_not_the_sender() {
    let Some(scene) = Scene::open().await else { return };
    let tenant = Site::open("<h1>Back at App X</h1>");
    let back = tenant.url("localhost", "/back");
    scene.office.json(&["tenants", "set", "app", "--return-url", &back]);

    // Mallory sends her own link to Tom, who goes along. He arrives at the tenant as himself.
    let url = scene.url("mallory", &["--return-url", &back]);
    scene.url("tom", &["--return-url", &back]);
    scene.offer(&url, "acme", seed::AGENT_KEY).await;
    scene.browser.press("button").await;
    scene.browser.see("Back at App X").await;
    let head = tenant.seen("/back").remove(0);
    let confirmation = head.split_once("confirmation=").unwrap().1.split([' ', '&']).next().unwrap();
    let refused = scene.office.run(&["accounts", "confirm", "app", "tom", confirmation]);
    assert!(!refused.status.success());
    assert_eq!((scene.state("mallory"), scene.state("tom")), ("pending".to_owned(), "pending".to_owned()));
    assert_eq!(scene.trail("mallory").last().unwrap(), "link.confirmed_by_other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_shown_in_the_browser_alone_that_gave_it() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("mallory", &["--code"]);
    scene.offer(&url, "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    let confirm = browser.address().await;

    // Whoever sent the link opens it, too, and knows the code.
    browser.client().delete_all_cookies().await.unwrap();
    browser.go(&url).await;
    browser.see("Connect your Freshdesk").await;
    browser.go(&confirm).await;
    browser.picture("failure-other-browser");
    scene.reads(&["Somebody else may have used this link, so nothing was connected."]).await;
    assert!(!browser.text().await.contains("Jane Doe"), "the page tells whose key it is");
    assert_eq!(scene.state("mallory"), "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_scanner_that_opens_a_link_does_not_use_it_up() {
    let Some(scene) = Scene::open().await else { return };
    let url = scene.url("user-42", &["--email", JANE]);
    for _ in 0..10 {
        assert_eq!(web::request("HEAD", &url, &[], "").status, 200);
        let answer = web::get(&url);
        assert_eq!(answer.status, 303);
        // Some follow, with the cookie and without.
        let next = format!("{}{}", scene.server.url, answer.header("location").unwrap());
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(web::request("GET", &next, &[("cookie", &cookie)], "").status, 200);
        assert_eq!(web::get(&next).status, 400);
        assert_eq!(web::request("POST", &url, &[], "").status, 405);
    }
    assert_eq!(scene.state("user-42"), "pending");

    scene.offer(&url, "acme", seed::ADMIN_KEY).await;
    scene.browser.press("button").await;
    scene.browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_link_that_is_opened_again_is_noted_loudly() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", TOM]);
    scene.offer(&url, "acme", seed::AGENT_KEY).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    browser.go(&url).await;
    browser.see("This link cannot be used").await;
    browser.picture("failure-used-link");
    assert_eq!(scene.trail("user-42").last().unwrap(), "link.reused");
    assert!(scene.log().contains("a used link was opened again"));
    assert_eq!(scene.state("user-42"), "active");
}
