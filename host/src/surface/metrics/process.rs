//! What the system tells of this process, by the names that Prometheus' own clients have for it. Linux tells it; elsewhere
//! there is nothing.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use rustix::process::{Resource, getrlimit};

/// The kernel tells times to programs in hundredths of a second.
const TICKS: f64 = 100.0;

/// Reads it whenever it is asked for.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut tell = |name: &str, help: &str, unit: Option<&Unit>, metric: Option<&dyn EncodeMetric>| match metric {
            Some(metric) => metric.encode(encoder.encode_descriptor(name, help, unit, metric.metric_type())?),
            None => Ok(()),
        };
        let times = Times::read();
        let used = times.as_ref().map(|times| ConstCounter::new(times.used));
        let began = times.as_ref().and_then(|times| Some(ConstGauge::new(booted()? + times.began)));
        let resident = resident().map(ConstGauge::new);
        let (open, most) =
            (open_files().map(ConstGauge::new), getrlimit(Resource::Nofile).current.map(ConstGauge::new));
        tell("process_cpu", "Processor time that was used.", Some(&Unit::Seconds), used.as_ref().map(metric))?;
        tell("process_start_time", "When it began, since 1970.", Some(&Unit::Seconds), began.as_ref().map(metric))?;
        tell("process_resident_memory", "Memory in use.", Some(&Unit::Bytes), resident.as_ref().map(metric))?;
        tell("process_open_fds", "Open file descriptors.", None, open.as_ref().map(metric))?;
        tell("process_max_fds", "File descriptors that may be open.", None, most.as_ref().map(metric))
    }
}

fn metric<M: EncodeMetric>(metric: &M) -> &dyn EncodeMetric {
    metric
}

/// Times of the process, in seconds.
struct Times {
    /// Processor time, in the program and in the kernel for it.
    used: f64,
    /// When it began, since the system did.
    began: f64,
}

impl Times {
    fn read() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program, in parentheses, may have spaces in it.
        let after_name: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let seconds = |field: usize| Some(after_name.get(field)?.parse::<f64>().ok()? / TICKS);
        Some(Self { used: seconds(11)? + seconds(12)?, began: seconds(19)? })
    }
}

/// When the system began, in seconds since 1970.
fn booted() -> Option<f64> {
    number(&fs::read_to_string("/proc/stat").ok()?, "btime")
}

/// Bytes of memory in use.
fn resident() -> Option<f64> {
    Some(number(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")? * 1024.0)
}

/// Descriptors that are open, without the one by which they are counted.
fn open_files() -> Option<u64> {
    Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}

/// The number in the line that begins with this name.
fn number(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
