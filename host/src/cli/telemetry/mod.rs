//! What the operator sees of a host that runs: the log, and traces where a collector is named by OpenTelemetry's variables.
//!
//! Both have the records of this program alone: libraries log what passes through them, such as headers and bodies.

mod collector;
#[cfg(test)]
mod tests;
mod traces;

use std::io;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Subscriber, warn};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

pub(super) use traces::follow;

/// Where the records of this program come from.
const OWN: &str = "freshdesk_host";

/// Time for the traces that wait to be sent when the program ends.
const LAST: Duration = Duration::from_secs(5);

/// What is logged, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "What is logged")]
pub(super) struct Telemetry {
    /// How much is logged, on standard error: off, error, warn, info, debug or trace
    #[arg(long, env = "FRESHDESK_LOG", value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
    /// How it is written: as text, or as an object of JSON a line
    #[arg(long, env = "FRESHDESK_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t)]
    log_format: Format,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The log and the traces of a program that runs.
#[must_use = "traces that wait are sent at its end"]
pub(super) struct Running(Option<SdkTracerProvider>);

impl Telemetry {
    /// Begins to log and to trace; to be called once, in a runtime.
    pub(super) fn begin(&self) -> Result<Running> {
        let (provider, trouble) = match traces::provider(&|name| std::env::var(name).ok()) {
            Ok(provider) => (provider, None),
            Err(trouble) => (None, Some(trouble)),
        };
        let log = log(self.log_format, self.log, io::stderr);
        let traced = provider.as_ref().map(traces::layer);
        registry().with(log).with(traced).try_init()?;
        if let Some(why) = trouble {
            warn!(why, "no traces are sent");
        }
        Ok(Running(provider))
    }
}

impl Running {
    /// Sends the traces that wait, if the collector takes them in time.
    pub(super) async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST)).await;
        if !matches!(ended, Ok(Ok(()))) {
            warn!("the last traces were not sent");
        }
    }
}

/// Writes the log.
fn log<S, W>(format: Format, level: LevelFilter, to: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let own = Targets::new().with_target(OWN, level);
    let log = fmt::layer().with_ansi(false).with_writer(to);
    match format {
        Format::Text => log.with_filter(own).boxed(),
        Format::Json => log.json().flatten_event(true).with_filter(own).boxed(),
    }
}
