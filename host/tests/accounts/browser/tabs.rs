//! Tabs, the back button, pages loaded again and buttons pressed twice.

use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::wd::WindowHandle;
use freshdesk_simulator::{Fault, FaultAction, seed};

use super::chromium::Browser;
use super::scene::{JANE, Scene, TOM};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_open_in_two_tabs_works_in_both() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE]);
    browser.go(&url).await;
    browser.see("Connect your Freshdesk").await;
    let (first, second) = (browser.client().window().await.unwrap(), tab(browser).await);
    scene.offer(&url, "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;

    // The form that was open before the other tab opened the link is still good.
    browser.client().switch_to_window(first.clone()).await.unwrap();
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;

    browser.client().switch_to_window(second).await.unwrap();
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
    let trail = scene.trail("user-42");
    assert_eq!(trail.iter().filter(|kind| *kind == "account.connected").count(), 1);
    assert!(!trail.contains(&"link.reused".to_owned()), "a second tab is no alarm");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_links_of_an_account_the_one_that_is_finished_ends_the_other() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    scene.offer(&scene.url("user-42", &["--email", JANE]), "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    let (first, second) = (browser.client().window().await.unwrap(), tab(browser).await);
    scene.offer(&scene.url("user-42", &[]), "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;

    browser.client().switch_to_window(first).await.unwrap();
    browser.press("button").await;
    browser.see("This link cannot be used").await;
    browser.client().switch_to_window(second).await.unwrap();
    browser.client().refresh().await.unwrap();
    browser.see("Freshdesk is connected").await;
    assert_eq!((scene.state("user-42"), &scene.account("user-42")["version"]), ("active".to_owned(), &1.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_two_accounts_do_not_mix_in_one_browser() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    scene.offer(&scene.url("jane", &["--email", JANE]), "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    let (first, second) = (browser.client().window().await.unwrap(), tab(browser).await);
    scene.offer(&scene.url("tom", &["--email", TOM]), "acme", seed::AGENT_KEY).await;
    browser.see("Is this you?").await;

    browser.client().switch_to_window(first).await.unwrap();
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    scene.reads(&["Jane Doe"]).await;
    browser.client().switch_to_window(second).await.unwrap();
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    scene.reads(&["Tom Park"]).await;
    assert_eq!(scene.account("jane")["person"]["email"], JANE);
    assert_eq!(scene.account("tom")["person"]["email"], TOM);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tab_confirms_nobody_but_whom_it_shows() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let link = scene.link("user-42", &["--code"]);
    scene.offer(link["url"].as_str().unwrap(), "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    scene.reads(&["Jane Doe"]).await;
    let first = browser.client().window().await.unwrap();
    tab(browser).await;
    scene.offer(link["url"].as_str().unwrap(), "acme", seed::AGENT_KEY).await;
    browser.see("Is this you?").await;

    browser.client().switch_to_window(first).await.unwrap();
    browser.fill("#code", link["code"].as_str().unwrap()).await;
    browser.press("button").await;
    browser.see("Is this you?").await;
    browser.picture("failure-changed");
    scene.reads(&["Something changed in the meantime, so nothing was connected.", "Tom Park"]).await;
    assert_eq!(scene.state("user-42"), "pending");
    browser.fill("#code", link["code"].as_str().unwrap()).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.account("user-42")["person"]["email"], TOM);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_and_loading_again_do_no_harm() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    browser.go(&scene.url("user-42", &["--email", JANE])).await;
    again(browser, "Connect your Freshdesk").await;

    // A page that says what was wrong is no answer to a form: loaded again, it tries nothing again.
    scene.give("acme", "FAKEkeyThatNobodyHas9").await;
    again(browser, "Connect your Freshdesk").await;
    scene.reads(&["Freshdesk does not accept this key", "You have 4 more tries."]).await;

    scene.give("acme", seed::ADMIN_KEY).await;
    again(browser, "Is this you?").await;
    browser.leave(async |browser| browser.client().back().await.unwrap()).await;
    browser.see("Connect your Freshdesk").await;
    assert_eq!(browser.find("#key").await.prop("value").await.unwrap().as_deref(), Some(""));
    browser.leave(async |browser| browser.client().forward().await.unwrap()).await;
    browser.see("Is this you?").await;
    browser.press(".foot a").await;
    browser.see("Connect your Freshdesk").await;
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    again(browser, "Freshdesk is connected").await;

    // Back to where everything is done already.
    browser.client().back().await.unwrap();
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
    let trail = scene.trail("user-42");
    assert_eq!(trail.last().unwrap(), "account.connected", "going back is no alarm");
    assert_eq!(trail.iter().filter(|kind| *kind == "link.tried").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_that_is_pressed_twice_does_it_once() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    browser.go(&scene.url("user-42", &["--email", JANE])).await;
    browser.see("Connect your Freshdesk").await;
    browser.fill("#helpdesk", "acme").await;
    browser.fill("#key", seed::ADMIN_KEY).await;
    // The second press comes while the first one waits for Freshdesk.
    let slow = Fault::on("GET", "/agents/me", FaultAction::Delay(Duration::from_secs(2)));
    scene.office.simulator.state().faults.push(Fault { times: 2, ..slow });
    browser.leave(async |browser| twice(browser, "button").await).await;
    browser.see("Is this you?").await;
    scene.reads(&["Jane Doe (jane@acme.example)"]).await;

    browser.leave(async |browser| twice(browser, "button").await).await;
    browser.see("Freshdesk is connected").await;
    let account = scene.account("user-42");
    assert_eq!((&account["state"], &account["version"]), (&"active".into(), &1.into()));
    let trail = scene.trail("user-42");
    assert_eq!(trail.iter().filter(|kind| *kind == "account.connected").count(), 1);
    assert!(!trail.contains(&"link.reused".to_owned()), "a double click is no alarm: {trail:?}");
}

/// A new tab, in front.
async fn tab(browser: &Browser) -> WindowHandle {
    let handle = browser.client().new_window(true).await.unwrap().handle;
    browser.client().switch_to_window(handle.clone()).await.unwrap();
    handle
}

/// Loads the page again, which is to be this one before and after.
async fn again(browser: &Browser, heading: &str) {
    browser.see(heading).await;
    browser.leave(async |browser| browser.client().refresh().await.unwrap()).await;
    browser.see(heading).await;
}

/// A double click.
async fn twice(browser: &Browser, css: &str) {
    let element = browser.find(css).await;
    let at = PointerAction::MoveToElement { element, duration: None, x: 0., y: 0. };
    let (down, up) =
        (PointerAction::Down { button: MOUSE_BUTTON_LEFT }, PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    let mouse = MouseActions::new("mouse".to_owned()).then(at).then(down.clone()).then(up.clone()).then(down).then(up);
    browser.client().perform_actions(mouse).await.unwrap();
}
