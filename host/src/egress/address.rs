//! Which addresses a name may lead to: those of the public Internet, so that no answer of DNS leads inwards.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use thiserror::Error;

/// Blocks that no connection is made to: the first address, how many of its bits are the block's, and why.
///
/// Of IPv4 they are what IANA's registry of special-purpose addresses holds for other than public use. Of IPv6 they are
/// all outside of 2000::/3, where public addresses are handed out, and what therein is not public or leads to an IPv4
/// address. IPv4 addresses written as IPv6 ones, mapped, compatible or translated, begin with zeros or 64:ff9b.
const REFUSED: [(IpAddr, u32, &str); 23] = [
    (v4(0, 0, 0, 0), 8, "this network"),
    (v4(10, 0, 0, 0), 8, "private"),
    (v4(100, 64, 0, 0), 10, "shared with a provider, and metadata of some clouds"),
    (v4(127, 0, 0, 0), 8, "loopback"),
    (v4(168, 63, 129, 16), 32, "metadata of a cloud"),
    (v4(169, 254, 0, 0), 16, "link-local, and metadata of most clouds"),
    (v4(172, 16, 0, 0), 12, "private"),
    (v4(192, 0, 0, 0), 24, "protocol assignments"),
    (v4(192, 0, 2, 0), 24, "documentation"),
    (v4(192, 88, 99, 0), 24, "6to4 relays"),
    (v4(192, 168, 0, 0), 16, "private"),
    (v4(198, 18, 0, 0), 15, "benchmarks"),
    (v4(198, 51, 100, 0), 24, "documentation"),
    (v4(203, 0, 113, 0), 24, "documentation"),
    (v4(224, 0, 0, 0), 4, "multicast"),
    (v4(240, 0, 0, 0), 4, "reserved, and broadcast"),
    (v6(0, 0), 3, "loopback, unspecified, or IPv4 within IPv6"),
    (v6(0x2001, 0), 23, "protocol assignments, and Teredo"),
    (v6(0x2001, 0xdb8), 32, "documentation"),
    (v6(0x2002, 0), 16, "6to4"),
    (v6(0x3fff, 0), 20, "documentation"),
    (v6(0x4000, 0), 2, "not handed out"),
    (v6(0x8000, 0), 1, "not handed out, local, or multicast"),
];

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

const fn v6(a: u16, b: u16) -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0))
}

/// Why none of a name's addresses is connected to.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum NotPublic {
    /// The name has no address.
    #[error("the name has no address")]
    NoAddress,
    /// None of its addresses is public. They are listed with the reason for each.
    #[error("the name has no public address, only {0}")]
    Refused(String),
}

/// Whether a connection may be made to this address.
pub(super) fn is_public(address: IpAddr) -> bool {
    refusal(address).is_none()
}

/// Keeps the addresses that a connection may be made to, in their order.
pub(super) fn checked(addresses: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let (public, refused): (Vec<_>, Vec<_>) = addresses.partition(|address| is_public(address.ip()));
    if !public.is_empty() {
        return Ok(public);
    }
    let told = refused.iter().map(SocketAddr::ip).map(|ip| format!("{ip} ({})", refusal(ip).unwrap_or_default()));
    match told.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => Err(NotPublic::NoAddress),
        list => Err(NotPublic::Refused(list)),
    }
}

/// Why an address is refused, if it is.
fn refusal(address: IpAddr) -> Option<&'static str> {
    let row = REFUSED.iter().find(|(first, prefix, _)| holds(*first, *prefix, address));
    row.map(|(_, _, reason)| *reason)
}

/// Whether an address begins with the first `prefix` bits of `first`. An IPv4 address that is written as an IPv6 one is
/// judged as the latter.
fn holds(first: IpAddr, prefix: u32, address: IpAddr) -> bool {
    match (first, address) {
        (IpAddr::V4(first), IpAddr::V4(address)) => (first.to_bits() ^ address.to_bits()).leading_zeros() >= prefix,
        (IpAddr::V6(first), IpAddr::V6(address)) => (first.to_bits() ^ address.to_bits()).leading_zeros() >= prefix,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    /// Written out by hand: for each block its first and last address, and the neighbours outside, with whether these
    /// are public.
    #[test]
    fn each_block_is_refused_from_its_first_address_to_its_last() {
        for (before, first, last, after) in [
            (None, "0.0.0.0", "0.255.255.255", Some(("1.0.0.0", true))),
            (Some(("9.255.255.255", true)), "10.0.0.0", "10.255.255.255", Some(("11.0.0.0", true))),
            (Some(("100.63.255.255", true)), "100.64.0.0", "100.127.255.255", Some(("100.128.0.0", true))),
            (Some(("126.255.255.255", true)), "127.0.0.0", "127.255.255.255", Some(("128.0.0.0", true))),
            (Some(("168.63.129.15", true)), "168.63.129.16", "168.63.129.16", Some(("168.63.129.17", true))),
            (Some(("169.253.255.255", true)), "169.254.0.0", "169.254.255.255", Some(("169.255.0.0", true))),
            (Some(("172.15.255.255", true)), "172.16.0.0", "172.31.255.255", Some(("172.32.0.0", true))),
            (Some(("191.255.255.255", true)), "192.0.0.0", "192.0.0.255", Some(("192.0.1.0", true))),
            (Some(("192.0.1.255", true)), "192.0.2.0", "192.0.2.255", Some(("192.0.3.0", true))),
            (Some(("192.88.98.255", true)), "192.88.99.0", "192.88.99.255", Some(("192.88.100.0", true))),
            (Some(("192.167.255.255", true)), "192.168.0.0", "192.168.255.255", Some(("192.169.0.0", true))),
            (Some(("198.17.255.255", true)), "198.18.0.0", "198.19.255.255", Some(("198.20.0.0", true))),
            (Some(("198.51.99.255", true)), "198.51.100.0", "198.51.100.255", Some(("198.51.101.0", true))),
            (Some(("203.0.112.255", true)), "203.0.113.0", "203.0.113.255", Some(("203.0.114.0", true))),
            (Some(("223.255.255.255", true)), "224.0.0.0", "239.255.255.255", Some(("240.0.0.0", false))),
            (Some(("239.255.255.255", false)), "240.0.0.0", "255.255.255.255", None),
            (None, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(("2000::", true))),
            (
                Some(("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)),
                "2001::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some(("2001:200::", true)),
            ),
            (
                Some(("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true)),
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                Some(("2001:db9::", true)),
            ),
            (
                Some(("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)),
                "2002::",
                "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some(("2003::", true)),
            ),
            (
                Some(("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)),
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some(("3fff:1000::", true)),
            ),
            (
                Some(("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)),
                "4000::",
                "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some(("8000::", false)),
            ),
            (
                Some(("7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false)),
                "8000::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                None,
            ),
        ] {
            assert!(!public(first), "{first}");
            assert!(!public(last), "{last}");
            for (neighbour, is_public) in [before, after].into_iter().flatten() {
                assert_eq!(public(neighbour), is_public, "{neighbour}");
            }
        }
    }

    #[test]
    fn a_row_begins_where_its_prefix_begins() {
        for (first, prefix, reason) in REFUSED {
            let rest = match first {
                IpAddr::V4(first) => u128::from(first.to_bits().unbounded_shl(prefix)),
                IpAddr::V6(first) => first.to_bits().unbounded_shl(prefix),
            };
            assert_eq!(rest, 0, "{first}/{prefix} {reason}");
        }
    }

    #[test]
    fn no_spelling_of_an_inner_address_passes() {
        for address in [
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "10.0.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "172.17.0.1",
            "192.0.0.192",
            "192.168.1.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:104.16.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::7f00:1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:20::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::",
            "5f00::1",
            "fc00::1",
            "fd00::",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for address in ["104.16.0.1", "8.8.8.8", "1.1.1.1", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1"] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_kept_and_all_others_left_out() {
        let sockets = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let mixed = sockets(&["10.0.0.1:443", "104.16.0.1:443", "[::1]:443", "[2606:4700::1111]:0"]);
        assert_eq!(checked(mixed.into_iter()), Ok(sockets(&["104.16.0.1:443", "[2606:4700::1111]:0"])));
        let inner = sockets(&["127.0.0.1:443", "[fe80::1%7]:443"]);
        assert_eq!(
            checked(inner.into_iter()).unwrap_err().to_string(),
            "the name has no public address, only 127.0.0.1 (loopback), fe80::1 (not handed out, local, or multicast)"
        );
        assert_eq!(checked(std::iter::empty()), Err(NotPublic::NoAddress));
    }
}
