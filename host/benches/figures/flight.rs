//! Ten thousand calls at once, over a hundred accounts. The host is a process of its own, for its memory to be nothing else's.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use freshdesk_components::PLUGIN;
use freshdesk_host::{Account, Host, Settings};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::calls::call;
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::{Introduction, Simulator};
use crate::memory::{Mappings, most_resident, resident};

/// The argument that makes this executable the host of the calls.
pub(crate) const ROLE: &str = "--flight";

const ACCOUNTS: u32 = 100;
const CALLS: u32 = 10_000;

/// How long the upstream takes.
const UPSTREAM: Duration = Duration::from_secs(1);

/// How long it takes where all calls have to be in flight together, however long it takes to begin them.
const LONG: Duration = Duration::from_secs(5);

/// How long the calls of a flight may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let outcome = flights(simulator, figures);
    simulator.delay(Duration::ZERO)?;
    simulator.forget()?;
    outcome
}

fn flights(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    let before = simulator.forget()?;
    let mut pilot = Pilot::start(simulator.introduction())?;
    let idle = pilot.tell("look")?;
    let connected = pilot.tell("connect")?;
    simulator.delay(UPSTREAM)?;
    let short = fly_once(simulator, &mut pilot, "fly")?;
    simulator.delay(LONG)?;
    let long = fly_once(simulator, &mut pilot, "fly")?;
    // Looking closer takes memory itself, and is done when the most was seen.
    let most = long.report.of("most_resident")?;
    let closer = fly_once(simulator, &mut pilot, "fly and look")?.report;
    let handshakes = simulator.report()?.handshakes - before.handshakes;
    let landed = pilot.tell("look")?;

    figures.hold("calls that succeeded, 1 s each", short.succeeded()?, "", Bar::AtLeast(f64::from(CALLS)));
    figures.tell("- time until all had arrived", short.arrived, "s");
    figures.tell("- time until all were answered", short.report.of("took")?, "s");
    figures.tell("- calls in flight at once", short.together, "");
    figures.hold("calls that succeeded, 5 s each", long.succeeded()?, "", Bar::AtLeast(f64::from(CALLS)));
    figures.hold("- calls in flight at once", long.together, "", Bar::AtLeast(f64::from(CALLS)));
    figures.tell("handshakes", handshakes as f64, "");
    figures.hold("most resident", most / GIB, "GiB", Bar::AtMost(1.5));
    figures.tell("resident, host idle", idle.of("resident")? / MIB, "MiB");
    figures.tell("resident afterwards", landed.of("resident")? / MIB, "MiB");
    let connections = connected.of("resident")? - idle.of("resident")?;
    figures.tell("resident for a connection", connections / f64::from(ACCOUNTS) / KIB, "KiB");
    let each = |name| Ok::<_, anyhow::Error>((closer.of(name)? - connected.of(name)?) / f64::from(CALLS));
    figures.tell("resident for a call in flight", each("resident")? / KIB, "KiB");
    figures.tell("- memory of its instance", each("memories")? / KIB, "KiB");
    figures.tell("- stack of its instance", each("stacks")? / KIB, "KiB");
    figures.tell("- heap: store, request, stream", each("heap")? / KIB, "KiB");
    figures.tell("mappings for a call in flight", each("count")?, "");
    figures.tell("mappings at most, of 65530 by default", closer.of("count")?, "");
    Ok(())
}

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;

/// How a flight went.
struct Flight {
    /// Seconds until the last call had arrived at the upstream.
    arrived: f64,
    /// The most calls that had arrived and were not answered yet.
    together: f64,
    report: Report,
}

impl Flight {
    fn succeeded(&self) -> Result<f64> {
        self.report.of("succeeded")
    }
}

/// What the pilot reports.
struct Report(Value);

impl Report {
    fn of(&self, name: &str) -> Result<f64> {
        self.0[name].as_f64().with_context(|| format!("the host does not tell {name}"))
    }
}

/// Has the pilot make all calls, and watches them arrive.
fn fly_once(simulator: &Simulator, pilot: &mut Pilot, command: &str) -> Result<Flight> {
    simulator.forget()?;
    let started = now();
    pilot.say(command)?;
    let mut arrivals = Vec::new();
    while now() - started < PATIENCE.as_secs_f64() {
        let arrived = simulator.report()?.requests;
        arrivals.push((now(), arrived as f64));
        if arrived >= u64::from(CALLS) {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let report = pilot.hear()?;
    let answered: Vec<f64> = report.0["answered"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    ensure!(answered.len() == CALLS as usize, "{} of {CALLS} calls were answered", answered.len());
    let in_flight = |(at, arrived): &(f64, f64)| arrived - answered.partition_point(|time| time <= at) as f64;
    let together = arrivals.iter().map(in_flight).fold(0.0, f64::max);
    let arrived = arrivals.last().map_or(f64::NAN, |(at, _)| at - started);
    Ok(Flight { arrived, together, report })
}

/// The process in which the host is.
struct Pilot {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Pilot {
    fn start(simulator: &Introduction) -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        let mut process = command.arg(ROLE).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = BufReader::new(process.stdout.take().context("the host has no pipe")?);
        let mut pilot = Self { process, stdout };
        pilot.say(&simulator.to_json().to_string())?;
        Ok(pilot)
    }

    fn tell(&mut self, command: &str) -> Result<Report> {
        self.say(command)?;
        self.hear()
    }

    fn say(&mut self, line: &str) -> Result<()> {
        let stdin = self.process.stdin.as_mut().context("the host has no pipe")?;
        Ok(writeln!(stdin, "{line}")?)
    }

    fn hear(&mut self) -> Result<Report> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        serde_json::from_str(&line).map(Report).context("the host does not answer")
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Is the host, until its standard input ends.
pub(crate) fn fly() -> Result<()> {
    let mut commands = io::stdin().lines();
    let introduction = commands.next().context("nobody says where the simulator is")??;
    let introduction = Introduction::from_json(&serde_json::from_str(&introduction)?)?;
    let runtime = Runtime::new()?;
    let _entered = runtime.enter();
    let host = Arc::new(Host::new(PLUGIN, &Settings { calls: CALLS, reserve: 0, ..introduction.settings()? })?);
    let accounts = (0..ACCOUNTS).map(|_| Ok(Arc::new(introduction.account()?))).collect::<Result<Vec<_>>>()?;
    for command in commands {
        let report = match command?.as_str() {
            "connect" => {
                // One after the other, so that they share an instance's memory.
                accounts.iter().try_for_each(|account| runtime.block_on(call(&host, account)).map(drop))?;
                look()?
            }
            "fly" => runtime.block_on(flight(&host, &accounts, None))?,
            "fly and look" => runtime.block_on(flight(&host, &accounts, Some(LONG / 2)))?,
            _ => look()?,
        };
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{report}")?;
        stdout.flush()?;
    }
    Ok(())
}

/// All calls at once; somewhere in the middle, memory is looked at.
async fn flight(host: &Arc<Host>, accounts: &[Arc<Account>], look_after: Option<Duration>) -> Result<Value> {
    let started = now();
    let looking = look_after.map(|time| {
        tokio::task::spawn_blocking(move || {
            thread::sleep(time);
            look()
        })
    });
    let answered = calls(host, accounts, CALLS).await?;
    let mut report = match looking {
        Some(looking) => looking.await??,
        None => look()?,
    };
    report["took"] = (now() - started).into();
    report["succeeded"] = answered.len().into();
    report["answered"] = answered.into();
    Ok(report)
}

/// Makes so many calls at once, the accounts in turn. Tells when each was answered, in order.
async fn calls(host: &Arc<Host>, accounts: &[Arc<Account>], calls: u32) -> Result<Vec<f64>> {
    let mut running = JoinSet::new();
    for account in accounts.iter().cycle().take(calls as usize) {
        let (host, account) = (Arc::clone(host), Arc::clone(account));
        running.spawn(async move { call(&host, &account).await.map(|_| now()) });
    }
    let mut answered = running.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    answered.sort_by(f64::total_cmp);
    Ok(answered)
}

/// What this process takes of memory.
fn look() -> Result<Value> {
    let (resident, most_resident, mappings) = (resident()?, most_resident()?, Mappings::read()?);
    Ok(json!({
        "resident": resident,
        "most_resident": most_resident,
        "count": mappings.count,
        "memories": mappings.memories,
        "stacks": mappings.stacks,
        "heap": mappings.heap,
        "files": mappings.files,
    }))
}

/// Seconds on a clock that processes share.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}
