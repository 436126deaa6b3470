//! How far three hosts carry what one does not: the upstream takes its time, and each host has room for a few calls only.

use std::time::Duration;

use anyhow::Result;

use crate::client::{Make, read, write};
use crate::common::figures::{Bar, Figures};
use crate::load::callers;
use crate::office::Office;

/// How long the upstream takes.
const UPSTREAM: Duration = Duration::from_millis(200);

/// Calls of a host at a time, and those who want to make them: there is always one that waits.
const CALLS: usize = 5;
const CALLERS: usize = 15;

const WARM: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(10);

pub(crate) fn measure(office: &Office, figures: &mut Figures) -> Result<()> {
    office.simulator.delay(UPSTREAM)?;
    let outcome = carried(office, figures);
    office.simulator.delay(Duration::ZERO)?;
    office.simulator.forget()?;
    outcome
}

fn carried(office: &Office, figures: &mut Figures) -> Result<()> {
    let one = rates(office, 1)?;
    let three = rates(office, 3)?;
    for ((kind, one), three) in ["reads", "writes with a key"].into_iter().zip(one).zip(three) {
        figures.tell(&format!("{kind}, one host, {CALLS} calls at a time, 200 ms each"), one, "/s");
        figures.tell("- three hosts", three, "/s");
        figures.hold("- three to one", three / one, "", Bar::AtLeast(2.8));
    }
    Ok(())
}

/// Reads and writes a second.
fn rates(office: &Office, hosts: usize) -> Result<[f64; 2]> {
    let hosts = office.serve(hosts, &["--calls", &CALLS.to_string()])?;
    let rate = |make: Make| {
        let answered = office.runtime.block_on(callers(office, &hosts, CALLERS, (WARM, LONG), make))?;
        Ok::<_, anyhow::Error>(answered.number() / LONG.as_secs_f64())
    };
    Ok([rate(read)?, rate(write)?])
}
