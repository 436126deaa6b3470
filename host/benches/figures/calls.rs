//! The call that all sides make, and how it is timed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use freshdesk_components::PLUGIN;
use freshdesk_host::{Account, Host, Settings};
use freshdesk_simulator::seed;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::common::simulator::Simulator;
use crate::default_sender::DefaultSender;
use crate::native::Native;

/// The tool that is called.
pub(crate) const TOOL: &str = "freshdesk_ticket_get";

/// Who makes the call.
pub(crate) enum Side {
    /// Rust, without a sandbox.
    Native(Native),
    /// Our host.
    Sandboxed(Host, Arc<Account>),
    /// Wasmtime alone.
    DefaultSender(DefaultSender),
}

impl Side {
    /// Our host with its default settings, and one account.
    pub(crate) fn sandboxed(simulator: &Simulator) -> Result<Self> {
        let introduction = simulator.introduction();
        let settings = Settings { reserve: 0, ..introduction.settings()? };
        Ok(Self::Sandboxed(Host::new(PLUGIN, &settings)?, Arc::new(introduction.account()?)))
    }

    /// Makes the call once. It has to be answered with the ticket.
    pub(crate) async fn call(&self) -> Result<()> {
        let ticket = match self {
            Self::Native(native) => native.call().await?,
            Self::Sandboxed(host, account) => call(host, account).await?,
            Self::DefaultSender(wasmtime) => wasmtime.call().await?,
        };
        ensure!(ticket["id"] == seed::TICKET_ID, "another ticket was answered: {ticket}");
        Ok(())
    }

    /// Makes so many calls, one after the other, and times each.
    pub(crate) async fn one_by_one(&self, calls: usize) -> Result<Vec<Duration>> {
        let mut times = Vec::with_capacity(calls);
        for _ in 0..calls {
            let started = Instant::now();
            self.call().await?;
            times.push(started.elapsed());
        }
        Ok(times)
    }

    /// So many callers call as fast as they are answered, for this time. Tells how many calls a second that were.
    pub(crate) async fn at_once(self: &Arc<Self>, callers: usize, time: Duration) -> Result<f64> {
        let started = Instant::now();
        let mut running = JoinSet::new();
        for _ in 0..callers {
            let side = Arc::clone(self);
            running.spawn(async move {
                let mut calls = 0;
                while started.elapsed() < time {
                    side.call().await?;
                    calls += 1;
                }
                Ok(calls)
            });
        }
        let calls: Vec<u32> = running.join_all().await.into_iter().collect::<Result<_>>()?;
        Ok(f64::from(calls.iter().sum::<u32>()) / started.elapsed().as_secs_f64())
    }
}

/// The call through our host.
pub(crate) async fn call(host: &Host, account: &Arc<Account>) -> Result<Value> {
    host.call(account, TOOL, &arguments()).await.map_err(|error| anyhow!("{}", error.log()))
}

/// The arguments of the call.
pub(crate) fn arguments() -> Value {
    json!({"ticket_id": seed::TICKET_ID})
}

/// Runs on the workers of a runtime, as calls do in a server.
pub(crate) fn run<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let runtime = Runtime::new()?;
    runtime.block_on(runtime.spawn(work)).context("it broke")?
}

/// The value in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length.is_multiple_of(2) => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}

/// A time in microseconds.
pub(crate) fn micros(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The time in the middle, in microseconds.
pub(crate) fn median_time<'a>(times: impl IntoIterator<Item = &'a Duration>) -> f64 {
    median(times.into_iter().map(micros))
}
