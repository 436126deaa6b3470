//! Every kind of fault for every tool, by schedules that numbers make.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use freshdesk_host::Host;
use freshdesk_simulator::{Kind, Mishap, Schedule};
use freshdesk_tests::{good, number, run};
use tokio::task::JoinSet;

use crate::judge::{self, Outcome};
use crate::office::{self, Desk, PATIENCE};

/// Schedules that are run where `FAULT_RUNS` says nothing. Ten have every kind of fault for every tool.
const RUNS: u64 = 30;

/// Helpdesks at a time; calls spend their time in waiting.
const DESKS: u64 = 96;

/// What was seen of all schedules.
#[derive(Default)]
struct Seen {
    /// How often each kind struck each tool.
    struck: BTreeMap<(Kind, &'static str), usize>,
    /// How often calls ended so.
    ended: BTreeMap<String, usize>,
    /// What was not as it has to be, with the seed.
    wrong: Vec<(u64, String)>,
}

/// Calls each of the ten tools while something goes wrong, in the order of the schedule, and once more when nothing does.
async fn follow(host: &Host, desk: &Desk, seed: u64, seen: &Mutex<Seen>) {
    let schedule = Schedule::from_seed(seed, Kind::ALL.len(), PATIENCE);
    let mut account = desk.account();
    for mishap in &schedule.mishaps {
        let tools = good();
        let at = Kind::ALL.iter().position(|kind| *kind == mishap.kind).unwrap_or_default() + seed as usize;
        let good = &tools[at % tools.len()];
        if mishap.kind.below_http() {
            // It has no connection yet.
            account = desk.account();
        }
        let outcome = judge::call(host, desk, &account, good, mishap).await;
        let judged = outcome.and_then(|outcome| {
            let mut seen = seen.lock().unwrap();
            *seen.struck.entry((mishap.kind, good.tool)).or_default() += usize::from(outcome.struck);
            let ended = outcome.result.as_ref().err().map_or("answered", String::as_str);
            *seen.ended.entry(ended.to_owned()).or_default() += 1;
            drop(seen);
            outcome.is_true(&desk.fresh, good)?;
            outcome.is_the_best_of(mishap, good)?;
            Ok(outcome)
        });
        let judged = match judged {
            Ok(outcome) => goes_on(host, desk, &account, good, mishap, &outcome).await,
            Err(why) => Err(why),
        };
        if let Err(why) = judged {
            let told = format!("{}: {why}\n    {mishap:?}", good.tool);
            seen.lock().unwrap().wrong.push((seed, told));
            account = desk.account();
        }
    }
}

/// The next call of the account is answered, and says the same where it reads.
async fn goes_on(
    host: &Host,
    desk: &Desk,
    account: &Arc<freshdesk_host::Account>,
    good: &freshdesk_tests::Good,
    mishap: &Mishap,
    outcome: &Outcome,
) -> Result<(), String> {
    let nothing = Mishap { kind: Kind::Nothing, fault: None, line: None };
    let mut next = judge::call(host, desk, account, good, &nothing).await?;
    if next.result.is_err()
        && outcome.result.is_ok()
        && matches!(mishap.kind, Kind::Hang | Kind::TlsHang | Kind::TlsCut)
    {
        // The connection died after the answer, which nobody can have noticed.
        next.is_true(&desk.fresh, good).map_err(|why| format!("the next call: {why}"))?;
        next = judge::call(host, desk, account, good, &nothing).await?;
    }
    next.is_true(&desk.fresh, good).map_err(|why| format!("the next call: {why}"))?;
    let (took, requests) = (next.took, next.ran());
    let unanswered = |case| format!("the next call was not answered: {case} after {took:?}, {requests} executed");
    let answer = next.result.map_err(unanswered)?;
    let comparable = !good.writes() && mishap.kind != Kind::WrongTypes;
    match &outcome.result {
        Ok(told) if comparable && *told != answer => Err(format!("it read {told}, and then {answer}")),
        Ok(told) if good.tool == "ticket_get" && told["id"] != answer["id"] => Err(format!("it read {told}")),
        _ => Ok(()),
    }
}

/// Runs these schedules, many at a time.
async fn all(seeds: std::ops::Range<u64>) -> Seen {
    let (desks, host) = office::open(usize::try_from(DESKS.min(seeds.end - seeds.start)).unwrap()).await;
    let (next, seen) = (Arc::new(AtomicU64::new(seeds.start)), Arc::<Mutex<Seen>>::default());
    let mut running = JoinSet::new();
    for desk in desks {
        let (host, next, seen) = (Arc::clone(&host), Arc::clone(&next), Arc::clone(&seen));
        running.spawn(async move {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return;
                }
                follow(&host, &desk, seed, &seen).await;
            }
        });
    }
    running.join_all().await;
    std::mem::take(&mut *seen.lock().unwrap())
}

/// Whatever goes wrong: a call ends in its time, what it says is true, nothing is done twice, and the next one is answered.
#[test]
fn a_call_says_what_is_true_whatever_goes_wrong() {
    run(async {
        let (first, runs) = (number("FAULT_SEED").unwrap_or(0), number("FAULT_RUNS").unwrap_or(RUNS));
        let begun = Instant::now();
        let seen = all(first..first + runs).await;
        let struck: usize = seen.struck.values().sum();
        println!("{runs} schedules from {first}, {struck} faults struck, {:?} in {:?}", seen.ended, begun.elapsed());
        let mut told = String::new();
        for (seed, why) in seen.wrong.iter().take(10) {
            let command =
                format!("FAULT_RUNS=1 FAULT_SEED={seed} cargo test --workspace --test faults whatever_goes_wrong");
            write!(told, "\n  {command}\n    {why}").unwrap();
        }
        assert!(seen.wrong.is_empty(), "{} of {runs} schedules:{told}", seen.wrong.len());
        // Or it proves nothing.
        if runs >= 10 {
            for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Nothing) {
                for good in good() {
                    let times = seen.struck.get(&(kind, good.tool)).copied().unwrap_or_default();
                    assert!(times > 0, "{kind:?} never struck {}", good.tool);
                }
            }
        }
    });
}
