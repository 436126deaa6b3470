//! Connecting from link to last page, by each of the three proofs.

use freshdesk_simulator::seed;

use super::scene::{JANE, Scene};
use super::web::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_whose_email_freshdesk_names_connects() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let url = scene.url("user-42", &["--email", JANE, "--name", "Jane’s desk"]);
    browser.go(&url).await;
    browser.see("Connect your Freshdesk").await;
    browser.picture("1-offer");
    scene
        .reads(&[
            "Step 1 of 2",
            "App X",
            "Profile settings",
            "View API key",
            "CAPTCHA",
            "Growth or higher",
            "Resetting",
        ])
        .await;
    assert!(!browser.address().await.contains(url.rsplit('/').next().unwrap()), "the token stays in the address");

    // A whole address, pasted from another tab, is understood.
    scene.give("https://acme.freshdesk.com/a/tickets/42817?note=1#top", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.picture("2-confirm");
    scene
        .reads(&[
            "Jane Doe (jane@acme.example)",
            "acme.freshdesk.com",
            "App X",
            "Jane’s desk",
            "Connect Jane Doe to App X",
        ])
        .await;
    assert_eq!(scene.state("user-42"), "pending");

    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    browser.picture("3-done");
    scene.reads(&["App X now works as Jane Doe (jane@acme.example) on acme.freshdesk.com"]).await;

    let account = scene.account("user-42");
    assert_eq!((&account["state"], &account["helpdesk"]), (&"active".into(), &"acme".into()));
    assert_eq!((&account["person"]["name"], &account["person"]["email"]), (&"Jane Doe".into(), &JANE.into()));
    let trail = scene.trail("user-42");
    let told = ["account.created", "link.created", "link.opened", "link.tried", "link.verified", "account.connected"];
    assert_eq!(trail, told);
    assert!(!scene.log().contains(seed::ADMIN_KEY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_typed_unseen_and_never_comes_back() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let mistyped = "FAKEkeyThatNobodyHas9";
    scene.offer(&scene.url("user-42", &["--email", JANE]), "acme", mistyped).await;
    scene.reads(&["does not accept this key"]).await;
    let field = browser.find("#key").await;
    assert_eq!(field.attr("type").await.unwrap().as_deref(), Some("password"));
    assert_eq!(field.attr("autocomplete").await.unwrap().as_deref(), Some("off"));
    assert_eq!(field.prop("value").await.unwrap().as_deref(), Some(""));
    assert!(!browser.client().source().await.unwrap().contains(mistyped));
    assert_eq!(browser.find("#helpdesk").await.prop("value").await.unwrap().as_deref(), Some("acme"));

    // What was in the wrong field is not shown either.
    scene.give(seed::ADMIN_KEY, "acme").await;
    assert!(!browser.client().source().await.unwrap().contains(seed::ADMIN_KEY));
    browser.picture("offer-fields-swapped");

    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    assert!(!browser.client().source().await.unwrap().contains(seed::ADMIN_KEY));
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert!(!browser.client().source().await.unwrap().contains(seed::ADMIN_KEY));
    assert!(!scene.log().contains(seed::ADMIN_KEY) && !scene.log().contains(mistyped));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_types_the_code_that_the_tenant_shows_connects() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let link = scene.link("user-42", &["--code"]);
    let code = link["code"].as_str().unwrap();
    scene.offer(link["url"].as_str().unwrap(), "acme.freshdesk.com", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.picture("2-confirm-code");

    let wrong = if code.starts_with('1') { "234567" } else { "123456" };
    browser.fill("#code", wrong).await;
    browser.press("button").await;
    browser.see("Is this you?").await;
    browser.picture("failure-wrong-code");
    scene.reads(&["This is not the code that App X shows.", "more tries"]).await;
    assert_eq!(scene.state("user-42"), "pending");

    browser.fill("#code", code).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_is_wrong_again_and_again_closes_the_link() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let link = scene.link("user-42", &["--code"]);
    let code = link["code"].as_str().unwrap();
    scene.offer(link["url"].as_str().unwrap(), "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    for left in [3, 2, 1, 0] {
        browser.fill("#code", &code.chars().rev().map(|c| if c == '7' { '3' } else { '7' }).collect::<String>()).await;
        browser.press("button").await;
        match left {
            0 => browser.see("This link has had its five tries").await,
            1 => scene.reads(&["You have one more try."]).await,
            left => scene.reads(&[&format!("You have {left} more tries.")]).await,
        }
    }
    browser.go(link["url"].as_str().unwrap()).await;
    browser.see("This link has had its five tries").await;
    assert_eq!(scene.state("user-42"), "pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_is_sent_back_connects_once_the_tenant_confirms() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let tenant = Site::open("<h1>Back at App X</h1>");
    let back = tenant.url("localhost", "/back?from=connect");
    scene.office.json(&["tenants", "set", "app", "--return-url", &back]);
    let state = "order 7 & more";
    let url = scene.url("user-42", &["--return-url", &back, "--return-state", state]);
    scene.offer(&url, "acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.picture("2-confirm-return");
    scene.reads(&["After that you go back to App X"]).await;
    browser.press("button").await;
    browser.see("Back at App X").await;

    let seen = tenant.seen("/back");
    let [head] = &seen[..] else { panic!("the tenant was called {} times", seen.len()) };
    assert!(!head.to_ascii_lowercase().contains("referer:"), "{head}");
    let query = head.split_once("/back?").unwrap().1.split(' ').next().unwrap();
    let fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let names: Vec<_> = fields.iter().map(|field| field.0.as_str()).collect();
    assert_eq!(
        (names, fields[0].1.as_str(), fields[2].1.as_str()),
        (vec!["from", "confirmation", "state"], "connect", state)
    );
    assert_eq!(scene.state("user-42"), "pending");

    // Who goes back in the browser is told where it stands.
    browser.client().back().await.unwrap();
    browser.see("Almost done").await;
    browser.picture("3-almost-done");
    assert_eq!(browser.find("a.button").await.text().await.unwrap(), "Back to App X");

    scene.office.json(&["accounts", "confirm", "app", "user-42", &fields[1].1]);
    let account = scene.account("user-42");
    assert_eq!((&account["state"], &account["person"]["email"]), (&"active".into(), &JANE.into()));
    let again = scene.office.run(&["accounts", "confirm", "app", "user-42", &fields[1].1]);
    assert!(!again.status.success(), "a confirmation is good for one time");
}
