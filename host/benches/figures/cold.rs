//! From the start of the process to the first tool's answer.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use freshdesk_simulator::seed;
use serde_json::Value;

use crate::calls::{TOOL, arguments, median_time};
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::Simulator;

/// Starts that are timed, after one that compiles the plugin.
const STARTS: usize = 21;

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let home = tempfile::tempdir()?;
    let authority = home.path().join("authority.pem");
    fs::write(&authority, &simulator.introduction().authority)?;
    let compiling = start(simulator, home.path(), &authority)?;
    figures.tell("start to exit, plugin compiled first", compiling.as_secs_f64() * 1000.0, "ms");
    let times: Vec<_> = (0..STARTS).map(|_| start(simulator, home.path(), &authority)).collect::<Result<_>>()?;
    let figure = "start to exit with the answer, compiled code cached, p50";
    figures.hold(figure, median_time(&times) / 1000.0, "ms", Bar::AtMost(50.0));
    simulator.forget()?;
    Ok(())
}

/// Starts the command, and waits until it has printed the ticket and ended.
fn start(simulator: &Simulator, home: &Path, authority: &Path) -> Result<Duration> {
    let resolve = format!("{}.freshdesk.com={}", seed::LABEL, simulator.introduction().addr);
    let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
    command.args(["call", TOOL, &arguments().to_string(), "--resolve", &resolve, "--trust-root"]).arg(authority);
    command.env_clear().env("HOME", home).env("FRESHDESK_DOMAIN", seed::LABEL);
    command.env("FRESHDESK_API_KEY", seed::ADMIN_KEY).stderr(Stdio::inherit());
    let started = Instant::now();
    let output = command.output()?;
    let time = started.elapsed();
    ensure!(output.status.success(), "the command failed: {}", String::from_utf8_lossy(&output.stdout));
    let ticket: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(ticket["id"] == seed::TICKET_ID, "another ticket was answered: {ticket}");
    Ok(time)
}
