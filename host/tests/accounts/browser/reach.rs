//! Whom the page reaches: those without scripts, a mouse, a wide screen, daylight or eyes.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use freshdesk_simulator::seed;
use serde_json::{Value, json};

use super::chromium::Browser;
use super::scene::{JANE, Scene};
use super::web::Site;

/// Texts that are hard to read, and whether the page is dark.
const HARD_TO_READ: &str = include_str!("contrast.js");

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_works_without_scripts() {
    let Some(browser) = Browser::without_scripts().await else { return };
    let site = Site::open("<h1>Off</h1><script>document.querySelector('h1').textContent = 'On'</script>");
    browser.go(&site.url("localhost", "/")).await;
    browser.see("Off").await;

    let scene = Scene::with(browser).await;
    let browser = &scene.browser;
    let link = scene.link("user-42", &["--code"]);
    scene.offer(link["url"].as_str().unwrap(), "acme", "FAKEkeyThatNobodyHas9").await;
    scene.reads(&["Freshdesk does not accept this key"]).await;
    browser.find("summary").await.click().await.unwrap();
    browser.until("the steps to close", "return !document.querySelector('details').open").await;
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.fill("#code", link["code"].as_str().unwrap()).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_works_by_keyboard_alone() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    browser.go(&scene.url("user-42", &["--email", JANE])).await;
    browser.see("Connect your Freshdesk").await;
    tab_to(browser, "helpdesk").await;
    browser.picture("focus-field");
    keys(browser, "acme").await;
    tab_to(browser, "SUMMARY").await;
    keys(browser, &ENTER.to_string()).await;
    browser.until("the steps to close", "return !document.querySelector('details').open").await;
    tab_to(browser, "key").await;
    keys(browser, "FAKEkeyThatNobodyHas9").await;
    tab_to(browser, "BUTTON").await;
    browser.picture("focus-button");
    browser.leave(async |browser| keys(browser, &ENTER.to_string()).await).await;

    // What is wrong has the focus, so that the next key can be given at once.
    has_focus(browser, "key").await;
    browser.leave(async |browser| keys(browser, &format!("{}{ENTER}", seed::ADMIN_KEY)).await).await;
    browser.see("Is this you?").await;
    tab_to(browser, "BUTTON").await;
    browser.leave(async |browser| keys(browser, " ").await).await;
    browser.see("Freshdesk is connected").await;
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_narrow_screen_is_not_scrolled_sideways() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let name = "Schiffahrtsversicherungsangelegenheiten Nordwestdeutschland GmbH & Co. KG";
    scene.office.json(&["tenants", "set", "app", "--name", name]);
    let narrow = json!({"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": true});
    browser.tools("Emulation.setDeviceMetricsOverride", &narrow);

    let account = "Anne-Sophie.Oberhauser-Wintergerst@versicherungsangelegenheiten.example";
    let link = scene.link("user-42", &["--code", "--name", account]);
    browser.go(link["url"].as_str().unwrap()).await;
    browser.see("Connect your Freshdesk").await;
    fits(browser, "1-offer").await;
    scene.give(&format!("https://{}.freshdesk.com/", "long".repeat(15)), "two words").await;
    fits(browser, "failure").await;
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    fits(browser, "2-confirm").await;
    browser.fill("#code", link["code"].as_str().unwrap()).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    fits(browser, "3-done").await;
    browser.go(link["url"].as_str().unwrap()).await;
    browser.see("This link cannot be used").await;
    fits(browser, "notice").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_text_can_be_read_by_day_and_by_night() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let link = scene.link("user-42", &["--code"]);
    browser.go(link["url"].as_str().unwrap()).await;
    browser.see("Connect your Freshdesk").await;
    by_day_and_by_night(browser, "1-offer").await;
    scene.give("acme", "FAKEkeyThatNobodyHas9").await;
    by_day_and_by_night(browser, "failure").await;
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    by_day_and_by_night(browser, "2-confirm").await;
    // The tenants' colours are theirs to choose: bright, dark, and the hardest in between.
    for colour in ["#ffff00", "#000080", "#757575", "#ff3b30"] {
        scene.office.json(&["tenants", "set", "app", "--colour", colour]);
        browser.leave(async |browser| browser.client().refresh().await.unwrap()).await;
        by_day_and_by_night(browser, &format!("2-confirm-{}", &colour[1..])).await;
    }
    browser.fill("#code", link["code"].as_str().unwrap()).await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    by_day_and_by_night(browser, "3-done").await;
    browser.go(link["url"].as_str().unwrap()).await;
    browser.see("This link cannot be used").await;
    by_day_and_by_night(browser, "notice").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_reader_says_what_a_field_is_for_and_what_is_wrong() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    scene.offer(&scene.url("user-42", &["--email", JANE]), "acme", "FAKEkeyThatNobodyHas9").await;
    let tree = browser.tools("Accessibility.getFullAXTree", &json!({}));
    let nodes: Vec<Spoken> = tree["nodes"].as_array().unwrap().iter().filter_map(Spoken::of).collect();
    let find = |role: &str, name: &str| {
        let found = nodes.iter().find(|node| node.role == role && node.name.contains(name));
        found.unwrap_or_else(|| panic!("no {role} {name:?} is spoken of"))
    };
    let helpdesk = find("textbox", "Your helpdesk");
    assert!(helpdesk.description.contains("Its name or its address"), "{}", helpdesk.description);
    let key = find("textbox", "Your API key");
    assert!(key.description.contains("Freshdesk does not accept this key"), "{}", key.description);
    assert_eq!((helpdesk.wrong, key.wrong), (false, true));
    find("heading", "Connect your Freshdesk");
    find("button", "Check this key with Freshdesk");
    assert!(nodes.iter().any(|node| node.role == "alert"), "nobody is told that something is wrong");
    assert_eq!(browser.script("return document.documentElement.lang").await, "en");
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
}

/// What a screen reader says of a part of the page.
struct Spoken {
    role: String,
    name: String,
    description: String,
    wrong: bool,
}

impl Spoken {
    fn of(node: &Value) -> Option<Self> {
        let text = |what: &str| node[what]["value"].as_str().unwrap_or_default().to_owned();
        let properties = node["properties"].as_array().map(Vec::as_slice).unwrap_or_default();
        let wrong =
            properties.iter().any(|property| property["name"] == "invalid" && property["value"]["value"] == "true");
        (node["ignored"] != true).then(|| Self {
            role: text("role"),
            name: text("name"),
            description: text("description"),
            wrong,
        })
    }
}

/// Presses keys, wherever the focus is.
async fn keys(browser: &Browser, text: &str) {
    let keyboard = text.chars().fold(KeyActions::new("keyboard".to_owned()), |keyboard, value| {
        keyboard.then(KeyAction::Down { value }).then(KeyAction::Up { value })
    });
    browser.client().perform_actions(keyboard).await.unwrap();
}

/// Waits until this has the focus, by its id or else its kind: a page gives it with its first picture, which may come after
/// all of it is there.
async fn has_focus(browser: &Browser, what: &str) {
    let there = format!("const e = document.activeElement; return (e.id || e.tagName) == {}", json!(what));
    browser.until(&format!("the focus on {what}"), &there).await;
}

/// Goes on to what is next, and asserts what that is and that one sees it.
async fn tab_to(browser: &Browser, what: &str) {
    keys(browser, &TAB.to_string()).await;
    has_focus(browser, what).await;
    let outline =
        "const s = getComputedStyle(document.activeElement); return s.outlineStyle + parseFloat(s.outlineWidth)";
    assert_eq!(browser.script(outline).await, "solid3", "the focus on {what} is not seen");
}

/// Asserts that nothing is wider than the screen, nor too small for a finger.
async fn fits(browser: &Browser, name: &str) {
    browser.picture(&format!("narrow-{name}"));
    let wide = "return [document.scrollingElement.scrollWidth, innerWidth]";
    assert_eq!(browser.script(wide).await, json!([320, 320]), "{name} is wider than the screen");
    let cut =
        "return [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 320).length";
    assert_eq!(browser.script(cut).await, 0, "{name} is cut off");
    let small = "return [...document.querySelectorAll('button, .button, input:not([type=hidden])')]
        .filter(e => e.getBoundingClientRect().height < 44).length";
    assert_eq!(browser.script(small).await, 0, "{name} is too small for a finger");
}

/// Asserts that all texts can be read on a page that is bright, and on one that is dark.
async fn by_day_and_by_night(browser: &Browser, name: &str) {
    for (scheme, dark) in [("dark", true), ("light", false)] {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.tools("Emulation.setEmulatedMedia", &media);
        let seen = browser.script(HARD_TO_READ).await;
        assert_eq!(seen["dark"], dark, "{name} is not {scheme}");
        assert_eq!(seen["hard"], json!([]), "{name} in {scheme}");
        if dark {
            browser.picture(&format!("dark-{name}"));
        }
    }
}
