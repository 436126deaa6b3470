//! From the start of the process to its first answer over standard input and output, as an agent's program starts it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::figures::{Bar, Figures};
use crate::process::{busy, busy_children, most_resident, percentile};

/// Starts that are timed, after some that fill caches: the first compiles the plugin.
const STARTS: usize = 50;
const FIRST: usize = 3;

/// Longest time that an ended process may take.
const END: Duration = Duration::from_secs(10);

const MIB: f64 = (1 << 20) as f64;

/// What was used until an answer was read.
struct Used {
    /// Since before the process was started.
    time: Duration,
    busy: Duration,
    resident: f64,
}

/// One start: until the first answer, and until the tools were listed, for which the plugin has to be there.
struct Start {
    first: Used,
    listed: Used,
}

pub(crate) fn measure((): &(), figures: &mut Figures) -> Result<()> {
    let home = tempfile::tempdir()?;
    for (method, requests) in [
        ("initialize", [initialize(), list(json!({}))]),
        ("server/discover", [discover(), list(json!({"_meta": about()}))]),
    ] {
        for _ in 0..FIRST {
            start(&home, &requests)?;
        }
        let before = busy_children()?;
        let starts: Vec<_> = (0..STARTS).map(|_| start(&home, &requests)).collect::<Result<_>>()?;
        let whole = (busy_children()? - before) * 10.0 / STARTS as f64;
        let of = |part: fn(&Start) -> f64| {
            let mut values: Vec<_> = starts.iter().map(part).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let times = of(|start| start.first.time.as_secs_f64() * 1000.0);
        figures.hold(
            &format!("start to the answer of {method}, p50"),
            percentile(&times, 0.5),
            "ms",
            Bar::AtMost(50.0),
        );
        figures.tell("  p95", percentile(&times, 0.95), "ms");
        let busy = of(|start| start.first.busy.as_secs_f64() * 1000.0);
        figures.hold("  CPU until then, p50", percentile(&busy, 0.5), "ms", Bar::AtMost(25.0));
        figures.tell("  p95", percentile(&busy, 0.95), "ms");
        let times = of(|start| start.listed.time.as_secs_f64() * 1000.0);
        figures.tell("  start to the list of tools, p50", percentile(&times, 0.5), "ms");
        figures.tell("  p95", percentile(&times, 0.95), "ms");
        figures.tell("  CPU from start to end, mean", whole, "ms");
        let resident = of(|start| start.first.resident.max(start.listed.resident) / MIB);
        figures.hold("  most memory resident, of all starts", percentile(&resident, 1.0), "MiB", Bar::AtMost(40.0));
    }
    Ok(())
}

fn list(params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": params})
}

/// The first request of clients of 2025-11-25 and before.
pub(crate) fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"},
    }})
}

/// The first request of clients since 2026-07-28.
pub(crate) fn discover() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": about()}})
}

/// What clients since 2026-07-28 say with every request.
pub(crate) fn about() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

fn start(home: &TempDir, requests: &[Value; 2]) -> Result<Start> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
    command.arg("mcp").env_clear().env("HOME", home.path());
    command.env("FRESHDESK_DOMAIN", "acme").env("FRESHDESK_API_KEY", "FAKEkeyOfNobody12345");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn()?;
    let outcome = talk(&mut child, requests, began);
    // It ends when its standard input does.
    drop(child.stdin.take());
    let ended = ended(&mut child);
    let start = outcome?;
    ended?;
    Ok(start)
}

fn talk(child: &mut Child, [first, second]: &[Value; 2], began: Instant) -> Result<Start> {
    let stdin = child.stdin.as_ref().context("it has no standard input")?;
    let say = |message: &Value| {
        let mut stdin = stdin;
        writeln!(stdin, "{message}")
    };
    let mut stdout = BufReader::new(child.stdout.take().context("it has no standard output")?);
    let mut ask = |request: &Value| {
        say(request)?;
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let time = began.elapsed();
        let used = Used { time, busy: busy(child.id())?, resident: most_resident(child.id())? };
        let answer: Value = serde_json::from_str(&line).with_context(|| format!("it answered {line:?}"))?;
        ensure!(answer["id"] == request["id"] && answer["result"].is_object(), "it answered {answer}");
        Ok(used)
    };
    let first_used = ask(first)?;
    if first["method"] == "initialize" {
        say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
    }
    Ok(Start { first: first_used, listed: ask(second)? })
}

/// Waits until the process has ended; one that does not is ended.
fn ended(child: &mut Child) -> Result<()> {
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > END {
            child.kill()?;
            child.wait()?;
            anyhow::bail!("it did not end when its standard input did");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
