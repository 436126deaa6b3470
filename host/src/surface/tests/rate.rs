//! Who may come how often.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::surface::rate::{Address, Meter};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn address(text: &str) -> Address {
    Address::new(ip(text))
}

fn forwarded(lines: &[&str]) -> HeaderMap {
    let name = HeaderName::from_static("x-forwarded-for");
    lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
}

#[test]
fn an_address_has_so_many_at_once_and_more_with_time() {
    let meter = Meter::new(20, 1000);
    let now = Instant::now();
    let one = address("192.0.2.1");
    assert_eq!((0..20).filter(|_| meter.take(one, now).is_ok()).count(), 10);
    let wait = meter.take(one, now).unwrap_err();
    assert!(wait > Duration::from_millis(2900) && wait <= Duration::from_secs(3), "{wait:?}");
    assert!(meter.take(address("192.0.2.2"), now).is_ok());
    assert!(meter.take(one, now + Duration::from_secs(2)).is_err());
    assert!(meter.take(one, now + Duration::from_secs(4)).is_ok());
    // An hour away does not save up more.
    let later = now + Duration::from_secs(3600);
    assert_eq!((0..20).filter(|_| meter.take(one, later).is_ok()).count(), 10);
}

#[test]
fn there_is_a_limit_in_all_which_one_that_is_refused_does_not_use_up() {
    let meter = Meter::new(20, 40);
    let now = Instant::now();
    let of_one = (0..1000).filter(|_| meter.take(address("192.0.2.1"), now).is_ok()).count();
    let of_many = (2..200).filter(|n| meter.take(address(&format!("192.0.2.{n}")), now).is_ok()).count();
    assert_eq!((of_one, of_many), (10, 10));
}

#[test]
fn a_clock_that_stands_still_or_goes_back_does_no_harm() {
    let meter = Meter::new(2, 2);
    let now = Instant::now() + Duration::from_secs(60);
    assert!(meter.take(address("192.0.2.1"), now).is_ok());
    assert!(meter.take(address("192.0.2.1"), now - Duration::from_secs(30)).is_err());
}

#[test]
fn a_site_of_ipv6_counts_as_one_address() {
    assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
    assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
}

#[test]
fn as_many_proxies_are_believed_as_there_are() {
    let peer = ip("203.0.113.9");
    let of = |lines: &[&str], proxies| Address::of(peer, &forwarded(lines), proxies);
    assert_eq!(of(&["192.0.2.1"], 0), Address::new(peer));
    assert_eq!(of(&["198.51.100.66, 192.0.2.1"], 1), address("192.0.2.1"));
    assert_eq!(of(&["198.51.100.66, 192.0.2.1, 203.0.113.8"], 2), address("192.0.2.1"));
    assert_eq!(of(&["198.51.100.66", "192.0.2.1", "203.0.113.8"], 2), address("192.0.2.1"));
    assert_eq!(of(&["192.0.2.1:4711"], 1), address("192.0.2.1"));
    assert_eq!(of(&["[2001:db8::1]:4711"], 1), address("2001:db8::1"));
    for broken in [&[][..], &["unknown"], &["192.0.2.1, "], &["_hidden"]] {
        assert_eq!(of(broken, 1), Address::new(peer), "{broken:?}");
    }
    assert_eq!(of(&["192.0.2.1"], 3), Address::new(peer));
}
