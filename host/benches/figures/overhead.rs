//! A sandboxed call beside the same call by native Rust.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::calls::{Side, median, median_time, run};
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::{Report, Simulator};
use crate::native::Native;

/// Calls that each side makes before the other has its turn again, and how often both have theirs.
const BATCH: usize = 50;
const BATCHES: usize = 60;

/// The same where the upstream takes its time, so that calls are few.
const SLOW: Duration = Duration::from_millis(50);
const SLOW_BATCH: usize = 5;
const SLOW_BATCHES: usize = 12;

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let sides = [Side::Native(Native::new(simulator.introduction())?), Side::sandboxed(simulator)?].map(Arc::new);
    at_once_answered(simulator, &sides, figures)?;
    slowly_answered(simulator, &sides, figures)
}

/// An upstream that answers at once, so that the call's own time is all there is.
fn at_once_answered(simulator: &Arc<Simulator>, sides: &[Arc<Side>; 2], figures: &mut Figures) -> Result<()> {
    let (remote, own) = (Arc::clone(simulator), sides.clone());
    let (requests, turns) = run(async move {
        let requests = [sent(&remote, &own[0]).await?, sent(&remote, &own[1]).await?];
        in_turns(&remote, &own, BATCH, BATCHES / 6).await?;
        Ok((requests, in_turns(&remote, &own, BATCH, BATCHES).await?))
    })?;
    ensure!(requests[0] == requests[1], "the sides send different requests: {requests:#?}");
    let [native, sandboxed] = turns.medians();
    figures.tell("native call, p50", native, "us");
    figures.tell("sandboxed call, p50", sandboxed, "us");
    figures.hold("sandboxed call, extra at p50", turns.extra(), "us", Bar::AtMost(120.0));
    let [native, sandboxed] = turns.high();
    figures.tell("native call, p99", native, "us");
    figures.tell("sandboxed call, p99", sandboxed, "us");
    let [native, sandboxed] = turns.upstream();
    figures.tell("upstream's work for a native call", native, "us");
    figures.tell("upstream's work for a sandboxed call", sandboxed, "us");
    Ok(())
}

/// An upstream that takes as long as Freshdesk does when it is quick.
fn slowly_answered(simulator: &Arc<Simulator>, sides: &[Arc<Side>; 2], figures: &mut Figures) -> Result<()> {
    simulator.delay(SLOW)?;
    let (remote, own) = (Arc::clone(simulator), sides.clone());
    let turns = run(async move { in_turns(&remote, &own, SLOW_BATCH, SLOW_BATCHES).await });
    simulator.delay(Duration::ZERO)?;
    let [native, sandboxed] = turns?.medians();
    figures.tell("native call of 50 ms, p50", native / 1000.0, "ms");
    figures.hold("sandboxed call of 50 ms, times native", sandboxed / native, "x", Bar::AtMost(1.01));
    Ok(())
}

/// The request that a side sends.
async fn sent(simulator: &Simulator, side: &Side) -> Result<Value> {
    side.call().await?;
    let mut request = simulator.report()?.last;
    // Headers of HTTP/2 have no order that means anything.
    if let Some(headers) = request[5].as_array_mut() {
        headers.sort_by_key(Value::to_string);
    }
    Ok(request)
}

/// The batches of both sides, each pair made right after one another.
struct Turns {
    batches: Vec<[Vec<Duration>; 2]>,
    upstream: [Duration; 2],
}

/// Both sides make their calls in turns, so that what changes in between changes both.
async fn in_turns(simulator: &Simulator, sides: &[Arc<Side>; 2], calls: usize, batches: usize) -> Result<Turns> {
    let mut turns = Turns { batches: Vec::with_capacity(batches), upstream: [Duration::ZERO; 2] };
    for batch in 0..batches {
        let mut times = [Vec::new(), Vec::new()];
        // Neither side always comes first.
        for side in if batch % 2 == 0 { [0, 1] } else { [1, 0] } {
            let before: Report = simulator.forget()?;
            times[side] = sides[side].one_by_one(calls).await?;
            turns.upstream[side] += simulator.report()?.busy.saturating_sub(before.busy);
        }
        turns.batches.push(times);
    }
    Ok(turns)
}

impl Turns {
    fn of(&self, side: usize) -> Vec<Duration> {
        self.batches.iter().flat_map(|batch| &batch[side]).copied().collect()
    }

    fn medians(&self) -> [f64; 2] {
        [0, 1].map(|side| median_time(&self.of(side)))
    }

    /// What a hundredth of the calls takes at least.
    fn high(&self) -> [f64; 2] {
        [0, 1].map(|side| {
            let mut times = self.of(side);
            times.sort_unstable();
            times.get(times.len() * 99 / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
        })
    }

    /// By how much the second side's median is above the first one's, in the middle of all pairs of batches.
    fn extra(&self) -> f64 {
        median(self.batches.iter().map(|[first, second]| median_time(second) - median_time(first)))
    }

    /// The simulator's processor time for a call.
    fn upstream(&self) -> [f64; 2] {
        [0, 1].map(|side| self.upstream[side].as_secs_f64() * 1e6 / self.of(side).len() as f64)
    }
}
