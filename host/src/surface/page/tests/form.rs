//! Forms as they arrive.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http_body::Frame;

use crate::surface::page::form::{self, Fields};
use crate::surface::page::stop::Stop;

fn headers(kind: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))])
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_form_is_read_by_its_fields() {
    let body = Body::from("helpdesk=acme.freshdesk.com&key=a%2Bb%26c&key=second&empty=");
    let Ok(fields) = Fields::read(&headers("application/x-www-form-urlencoded; charset=UTF-8"), body).await else {
        panic!("not read");
    };
    assert_eq!(fields.get("helpdesk"), "acme.freshdesk.com");
    assert_eq!(fields.get("key"), "a+b&c");
    assert_eq!((fields.get("empty"), fields.get("missing")), ("", ""));
}

#[tokio::test]
async fn what_is_no_form_is_not_read() {
    for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x", ""] {
        assert_eq!(Fields::read(&headers(kind), Body::from("key=x")).await.err(), Some(Stop::Unreadable), "{kind}");
    }
    assert_eq!(Fields::read(&HeaderMap::new(), Body::from("key=x")).await.err(), Some(Stop::Unreadable));
}

#[tokio::test]
async fn a_form_is_of_sixteen_kilobytes_at_most() {
    let long = vec![b'x'; 16 * 1024 + 1];
    assert_eq!(Fields::read(&headers(FORM), Body::from(long[1..].to_vec())).await.err(), None);
    assert_eq!(Fields::read(&headers(FORM), Body::from(long)).await.err(), Some(Stop::TooLarge));
    let mut announced = headers(FORM);
    announced.insert(CONTENT_LENGTH, HeaderValue::from_static("17000"));
    assert_eq!(Fields::read(&announced, Body::from("key=x")).await.err(), Some(Stop::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn a_form_that_never_ends_is_given_up() {
    let never = Body::new(Never);
    assert_eq!(Fields::read(&headers(FORM), never).await.err(), Some(Stop::Slow));
}

/// A body of which nothing arrives.
struct Never;

impl http_body::Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[test]
fn a_helpdesk_is_understood_however_it_is_pasted() {
    for text in [
        "acme",
        " ACME ",
        "acme.freshdesk.com",
        "acme.freshdesk.com/",
        "Acme.Freshdesk.com/a/dashboard/default",
        "https://acme.freshdesk.com/a/tickets/1?x#y",
        "http://acme.freshdesk.com/helpdesk",
        "HTTP://ACME.FRESHDESK.COM",
    ] {
        assert_eq!(form::understood(text).as_deref(), Some("acme.freshdesk.com"), "{text}");
    }
}

#[test]
fn nothing_else_becomes_a_helpdesk() {
    for text in [
        "",
        "support.acme.com",
        "http://evil.example/.freshdesk.com/",
        "evil.example/x.freshdesk.com/",
        "http://acme.freshdesk.com@evil.example/",
        "acme.freshdesk.com@evil.example/.freshdesk.com/",
        "http://https://acme.freshdesk.com/",
        "ftp://acme.freshdesk.com/",
        "//acme.freshdesk.com/",
        "acme.freshdesk.com:8443/",
        "FAKEkeyOfJaneDoe0001",
    ] {
        assert_eq!(form::understood(text), None, "{text}");
    }
}

#[test]
fn the_helpdesk_is_kept_and_a_key_never() {
    for text in
        ["acme", "acme.freshdesk.com", "https://acme.freshdesk.com/a/1", "support.acme.com", "my-own-company-support"]
    {
        assert_eq!(form::keep(text, "FAKEkeyOfJaneDoe0001"), text);
    }
    for (text, key) in [
        ("FAKEkeyOfJaneDoe0001", ""),
        ("fakekeyofjanedoe0001", "acme"),
        ("short-key", "short-key"),
        (" short-key", "short-key "),
        ("a\nb", ""),
        (&"x".repeat(201), ""),
    ] {
        assert_eq!(form::keep(text, key), "", "{text}");
    }
}
