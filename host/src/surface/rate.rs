//! How often somebody may come: from one address, and in all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use lru::LruCache;

/// Addresses that are remembered, about 100 bytes each. Who is forgotten starts anew; the limit in all holds for them, too.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// How often somebody may come. Each is a number a minute; half a minute's worth may come at once.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Requests of one address. To connect takes about ten, and all agents of a company may come from one address.
    pub(crate) requests: u32,
    /// Keys, and codes, given from one address. They are typed or pasted by people; what is faster tries stolen ones.
    pub(crate) tries: u32,
    /// Requests in all: what one core serves with ease.
    pub(crate) all_requests: u32,
    /// Keys and codes in all. Each key costs a helpdesk one of its calls.
    pub(crate) all_tries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 240, tries: 20, all_requests: 30_000, all_tries: 600 }
    }
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address(IpAddr);

impl Address {
    /// Of IPv6 one site has 2^64 addresses, which count as one.
    pub(crate) fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(six) => {
                let site = u128::from(six) & !u128::from(u64::MAX);
                Self(Ipv6Addr::from(site).into())
            }
            four @ IpAddr::V4(_) => Self(four),
        }
    }

    /// Where a request comes from, by these headers and extensions of it; who has no `ConnectInfo<SocketAddr>` counts as one address.
    pub(crate) fn of_request(extensions: &Extensions, headers: &HeaderMap, proxies: u8) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Self::of(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), headers, proxies)
    }

    /// Where a request comes from that went through this many proxies of ours. Each adds the address it was called from;
    /// what stands further to the left, anybody may have written.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, proxies: u8) -> Self {
        let Some(back) = usize::from(proxies).checked_sub(1) else { return Self::new(peer) };
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let listed: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        Self::new(listed.iter().rev().nth(back).and_then(|text| address(text)).unwrap_or(peer))
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.split_once(']')).map_or(text, |pair| pair.0);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Counts who comes.
pub(crate) struct Gate {
    requests: Meter,
    tries: Meter,
}

impl Gate {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            requests: Meter::new(limits.requests, limits.all_requests),
            tries: Meter::new(limits.tries, limits.all_tries),
        }
    }

    /// Counts a request; the time to wait when there were too many.
    pub(crate) fn request(&self, from: Address) -> Result<(), Duration> {
        self.requests.take(from, Instant::now())
    }

    /// Counts a key or a code.
    pub(crate) fn attempt(&self, from: Address) -> Result<(), Duration> {
        self.tries.take(from, Instant::now())
    }
}

/// A limit by address and one in all.
pub(crate) struct Meter {
    each: f64,
    all: f64,
    counts: Mutex<Counts>,
}

struct Counts {
    each: LruCache<Address, Bucket>,
    all: Bucket,
}

impl Meter {
    pub(crate) fn new(each: u32, all: u32) -> Self {
        let counts = Counts { each: LruCache::new(REMEMBERED), all: Bucket::full(all.into(), Instant::now()) };
        Self { each: each.into(), all: all.into(), counts: Mutex::new(counts) }
    }

    /// Takes one of each. Who has none left takes nothing from the others.
    pub(crate) fn take(&self, from: Address, now: Instant) -> Result<(), Duration> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { each, all } = &mut *counts;
        let own = each.get_or_insert_mut(from, || Bucket::full(self.each, now));
        own.wait(self.each, now).or_else(|| all.wait(self.all, now)).map_or(Ok(()), Err)?;
        own.left -= 1.0;
        all.left -= 1.0;
        Ok(())
    }
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn full(a_minute: f64, now: Instant) -> Self {
        Self { left: most(a_minute), at: now }
    }

    /// Fills up since the last time; how long it takes until there is one, if there is none.
    fn wait(&mut self, a_minute: f64, now: Instant) -> Option<Duration> {
        let a_second = a_minute / 60.0;
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * a_second).min(most(a_minute));
        self.at = now;
        let missing = 1.0 - self.left;
        (missing > 0.0).then(|| Duration::try_from_secs_f64(missing / a_second).unwrap_or(Duration::from_secs(60)))
    }
}

/// A time to wait as `Retry-After` says it: in whole seconds, of which there is at least one.
pub(crate) fn seconds(time: Duration) -> u64 {
    time.as_secs_f64().ceil().max(1.0) as u64
}

/// What may come at once.
fn most(a_minute: f64) -> f64 {
    (a_minute / 2.0).max(1.0)
}
