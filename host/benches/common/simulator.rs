//! The simulator in a process of its own, commanded by lines of JSON.

use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result};
use freshdesk_host::{Account, ApiKey, Development, Label, Settings};
use freshdesk_simulator::{Fault, FaultAction, Limits, State, seed};
use serde_json::{Value, json};

/// The argument that makes this executable the simulator.
pub(crate) const ROLE: &str = "--simulator";

/// A limit that no run reaches.
const NO_LIMIT: u32 = 1_000_000_000;

/// The simulator, seen from outside of its process. It ends when this is dropped.
pub(crate) struct Simulator {
    introduction: Introduction,
    process: Child,
    pipes: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

/// How a simulator is reached.
#[derive(Clone, Debug)]
pub(crate) struct Introduction {
    pub(crate) addr: SocketAddr,
    /// The certificate of its authority, in PEM.
    pub(crate) authority: String,
}

/// What a simulator has seen: connections and handshakes since its start, the rest since it was told to forget.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) handshakes: u64,
    pub(crate) requests: u64,
    /// Those answered with status 429.
    pub(crate) throttled: u64,
    /// Processor time of the simulator since its start.
    pub(crate) busy: Duration,
    /// The last request, but for its connection.
    pub(crate) last: Value,
}

impl Simulator {
    /// Starts one that answers at once.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        let mut process = command.arg(ROLE).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (stdin, stdout) = process.stdin.take().zip(process.stdout.take()).context("the simulator has no pipes")?;
        let mut stdout = BufReader::new(stdout);
        let introduction = Introduction::from_json(&read(&mut stdout)?)?;
        Ok(Self { introduction, process, pipes: Mutex::new(Some((stdin, stdout))) })
    }

    pub(crate) fn introduction(&self) -> &Introduction {
        &self.introduction
    }

    /// Makes every answer come this much later.
    pub(crate) fn delay(&self, delay: Duration) -> Result<Report> {
        self.tell(&json!({"delay_ms": delay.as_millis() as u64}))
    }

    /// Makes the helpdesk allow so many calls in a window; without an argument, as many as there may be.
    pub(crate) fn limit(&self, limit: Option<(u32, Duration)>) -> Result<Report> {
        let (total, window) = limit.unwrap_or((NO_LIMIT, Duration::from_secs(60)));
        self.tell(&json!({"total": total, "window_ms": window.as_millis() as u64}))
    }

    /// Makes it forget the requests that it has seen.
    pub(crate) fn forget(&self) -> Result<Report> {
        self.tell(&json!({"forget": true}))
    }

    /// What it has seen.
    pub(crate) fn report(&self) -> Result<Report> {
        self.tell(&json!({}))
    }

    fn tell(&self, command: &Value) -> Result<Report> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = pipes.as_mut().context("the simulator has ended")?;
        writeln!(stdin, "{command}")?;
        Report::from_json(&read(stdout)?).context("the simulator's report is not whole")
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It ends when there are no more commands to come.
        drop(self.pipes.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.process.wait();
    }
}

impl Introduction {
    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let text = |name: &str| value[name].as_str().with_context(|| format!("the simulator names no {name}"));
        Ok(Self { addr: text("addr")?.parse()?, authority: text("authority")?.to_owned() })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"addr": self.addr.to_string(), "authority": self.authority})
    }

    /// Settings with which a host reaches it.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let resolve = [(Label::parse(seed::LABEL)?.host(), self.addr)].into();
        let development = Development { resolve, trust_roots: vec![self.authority.clone()] };
        let cache = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-cache").into());
        Ok(Settings { cache, development, ..Settings::default() })
    }

    /// A new account of its administrator.
    pub(crate) fn account(&self) -> Result<Account> {
        Ok(Account::new(Label::parse(seed::LABEL)?, ApiKey::new(seed::ADMIN_KEY)?))
    }
}

impl Report {
    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            handshakes: value["handshakes"].as_u64()?,
            requests: value["requests"].as_u64()?,
            throttled: value["throttled"].as_u64()?,
            busy: Duration::from_millis(value["busy_ms"].as_u64()?),
            last: value["last"].clone(),
        })
    }
}

fn read(stdout: &mut impl BufRead) -> Result<Value> {
    let mut line = String::new();
    stdout.read_line(&mut line)?;
    serde_json::from_str(&line).context("the simulator does not answer")
}

/// Is the simulator, until its standard input ends.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let simulator = runtime.block_on(freshdesk_simulator::Simulator::start(Default::default()))?;
    simulator.state().helpdesk(seed::LABEL).limits = Limits::total(NO_LIMIT);
    let authority = simulator.authority_pem().unwrap_or_default().to_owned();
    say(&Introduction { addr: simulator.addr(), authority }.to_json())?;
    for line in io::stdin().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        let report = obey(&mut simulator.state(), &command);
        say(&report)?;
    }
    Ok(())
}

/// Does what a command says, and tells what was seen until now.
fn obey(state: &mut State, command: &Value) -> Value {
    if let Some(delay) = command["delay_ms"].as_u64() {
        state.faults.clear();
        if delay > 0 {
            let action = FaultAction::Delay(Duration::from_millis(delay));
            state.faults.push(Fault { times: u32::MAX, ..Fault::once(action) });
        }
    }
    if let Some((total, window)) = command["total"].as_u64().zip(command["window_ms"].as_u64()) {
        let helpdesk = state.helpdesk(seed::LABEL);
        helpdesk.limits = Limits::total(u32::try_from(total).unwrap_or(NO_LIMIT));
        helpdesk.window = Duration::from_millis(window);
        helpdesk.spend = Default::default();
    }
    let last = state.journal.last().map(|last| {
        json!([last.version, last.host, last.method, last.path, last.query, last.headers, last.body.len()])
    });
    let report = json!({
        "handshakes": state.handshakes,
        "requests": state.journal.len(),
        "throttled": state.journal.iter().filter(|exchange| exchange.status == 429).count(),
        "busy_ms": busy(),
        "last": last,
    });
    if command["forget"] == true {
        state.journal = Vec::new();
    }
    report
}

/// Milliseconds of processor time that this process has used; the kernel counts them in hundredths of a second.
fn busy() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may have spaces in it.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let times = after_name.split_whitespace().skip(11).take(2);
    times.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

fn say(value: &Value) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{value}")?;
    Ok(stdout.flush()?)
}
