//! What is counted, for who operates the host. The values of every label are a closed set: tools, outcomes, surfaces, classes
//! of status. None names a user, a helpdesk or a ticket, and no caller can add one.

mod process;
mod requests;
mod served;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::shape::Offered;
use crate::error::{BROKEN, CallError, UNKNOWN_TOOL};
use crate::stage::{Stage, Stages};
pub(crate) use requests::{Surface, watched};
pub(crate) use served::counts;

/// Seconds of a call: Freshdesk answers most reads within half a second, and a call may take thirty.
const CALL_SECONDS: [f64; 10] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0];

/// Seconds that a call waits for its turn: none, mostly, and up to a window where the budget is used up.
const WAIT_SECONDS: [f64; 8] = [0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 30.0];

/// The outcome of a call that gave an answer.
const OK: &str = "ok";

/// The outcome of a call that nobody waited for any more before anything of it had left.
const CALLED_OFF: &str = "called_off";

/// The tool of calls whose tool is none.
const UNKNOWN: &str = "unknown";

/// A label: its name and its value.
type Label = (&'static str, String);

/// What is counted.
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<[Label; 2], Counter>,
    durations: Family<[Label; 1], Histogram, fn() -> Histogram>,
    running: Gauge,
    waits: Histogram,
    requests: Family<[Label; 2], Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let calls = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(CALL_SECONDS)) as fn() -> Histogram);
        let (running, waits, requests) = (Gauge::default(), Histogram::new(WAIT_SECONDS), Family::default());
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process));
        let own = registry.sub_registry_with_prefix("freshdesk_host");
        own.register("build", "The program that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        own.register("calls", "Calls of tools that ended, by outcome: ok, or why not", Family::clone(&calls));
        let told = "Time that a call took, the waiting for its turn included";
        own.register_with_unit("call_duration", told, Unit::Seconds, Family::clone(&durations));
        own.register("calls_running", "Calls that run now", Gauge::clone(&running));
        let told = "Time that calls waited for a turn of their helpdesk's budget";
        own.register_with_unit("turn_wait", told, Unit::Seconds, Histogram::clone(&waits));
        own.register("http_requests", "Requests that were answered, by class of status", Family::clone(&requests));
        Self { registry, calls, durations, running, waits, requests }
    }
}

impl Metrics {
    /// Shows the tools from the start, with no calls: what appears with its first call hides that from who looks at growth.
    pub(crate) fn expect(&self, tools: &[Offered]) {
        for tool in tools {
            self.calls.get_or_create_owned(&ended(&tool.name, OK));
            self.durations.get_or_create_owned(&[("tool", tool.name.clone())]);
        }
    }

    /// Counts a call of a tool from now on; it ends when what comes back is dropped.
    pub(crate) fn begin(self: &Arc<Self>, tool: &Offered) -> Running {
        self.running.inc();
        Running { metrics: Arc::clone(self), tool: tool.name.clone(), began: Instant::now(), outcome: None }
    }

    /// Counts a call of a tool that there is not.
    pub(crate) fn unknown(&self) {
        self.calls.get_or_create_owned(&ended(UNKNOWN, UNKNOWN_TOOL)).inc();
    }

    /// Runs a call, and measures how long it waits for its turn, also where it waits in vain.
    pub(crate) async fn timed<T>(&self, stages: &Stages, call: impl Future<Output = T>) -> T {
        let (mut seen, mut since) = (stages.watch(), None::<Instant>);
        let mut call = pin!(call);
        let result = loop {
            tokio::select! {
                biased;
                result = &mut call => break result,
                Ok(()) = seen.changed() => match *seen.borrow_and_update() {
                    Stage::Waiting => since = Some(Instant::now()),
                    Stage::Left => self.waits.observe(since.take().map_or(0.0, |since| since.elapsed().as_secs_f64())),
                    Stage::Begun | Stage::CalledOff => since = None,
                },
            }
        };
        since.into_iter().for_each(|since| self.waits.observe(since.elapsed().as_secs_f64()));
        result
    }

    /// Counts a request that was answered.
    fn requested(&self, surface: Surface, class: &'static str) {
        let labels = [("surface", surface.name().to_owned()), ("status", class.to_owned())];
        self.requests.get_or_create_owned(&labels).inc();
    }

    /// All of it, in OpenMetrics' text format or in the older one of Prometheus.
    pub(crate) fn text(&self, open_metrics: bool) -> Result<String, fmt::Error> {
        let mut text = String::new();
        match open_metrics {
            true => text::encode(&mut text, &self.registry)?,
            false => prometheus_text::encode(&mut text, &self.registry)?,
        }
        Ok(text)
    }
}

/// A call that runs.
pub(crate) struct Running {
    metrics: Arc<Metrics>,
    tool: String,
    began: Instant,
    outcome: Option<&'static str>,
}

impl Running {
    /// Notes how the call ends: with an answer, or for this reason. One that ends without a word was called off.
    pub(crate) fn ends(&mut self, why: Option<&CallError>) {
        self.outcome = Some(why.map_or(OK, CallError::outcome));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let silent = if std::thread::panicking() { BROKEN } else { CALLED_OFF };
        self.metrics.running.dec();
        self.metrics.calls.get_or_create_owned(&ended(&self.tool, self.outcome.unwrap_or(silent))).inc();
        let durations = self.metrics.durations.get_or_create_owned(&[("tool", self.tool.clone())]);
        durations.observe(self.began.elapsed().as_secs_f64());
    }
}

fn ended(tool: &str, outcome: &str) -> [Label; 2] {
    [("tool", tool.to_owned()), ("outcome", outcome.to_owned())]
}
