//! Randomised runs: writes with and without keys, of the same and of other contents, at two hosts of one store, with faults of
//! Freshdesk and ends of hosts in between. A seed says what happens. Afterwards Freshdesk is asked what is true.
//!
//! ```sh
//! FAULT_RUNS=10000 FAULT_SEED=1 cargo test -p freshdesk-host --lib randomised -- --nocapture
//! ```

mod lane;
mod oracle;
mod schedule;

use std::collections::{HashMap, VecDeque};
use std::ops::AddAssign;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::task::AbortHandle;

use super::steps::{Step, Watch};
use super::*;
use lane::Lane;
use schedule::Schedule;

/// Runs that are made where nobody says how many.
const RUNS: u64 = 300;

/// Runs that are made once more with nobody looking for what was lost.
const COMPARED: u64 = 60;

/// Runs at a time, over each database.
const LANES: usize = 16;

/// Time for a call.
const DEADLINE: Duration = Duration::from_millis(1500);

/// Time for one change of the store, beyond which a call is not blamed for it: the tests of many crates run beside this one.
const STALL: Duration = Duration::from_millis(300);

/// What came of some runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    runs: u64,
    calls: u64,
    killed: u64,
    done: u64,
    /// Writes of which the last that was told is that nobody knows; and those of them that are there.
    unknown: u64,
    there: u64,
    found: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.calls += other.calls;
        self.killed += other.killed;
        self.done += other.done;
        self.unknown += other.unknown;
        self.there += other.there;
        self.found += other.found;
    }
}

/// Watches the writes of two hosts: ends some, and counts what is found.
struct Doom {
    looks: bool,
    /// When the task of a write is to end, by its hash.
    ends: Mutex<HashMap<Vec<u8>, Duration>>,
    found: AtomicUsize,
    /// When the store took long for a change, and the machine for a task.
    stalls: Mutex<Vec<(Instant, Instant)>>,
}

impl Doom {
    /// Looks how long the store takes, for as long as it is waited for.
    async fn looks_at(&self, host: Arc<Accounts>) {
        for number in 0_u64.. {
            let begun = Instant::now();
            let used = host.use_once(&user("nobody"), "stall", &number.to_string(), host.now() + 1000).await;
            used.expect("the store answers");
            tokio::time::sleep(Duration::from_millis(20)).await;
            if begun.elapsed() > STALL {
                locked(&self.stalls).push((begun, Instant::now()));
            }
        }
    }

    /// How long the store stood still since then.
    fn stalled(&self, since: Instant) -> Duration {
        let stalls = locked(&self.stalls);
        stalls.iter().map(|(from, until)| until.saturating_duration_since(since.max(*from))).sum()
    }
}

impl Watch for Doom {
    fn runs(&self, hash: &[u8], task: AbortHandle) {
        if let Some(after) = locked(&self.ends).remove(hash) {
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                task.abort();
            });
        }
    }

    fn ends_at(&self, _: &[u8], step: Step) -> bool {
        if step == Step::Claimed {
            self.found.fetch_add(1, Ordering::Relaxed);
        }
        false
    }

    fn looks(&self) -> bool {
        self.looks
    }
}

#[test]
fn randomised_writes_happen_once_and_what_is_told_is_true() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let (runs, seed) = (number("FAULT_RUNS").unwrap_or(RUNS), number("FAULT_SEED").unwrap_or(1));
    let begun = Instant::now();
    let seeds: Vec<_> = (0..runs).map(|run| seed + run).collect();
    let (with, wrong) = made(&seeds, true);
    eprintln!("with reconciliation, {:.0} s: {with:?}", begun.elapsed().as_secs_f64());
    assert!(wrong.is_empty(), "{} of {runs} runs went wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(with.runs, runs);
    if runs < COMPARED {
        return;
    }
    assert!(with.found > 0 && with.killed > 0 && with.unknown > 0, "{with:?} is no trial");
    let compared = &seeds[..usize::try_from(COMPARED).unwrap()];
    let ((with, _), (without, wrong)) = (made(compared, true), made(compared, false));
    eprintln!(
        "{COMPARED} seeds with reconciliation:    {with:?}\n{COMPARED} seeds without reconciliation: {without:?}"
    );
    assert!(wrong.is_empty(), "without reconciliation {} runs went wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(without.found, 0);
    assert!(without.there > with.there && without.unknown > with.unknown, "nothing is gained by it");
}

/// Makes these runs, some at a time; those of even seeds over SQLite, the others over PostgreSQL, where there is one.
fn made(seeds: &[u64], looks: bool) -> (Tally, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let databases = databases();
        let many = databases.len();
        let parts = databases.into_iter().enumerate().map(|(index, database)| {
            let seeds = seeds.iter().copied().filter(move |seed| *seed as usize % many == index).collect();
            tokio::spawn(over(database, seeds, looks))
        });
        let (mut tally, mut wrong) = (Tally::default(), Vec::new());
        for part in parts.collect::<Vec<_>>() {
            let (more, worse) = part.await.unwrap();
            tally += more;
            wrong.extend(worse);
        }
        (tally, wrong)
    })
}

async fn over(database: TestDatabase, seeds: VecDeque<u64>, looks: bool) -> (Tally, Vec<String>) {
    let world = World::over(database).await;
    let doom = Arc::new(Doom { looks, ends: Mutex::default(), found: AtomicUsize::new(0), stalls: Mutex::default() });
    let (simulators, hosts) = lane::hosts(&world, LANES.min(seeds.len())).await;
    for host in &hosts {
        host.watched_by(doom.clone());
    }
    let watching = tokio::spawn({
        let (doom, host) = (Arc::clone(&doom), Arc::clone(&hosts[0]));
        async move { doom.looks_at(host).await }
    });
    let seeds = Arc::new(Mutex::new(seeds));
    let mut lanes = Vec::new();
    for (number, simulator) in simulators.into_iter().enumerate() {
        let lane = Lane::new(number, simulator, hosts.clone(), Arc::clone(&doom)).await;
        let seeds = Arc::clone(&seeds);
        lanes.push(tokio::spawn(async move {
            let (mut tally, mut wrong) = (Tally::default(), Vec::new());
            loop {
                let Some(seed) = locked(&seeds).pop_front() else { return (tally, wrong) };
                let schedule = Schedule::of(seed);
                match lane.run(&schedule).await {
                    Ok(more) => tally += more,
                    Err(why) => wrong.push(format!("FAULT_RUNS=1 FAULT_SEED={seed}: {why}\n{schedule:#?}")),
                }
            }
        }));
    }
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    for lane in lanes {
        let (more, worse) = lane.await.unwrap();
        tally += more;
        wrong.extend(worse);
    }
    assert!(!watching.is_finished(), "nobody looked at the store");
    watching.abort();
    tally.found = doom.found.load(Ordering::Relaxed) as u64;
    (tally, wrong)
}
