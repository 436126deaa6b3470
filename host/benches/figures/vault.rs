//! A key, read and opened among a million.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use freshdesk_host::Accounts;

use crate::calls::{median_time, run};
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::Simulator;
use crate::stores::{Store, user};

/// Accounts in the store.
const ACCOUNTS: u64 = 1_000_000;

/// Keys that are opened, in rounds: between two rounds the trail is written.
const ROUNDS: usize = 400;
const OF_A_ROUND: usize = 25;
const BETWEEN: Duration = Duration::from_millis(20);

/// What was timed, in the order of timing.
#[derive(Default)]
struct Timed {
    all: Vec<Duration>,
    noting: Vec<Duration>,
    trips: Vec<Duration>,
}

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let timed = timed(simulator, Store::sqlite()?)?;
    let bar = Bar::AtMost(100.0);
    figures.hold("a key read and opened, 1,000,000 accounts in SQLite, p50", median_time(&timed.all), "us", bar);
    figures.tell("the same, p99", percentile(&timed.all, 99), "us");
    figures.tell("of that the noting of its use in the trail, p50", median_time(&timed.noting), "us");
    let Some(store) = Store::postgres()? else { return Ok(()) };
    let timed = self::timed(simulator, store)?;
    let (all, trip) = (median_time(&timed.all), median_time(&timed.trips));
    figures.tell("a key read and opened, 1,000,000 accounts in PostgreSQL, p50", all, "us");
    figures.tell("a round trip to PostgreSQL, SELECT 1, p50", trip, "us");
    figures.hold("a key read and opened in PostgreSQL, beyond a round trip", all - trip, "us", bar);
    figures.tell("of that the noting of its use in the trail, p50 over PostgreSQL", median_time(&timed.noting), "us");
    Ok(())
}

fn timed(simulator: &Arc<Simulator>, store: Store) -> Result<Timed> {
    let introduction = simulator.introduction().clone();
    run(async move {
        let accounts = store.open(&introduction).await?;
        let begun = Instant::now();
        store.fill(&accounts, ACCOUNTS)?;
        eprintln!("  filled in {:.0} s", begun.elapsed().as_secs_f64());
        let timed = open_keys(&accounts).await?;
        accounts.close().await;
        Ok(timed)
    })
}

/// Opens keys of users who follow each other as they come.
async fn open_keys(accounts: &Accounts) -> Result<Timed> {
    let mut timed = Timed::default();
    for round in 0..ROUNDS {
        for _ in 0..OF_A_ROUND {
            let times = accounts.times(&user(fastrand::u64(0..ACCOUNTS))?).await?;
            let begun = Instant::now();
            accounts.ping().await?;
            // The first tenth warms up.
            if round >= ROUNDS / 10 {
                timed.trips.push(begun.elapsed());
                timed.all.push(times.all);
                timed.noting.push(times.noting);
            }
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(timed)
}

/// The time that so many of a hundred keep to, in microseconds.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() * percent / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}
