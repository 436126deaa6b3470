//! Forms that are believed, and those that are not.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::KEY;
use crate::surface::page::cookie::Session;
use crate::surface::page::guard;

const ORIGIN: &str = "https://connect.example.com";

fn session(token: &str, nonce: &str) -> Session {
    Session { token: token.to_owned(), nonce: nonce.to_owned(), offered: None, secure: true }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

#[test]
fn a_form_is_of_its_step_link_and_browser() {
    let own = session("token", "nonce");
    let form = guard::seal(&KEY, "offer", &own, "what was shown");
    assert_eq!(guard::unseal(&KEY, "offer", &own, &form).as_deref(), Some("what was shown"));
    for (key, step, session) in [
        (KEY, "confirm", own.clone()),
        (KEY, "offer", session("other", "nonce")),
        (KEY, "offer", session("token", "other")),
        (KEY, "offer", session("tokenn", "once")),
        ([8; 32], "offer", own.clone()),
    ] {
        assert_eq!(guard::unseal(&key, step, &session, &form), None);
    }
}

#[test]
fn a_form_that_was_changed_is_refused() {
    let own = session("token", "nonce");
    let form = guard::seal(&KEY, "offer", &own, "shown");
    let (shown, mac) = form.split_once('.').unwrap();
    let other = guard::seal(&KEY, "offer", &own, "others");
    let other = other.split_once('.').unwrap().0;
    for form in ["", ".", "a.b", shown, mac, &format!("{other}.{mac}"), &format!("{shown}."), &format!("{form}A")] {
        assert_eq!(guard::unseal(&KEY, "offer", &own, form), None, "{form}");
    }
}

#[test]
fn what_is_signed_has_one_reading() {
    let sign = |what, parts: &[&[u8]]| guard::sign(&KEY, what, parts);
    assert_ne!(sign("x", &[b"a", b"bc"]), sign("x", &[b"ab", b"c"]));
    assert_ne!(sign("x", &[b"a"]), sign("xa", &[b""]));
    assert_ne!(sign("x", &[]), sign("x", &[b""]));
}

#[test]
fn a_form_of_the_page_itself_is_believed() {
    for own in [
        headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
        headers(&[("sec-fetch-site", "same-origin")]),
        headers(&[("origin", ORIGIN)]),
    ] {
        assert!(guard::from_own_page(&own, ORIGIN), "{own:?}");
    }
}

#[test]
fn a_form_from_elsewhere_is_not() {
    for other in [
        headers(&[]),
        headers(&[("origin", "null")]),
        headers(&[("origin", "https://evil.example")]),
        headers(&[("origin", "https://connect.example.com.evil.example")]),
        headers(&[("origin", "http://connect.example.com")]),
        headers(&[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)]),
        headers(&[("sec-fetch-site", "same-site"), ("origin", ORIGIN)]),
        headers(&[("sec-fetch-site", "none")]),
        headers(&[("referer", "https://connect.example.com/connect/at/x")]),
    ] {
        assert!(!guard::from_own_page(&other, ORIGIN), "{other:?}");
    }
}
