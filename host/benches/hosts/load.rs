//! Calls of many programs at once: such as come when they come, and such as come as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::client::{Client, Make};
use crate::common::command::Server;
use crate::office::Office;

/// What became of calls.
pub(crate) struct Answered {
    /// Seconds that each took since it came, sorted; of those that count.
    times: Vec<f64>,
    /// All calls, also those before and after.
    all: usize,
}

impl Answered {
    fn of(mut times: Vec<f64>, all: usize) -> Self {
        times.sort_by(f64::total_cmp);
        Self { times, all }
    }

    /// Calls that count.
    pub(crate) fn number(&self) -> f64 {
        self.times.len() as f64
    }

    /// All calls that were made.
    pub(crate) fn all(&self) -> f64 {
        self.all as f64
    }

    /// The time within which this share of the calls was answered, in milliseconds.
    pub(crate) fn within(&self, share: f64) -> f64 {
        let last = self.times.len().saturating_sub(1);
        self.times.get(((last as f64) * share).round() as usize).map_or(f64::NAN, |time| time * 1000.0)
    }
}

/// How calls come, so many each second.
#[derive(Clone, Copy)]
pub(crate) enum Coming {
    /// At times that have nothing to do with one another, each at one of the hosts. The chances are the same whenever the
    /// bench runs.
    ByChance(f64),
    /// Always after the same time, at one host after the other.
    Evenly(f64),
}

/// Calls that come so, whether those before are answered or not. Each is timed since it was to come.
pub(crate) async fn arrivals(
    office: &Office,
    hosts: &[Server],
    coming: Coming,
    duration: Duration,
    make: Make,
) -> Result<Answered> {
    let mut chance = fastrand::Rng::with_seed(6);
    let idle: Vec<_> = hosts.iter().map(|_| Arc::<Mutex<Vec<Client>>>::default()).collect();
    let begun = Instant::now();
    let (mut at, mut number, mut running) = (Duration::ZERO, 0, JoinSet::new());
    loop {
        let (gap, host) = match coming {
            Coming::ByChance(rate) => (-(1.0 - chance.f64()).ln() / rate, chance.usize(..hosts.len())),
            Coming::Evenly(rate) => (1.0 / rate, number % hosts.len()),
        };
        at += Duration::from_secs_f64(gap);
        if at >= duration {
            break;
        }
        let (idle, address, token) = (Arc::clone(&idle[host]), hosts[host].address.clone(), office.token.clone());
        let call = make(number);
        number += 1;
        running.spawn(async move {
            sleep_until(begun + at).await;
            let client = idle.lock().await.pop();
            let mut client = client.unwrap_or_else(|| Client::new(&address, &token));
            client.call(&call).await?;
            idle.lock().await.push(client);
            Ok((begun + at).elapsed().as_secs_f64())
        });
    }
    let times = running.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(Answered::of(times, number))
}

/// Calls by so many callers of each host, who call again when they are answered. Those count that are answered between
/// `warm` and `warm` + `duration` after the beginning.
pub(crate) async fn callers(
    office: &Office,
    hosts: &[Server],
    each: usize,
    (warm, duration): (Duration, Duration),
    make: Make,
) -> Result<Answered> {
    let counted = Instant::now() + warm;
    let end = counted + duration;
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for host in hosts.iter().flat_map(|host| std::iter::repeat_n(host, each)) {
        let (next, mut client) = (Arc::clone(&next), Client::new(&host.address, &office.token));
        running.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < end {
                let begun = Instant::now();
                client.call(&make(next.fetch_add(1, Ordering::Relaxed))).await?;
                if (counted..end).contains(&Instant::now()) {
                    times.push(begun.elapsed().as_secs_f64());
                }
            }
            Ok(times)
        });
    }
    let times = running.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(Answered::of(times.into_iter().flatten().collect(), next.load(Ordering::Relaxed)))
}
