//! What a browser keeps of a link.

use http::header::{COOKIE, HeaderValue};
use http::{HeaderMap, HeaderName};

use super::KEY;
use crate::surface::page::cookie::{self, Done, Kept, Session};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn session(secure: bool) -> Session {
    Session { token: TOKEN.to_owned(), nonce: "nonce".to_owned(), offered: None, secure }
}

fn done() -> Done {
    Done {
        connected: true,
        app: "App \"X\"; <b>".to_owned(),
        person: "Jäne; (jane@acme.example)".to_owned(),
        helpdesk: "acme.freshdesk.com".to_owned(),
        back: Some("https://app.example/back?confirmation=x".to_owned()),
        ..Done::default()
    }
}

/// What the browser sends after it was given this.
fn sent(set: &HeaderValue) -> HeaderMap {
    let text = set.to_str().unwrap();
    let pair = format!("theme=dark; {}; x=y", text.split(';').next().unwrap());
    HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&pair).unwrap())])
}

#[test]
fn a_cookie_is_for_the_page_alone() {
    let id = cookie::id(&KEY, TOKEN);
    let over_tls = cookie::open(&id, &session(true)).unwrap();
    assert!(over_tls.is_sensitive());
    assert_eq!(
        over_tls.to_str().unwrap(),
        format!(
            "__Secure-connect-{id}=open.{TOKEN}.nonce; Path=/connect; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
        )
    );
    let plain = cookie::open(&id, &session(false)).unwrap();
    assert_eq!(
        plain.to_str().unwrap(),
        format!("connect-{id}=open.{TOKEN}.nonce; Path=/connect; Max-Age=3600; HttpOnly; SameSite=Lax")
    );
}

#[test]
fn a_session_comes_back_as_it_was_kept() {
    let id = cookie::id(&KEY, TOKEN);
    for secure in [true, false] {
        let headers = sent(&cookie::open(&id, &session(secure)).unwrap());
        let Some(Kept::Open(read)) = cookie::read(&headers, &KEY, &id, secure) else { panic!("no session") };
        assert!(read == session(secure));
        let offered = session(secure).with_offered(&KEY, "jane");
        let headers = sent(&cookie::open(&id, &offered).unwrap());
        let Some(Kept::Open(read)) = cookie::read(&headers, &KEY, &id, secure) else { panic!("no session") };
        assert!(read.has_offered(&KEY, "jane") && !read.has_offered(&KEY, "john"));
        assert!(!session(secure).has_offered(&KEY, "jane"));
        assert!(cookie::read(&headers, &KEY, &id, !secure).is_none());
    }
}

#[test]
fn a_links_name_tells_nothing_of_its_token_and_belongs_to_it() {
    let (id, other) = (cookie::id(&KEY, TOKEN), cookie::id(&KEY, "B"));
    assert!(id.len() == 12 && id != other && id != cookie::id(&[8; 32], TOKEN));
    // The token of one link under the name of another.
    let value = format!("connect-{other}=open.{TOKEN}.nonce");
    let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&value).unwrap())]);
    assert!(cookie::read(&headers, &KEY, &other, false).is_none());
}

#[test]
fn what_came_of_a_link_is_signed() {
    let id = cookie::id(&KEY, TOKEN);
    let [forgotten, set] = cookie::done(&KEY, &id, true, &done()).unwrap();
    assert!(forgotten.to_str().unwrap().ends_with("=; Path=/connect; Max-Age=0; HttpOnly; SameSite=Lax; Secure"));
    assert!(set.to_str().unwrap().contains(&format!("; Path=/connect/at/{id}; Max-Age=300; ")));
    assert!(!set.to_str().unwrap().contains(TOKEN));
    let Some(Kept::Done(read)) = cookie::read(&sent(&set), &KEY, &id, true) else { panic!("nothing came of it") };
    assert_eq!(read, done());
    let forged = set.to_str().unwrap().replacen("done.e", "done.f", 1);
    assert!(cookie::read(&sent(&HeaderValue::from_str(&forged).unwrap()), &KEY, &id, true).is_none());
    // As another link's.
    let moved = set.to_str().unwrap().replace(&id, "AAAAAAAAAAAA");
    assert!(cookie::read(&sent(&HeaderValue::from_str(&moved).unwrap()), &KEY, "AAAAAAAAAAAA", true).is_none());
}

#[test]
fn a_cookie_fits_into_what_browsers_keep() {
    let long = "😀".repeat(100);
    let large = Done {
        app: long.clone(),
        person: format!("{long} ({long})"),
        logo: Some(format!("/connect/logo/{}/{}", "a".repeat(63), "b".repeat(24))),
        colour: Some("/connect/colour/aabbcc.css".to_owned()),
        back: Some(format!("https://app.example/{}", "x".repeat(2500))),
        ..done()
    };
    let [_, set] = cookie::done(&KEY, "AAAAAAAAAAAA", true, &large).unwrap();
    assert!(set.len() < 1200, "{}", set.len());
    let Some(Kept::Done(read)) = cookie::read(&sent(&set), &KEY, "AAAAAAAAAAAA", true) else { panic!("lost") };
    assert_eq!((read.back, read.logo, read.person.chars().count()), (None, None, 40));
}

#[test]
fn hostile_cookies_are_none() {
    let id = cookie::id(&KEY, TOKEN);
    for value in ["", "open", "open.", "open..", "open.a b.c", "done.e30.", "done..", "other.a.b", "open.%00.x"] {
        let pair = format!("connect-{id}={value}");
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&pair).unwrap())]);
        assert!(cookie::read(&headers, &KEY, &id, false).is_none(), "{value}");
    }
    let bytes = HeaderValue::from_bytes(b"connect-\xff=\xfe; ;;==").unwrap();
    let headers = HeaderMap::from_iter([(HeaderName::from_static("cookie"), bytes)]);
    assert!(cookie::read(&headers, &KEY, &id, false).is_none());
}
