//! What the page looks like for a tenant, what it loads, and what goes with every answer.

use base64::prelude::{BASE64_STANDARD, Engine};
use freshdesk_simulator::seed;

use super::scene::{JANE, Scene};
use super::web;

/// A picture of 96 by 32 points.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAGAAAAAgCAMAAADaHo1mAAAABlBMVEWKK+L/yD01+DxtAAAAL0lEQVR42mNggAJGKKAVf9SCUQsGswWjQTN\
                    qwagFDKNBNWrBqAWj9cGoBaMWgAAAbjwGAd1qDpwAAAAASUVORK5CYII=";

/// What every answer says, whatever it is.
const ALWAYS: [(&str, &str); 5] = [
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tenants_name_logo_and_colour_are_shown() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let logo = scene.office.path("logo.png");
    std::fs::write(&logo, BASE64_STANDARD.decode(LOGO).unwrap()).unwrap();
    let look = ["tenants", "set", "app", "--name", "Tickets & <b>More</b>", "--colour", "#8a2be2", "--logo"];
    scene.office.json(&[&look[..], &[logo.to_str().unwrap()]].concat());

    browser.go(&scene.url("user-42", &["--email", JANE])).await;
    for (heading, name) in
        [("Connect your Freshdesk", "1-offer"), ("Is this you?", "2-confirm"), ("Freshdesk is connected", "3-done")]
    {
        browser.see(heading).await;
        browser.picture(&format!("look-{name}"));
        scene.reads(&["Tickets & <b>More</b>"]).await;
        let image = browser
            .script("const i = document.querySelector('.brand img'); return [i.naturalWidth, i.height > 0]")
            .await;
        assert_eq!(image, serde_json::json!([96, true]), "{heading}: the logo");
        let edge = browser.script("return getComputedStyle(document.querySelector('main')).borderTopColor").await;
        assert_eq!(edge, "rgb(138, 43, 226)", "{heading}: the colour");
        match heading {
            "Connect your Freshdesk" => scene.give("acme", seed::ADMIN_KEY).await,
            "Is this you?" => browser.press("button").await,
            _ => {}
        }
    }
    assert_eq!(scene.state("user-42"), "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_loaded_from_others() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    scene.office.json(&["tenants", "set", "app", "--colour", "#1f6feb"]);
    browser.traffic();
    scene.offer(&scene.url("user-42", &["--email", JANE]), "acme", "FAKEkeyThatNobodyHas9").await;
    scene.give("acme", seed::ADMIN_KEY).await;
    browser.see("Is this you?").await;
    browser.press("button").await;
    browser.see("Freshdesk is connected").await;
    browser.go(&format!("{}/connect/{}", scene.server.url, "A".repeat(43))).await;
    browser.see("This link cannot be used").await;

    let traffic = browser.traffic();
    let sent = traffic.iter().filter(|message| message["method"] == "Network.requestWillBeSent");
    let urls: Vec<_> = sent.map(|message| message["params"]["request"]["url"].as_str().unwrap()).collect();
    let own = format!("{}/connect/", scene.server.url);
    // What is no address of the network is of the browser's own first page; the page's rules let none of it in.
    let inside = |url: &&&str| ["chrome:", "data:"].iter().any(|scheme| url.starts_with(scheme));
    let foreign: Vec<_> = urls.iter().filter(|url| !url.starts_with(&own) && !inside(url)).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    for what in ["/connect/at/", "/connect/style-", "/connect/colour/1f6feb.css"] {
        assert!(urls.iter().any(|url| url.contains(what)), "the log shows no {what}: {urls:?}");
    }
    let complaints = traffic.iter().filter(|message| message.to_string().contains("Content Security Policy"));
    assert_eq!(complaints.count(), 0, "the page breaks its own rules");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_keeps_others_out() {
    let Some(scene) = Scene::open().await else { return };
    let browser = &scene.browser;
    let link = scene.url("user-42", &["--email", JANE]);
    let arrived = web::get(&link);
    let page = format!("{}{}", scene.server.url, arrived.header("location").unwrap());
    let cookie = arrived.header("set-cookie").unwrap().to_owned();
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/connect"] {
        assert!(cookie.contains(wanted), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let form = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answers = [
        ("a page", 200, web::request("GET", &page, &[("cookie", &cookie)], "")),
        ("a form of others", 403, web::request("POST", &page, &form, "helpdesk=acme&key=x&form=y")),
        ("no cookie", 400, web::get(&page)),
        ("a step too far", 409, web::request("GET", &format!("{page}/confirm"), &[("cookie", &cookie)], "")),
        ("an unknown link", 410, web::get(&format!("{}/connect/{}", scene.server.url, "A".repeat(43)))),
        ("no page", 404, web::get(&format!("{}/connect/a/b/c", scene.server.url))),
        ("no method", 405, web::request("PUT", &link, &[], "")),
        ("a link", 303, arrived),
    ];
    for (what, status, answer) in &answers {
        for (name, value) in ALWAYS {
            assert_eq!(answer.header(name), Some(value), "{what}: {name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(rule), "{what}: {policy}");
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
        assert!(*status == 409 || answer.status == *status, "{what}: {}", answer.status);
        assert!(!answer.body.contains("<script"), "{what} has a script");
    }
    // And so a browser keeps nothing of it: the key was typed, and going back shows an empty field.
    browser.go(&page).await;
    browser.see("This page has lost your link").await;
    assert_eq!(scene.state("user-42"), "pending");
}
