//! The pages as they are written.

use askama::Template;

use crate::account::Person;
use crate::surface::page::confirm::{Shown, named};
use crate::surface::page::cookie::Done;
use crate::surface::page::look::{Brand, Look};
use crate::surface::page::screens::{Confirm, Finish, Notice, Offer};
use crate::surface::page::stop::Stop;
use crate::surface::page::words::{self, Problem};

const HOSTILE: &str = "<script>alert('x')</script>\"&";

fn look(app: &str) -> Look {
    Look::new(Brand {
        app: Some(app.to_owned()),
        logo: Some("/connect/logo/app/mark".to_owned()),
        colour: Some("/connect/colour/0a7d4f.css".to_owned()),
    })
}

fn offer(app: &str, helpdesk: &str, problem: Option<&Problem>) -> String {
    let offer = Offer {
        look: look(app),
        problem,
        action: "/connect/at/id".to_owned(),
        form: "form".to_owned(),
        helpdesk: helpdesk.to_owned(),
        understood: None,
        minutes: 24,
    };
    offer.render().unwrap()
}

fn confirm(app: &str, person: &str, code: bool, problem: Option<&Problem>) -> String {
    let confirm = Confirm {
        look: look(app),
        problem,
        action: "/connect/at/id/confirm".to_owned(),
        again: "/connect/at/id".to_owned(),
        form: "form".to_owned(),
        person: person.to_owned(),
        short: person.to_owned(),
        helpdesk: "acme.freshdesk.com".to_owned(),
        account: person.to_owned(),
        code,
        back: !code,
    };
    confirm.render().unwrap()
}

fn finish(app: &str, connected: bool, back: Option<&str>) -> String {
    let done = Done { connected, person: app.to_owned(), back: back.map(str::to_owned), ..Done::default() };
    Finish { look: look(app), done: &done }.render().unwrap()
}

fn notice(stop: &Stop) -> String {
    Notice { look: Look::new(Brand::default()), notice: &words::notice(stop) }.render().unwrap()
}

fn problem(at: &'static str) -> Problem {
    Problem { at, ..words::confirm(crate::accounts::ConfirmError::Changed, "App X").unwrap() }
}

/// All pages, with this as every name in them.
fn pages(name: &str) -> Vec<String> {
    let mut pages = vec![
        offer(name, name, None),
        offer(name, name, Some(&problem("helpdesk"))),
        offer(name, name, Some(&problem("key"))),
        offer(name, name, Some(&problem(""))),
        confirm(name, name, false, None),
        confirm(name, name, true, Some(&problem("code"))),
        finish(name, true, None),
        finish(name, false, Some("https://app.example/back")),
        finish(name, false, None),
    ];
    pages.extend([Stop::Gone, Stop::Dead, Stop::Lost, Stop::Foreign].iter().map(notice));
    pages
}

#[test]
fn hostile_names_are_text() {
    for page in pages(HOSTILE) {
        assert!(!page.contains("<script") && !page.contains("alert('x')"), "{page}");
    }
    assert!(offer(HOSTILE, "", None).contains("&#60;script&#62;"));
}

#[test]
fn pages_have_no_script_no_style_of_their_own_and_nothing_of_others() {
    for page in pages("App X") {
        for word in ["<script", "javascript:", " style=", "<style", "onclick", "onload", "<iframe", "src=\"http", "//"]
        {
            let page = page.replace("href=\"https://app.example/back\"", "");
            assert!(!page.contains(word), "{word}: {page}");
        }
    }
}

#[test]
fn every_page_has_a_language_a_title_and_one_heading() {
    for page in pages("App X") {
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{page}");
        assert_eq!((page.matches("<title>").count(), page.matches("<h1>").count()), (1, 1), "{page}");
        assert!(page.contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""));
    }
}

#[test]
fn the_title_says_first_what_is_wrong() {
    let wrong = problem("key");
    assert!(offer("App X", "", Some(&wrong)).contains(&format!("<title>Error: {} – Connect", wrong.what)));
    assert!(offer("App X", "", None).contains("<title>Connect Freshdesk – App X</title>"));
    assert!(notice(&Stop::Gone).contains("<title>This link cannot be used – Connect Freshdesk</title>"));
}

#[test]
fn a_problem_is_an_alert_that_its_field_points_to() {
    for at in ["helpdesk", "key", ""] {
        let page = offer("App X", "acme", Some(&problem(at)));
        assert_eq!(page.matches("role=\"alert\"").count(), 1, "{page}");
        assert_eq!(page.matches("id=\"problem\"").count(), 1);
        let fields = usize::from(!at.is_empty());
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), fields);
        assert_eq!(page.matches("aria-describedby=\"problem ").count(), fields);
    }
    let page = confirm("App X", "Jane", true, Some(&problem("code")));
    assert!(page.contains("aria-describedby=\"problem code-hint\""));
}

/// Every field has a label, and every text that one is described by is on the page.
#[test]
fn fields_have_labels_and_descriptions() {
    for page in pages("App X") {
        for field in page.split("<input id=\"").skip(1) {
            let id = field.split('"').next().unwrap();
            assert!(page.contains(&format!("<label for=\"{id}\">")), "{id}: {page}");
            let described = field.split("aria-describedby=\"").nth(1).unwrap().split('"').next().unwrap();
            for id in described.split(' ') {
                assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}: {page}");
            }
        }
    }
}

#[test]
fn a_key_is_typed_into_a_field_that_shows_and_keeps_nothing() {
    let page = offer("App X", "acme", None);
    let field = page.split("<input id=\"key\"").nth(1).unwrap().split('>').next().unwrap();
    for attribute in ["type=\"password\"", "autocomplete=\"off\"", "spellcheck=\"false\""] {
        assert!(field.contains(attribute), "{field}");
    }
    assert!(!field.contains("value="));
}

#[test]
fn the_steps_to_a_key_say_what_has_to_be_known() {
    let page = offer("App X", "", None);
    for fact in [
        "picture",
        "Profile settings",
        "View API key",
        "CAPTCHA",
        "Growth",
        "Free",
        "assuming another agent",
        "Resetting",
        "acts as you",
    ] {
        assert!(page.contains(fact), "{fact}");
    }
    assert!(page.contains("<details open>"));
    assert!(offer("App X", "", Some(&problem("helpdesk"))).contains("<details>"));
}

#[test]
fn the_user_sees_whom_the_link_is_about_to_connect() {
    let page = confirm("App X", "Jane (jane@acme.example)", false, None);
    let text = "You are connecting <strong>Jane (jane@acme.example)</strong> on <strong class=\"word\">acme.freshdesk.com\
                </strong> for <strong>App X</strong>.";
    assert!(page.contains(text), "{page}");
}

#[test]
fn a_person_is_named_as_far_as_freshdesk_says() {
    let person = |name: Option<&str>, email: Option<&str>| {
        named(&Person { id: 7, name: name.map(str::to_owned), email: email.map(str::to_owned) })
    };
    assert_eq!(person(Some("Jane"), Some("jane@acme.example")), "Jane (jane@acme.example)");
    assert_eq!(person(None, Some("jane@acme.example")), "jane@acme.example");
    assert_eq!(person(Some("Jane"), None), "Jane");
    assert_eq!(person(Some(" "), None), "agent 7");
    assert_eq!(person(Some("a\u{202e}b\n"), None), "a\u{fffd}b\u{fffd}");
}

#[test]
fn what_a_form_showed_comes_back_as_it_was() {
    let shown = Shown {
        origin: "https://connect.example.com".to_owned(),
        seen: "acme 7".to_owned(),
        done: Done { app: "A\n\"B\"".to_owned(), person: "Jäne".to_owned(), ..Done::default() },
    };
    assert_eq!(Shown::decode(&shown.encode()), Some(shown));
    assert_eq!(Shown::decode(""), None);
    assert_eq!(Shown::decode("{}"), None);
}
