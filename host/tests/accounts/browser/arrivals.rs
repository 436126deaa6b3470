//! How users arrive, and what other sites can have their browsers do.

use freshdesk_simulator::seed;

use super::scene::{JANE, Scene};
use super::web::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_clicked_in_webmail_works() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE]);
    // The mail opens the link in this tab; or, as most do, in another, which knows nothing of the mail.
    let mail = Site::open(&format!(
        "<h1>Mail</h1><a id=here href='{url}'>Connect</a> <a id=there href='{url}' target=_blank>Connect</a>"
    ));
    for link in ["#here", "#there"] {
        browser.go(&mail.url("localhost", "/")).await;
        browser.see("Mail").await;
        if link == "#here" {
            browser.press(link).await;
        } else {
            browser.find(link).await.click().await.unwrap();
            let window = browser.other_window().await;
            browser.client().switch_to_window(window).await.unwrap();
        }
        browser.see("Connect your Freshdesk").await;
    }
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_on_a_page_of_others_is_refused() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE]);
    browser.go(&url).await;
    browser.see("Connect your Freshdesk").await;
    let (offer, form) =
        (browser.address().await, browser.find("[name=form]").await.prop("value").await.unwrap().unwrap());
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    let (confirm, seal) =
        (browser.address().await, browser.find("[name=form]").await.prop("value").await.unwrap().unwrap());

    // The worst case: whoever made the page has seen the forms, and lacks the browser alone.
    let steps = [("offer", &offer, &form), ("confirm", &confirm, &seal)];
    let forms = steps.map(|(step, action, form)| {
        let inputs = [("form", form.as_str()), ("helpdesk", "acme"), ("key", seed::AGENT_KEY), ("code", "")];
        let inputs = inputs.map(|(name, value)| format!("<input type=hidden name={name} value='{value}'>")).concat();
        format!("<form method=post action='{action}'>{inputs}<button id={step}>Win a prize</button></form>")
    });
    let trap = Site::open(&format!("<h1>Prizes</h1>{}", forms.concat()));
    for button in ["#offer", "#confirm"] {
        // From another site the browser does not bring the cookie, and from another port of the same it says so.
        for (name, refused) in
            [("localhost", "This page has lost your link"), ("127.0.0.1", "This form was not sent from this page")]
        {
            browser.go(&trap.url(name, "/")).await;
            browser.see("Prizes").await;
            browser.press(button).await;
            browser.see(refused).await;
        }
    }
    browser.picture("failure-form-of-others");
    assert_eq!(scene.state("user-42"), "pending");
    assert_eq!(scene.trail("user-42").iter().filter(|kind| *kind == "link.tried").count(), 1);
    assert!(scene.log().contains("a form that is not of this page was refused"));

    // The user is none the worse for it.
    browser.go(&confirm).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_shown_in_no_frame() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE]);
    browser.go(&url).await;
    browser.see("Connect your Freshdesk").await;
    let page = browser.address().await;
    for name in ["localhost", "127.0.0.1"] {
        let trap = Site::open(&format!("<h1>Prizes</h1><iframe src='{page}'></iframe>"));
        browser.go(&trap.url(name, "/")).await;
        browser.see("Prizes").await;
        browser.client().enter_frame(0).await.unwrap();
        assert!(!browser.text().await.contains("Connect your Freshdesk"), "it is shown in a frame of {name}");
        browser.client().enter_parent_frame().await.unwrap();
    }
}
