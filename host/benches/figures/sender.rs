//! Calls a second of all sides, one at a time and 64 at a time, and what they cost in handshakes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::calls::{Side, run};
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::Simulator;
use crate::default_sender::DefaultSender;
use crate::native::Native;

/// Who is compared.
const SIDES: [&str; 4] = ["native", "sandboxed", "wasmtime's sender", "wasmtime's sender, pooled"];

/// How long each calls before the next has its turn, and how often all have theirs.
const TURN: Duration = Duration::from_millis(400);
const TURNS: u32 = 6;

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let introduction = simulator.introduction();
    let sides = [
        Side::Native(Native::new(introduction)?),
        Side::sandboxed(simulator)?,
        Side::DefaultSender(DefaultSender::new(introduction, false)?),
        Side::DefaultSender(DefaultSender::new(introduction, true)?),
    ];
    let sides = sides.map(Arc::new);
    for callers in [1, 64] {
        let (remote, sides) = (Arc::clone(simulator), sides.clone());
        let tallies = run(async move { in_turns(&remote, &sides, callers).await })?;
        tell(&tallies, callers, figures);
    }
    Ok(())
}

/// What came of one side's turns.
#[derive(Clone, Copy, Default)]
struct Tally {
    calls_a_second: f64,
    requests: u64,
    handshakes: u64,
}

async fn in_turns(simulator: &Simulator, sides: &[Arc<Side>; 4], callers: usize) -> Result<[Tally; 4]> {
    let mut tallies = [Tally::default(); 4];
    for _ in 0..TURNS {
        for (side, tally) in sides.iter().zip(&mut tallies) {
            let before = simulator.forget()?;
            tally.calls_a_second += side.at_once(callers, TURN).await? / f64::from(TURNS);
            let after = simulator.report()?;
            ensure!(after.throttled == 0, "{} calls were refused for the limit", after.throttled);
            tally.requests += after.requests;
            tally.handshakes += after.handshakes - before.handshakes;
        }
    }
    Ok(tallies)
}

fn tell(tallies: &[Tally; 4], callers: usize, figures: &mut Figures) {
    for (side, tally) in SIDES.iter().zip(tallies) {
        figures.tell(&format!("{side}, {callers} at a time"), tally.calls_a_second, "calls/s");
    }
    let [native, sandboxed, default, pooled] = tallies;
    let times = |other: &Tally| sandboxed.calls_a_second / other.calls_a_second;
    figures.tell(&format!("sandboxed to native, {callers} at a time"), times(native), "x");
    let figure = format!("sandboxed to wasmtime's sender, {callers} at a time");
    figures.hold(&figure, times(default), "x", Bar::AtLeast(5.0));
    figures.tell(&format!("the same, its instances pooled, {callers} at a time"), times(pooled), "x");
    figures.tell(
        &format!("handshakes a call of wasmtime's sender, {callers} at a time"),
        default.handshakes as f64 / default.requests as f64,
        "",
    );
    // The account shook hands before the first turn or in it.
    let figure = format!("handshakes of a sandboxed account, {callers} at a time");
    figures.hold(&figure, sandboxed.handshakes as f64, "", Bar::AtMost(1.0));
}
