//! What the kernel tells of another process.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Processor time that its threads have used until now, to the nanosecond. Of threads that have ended nothing is known.
pub(crate) fn busy(id: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(format!("/proc/{id}/task"))? {
        let times = fs::read_to_string(task?.path().join("schedstat"))?;
        nanoseconds += times.split(' ').next().context("the kernel counts no times")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Processor time of all processes that have ended and were waited for, in hundredths of a second.
pub(crate) fn busy_children() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may have spaces in it.
    let after_name = stat.rsplit(')').next().context("the kernel tells no such thing")?;
    let ticks = after_name.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()?)
}

/// The most bytes that were ever resident.
pub(crate) fn most_resident(id: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the kernel tells no such thing")?;
    Ok(line.split_whitespace().next().context("the kernel tells it otherwise")?.parse::<f64>()? * 1024.0)
}

/// The value below which this share of the values is; they have to be sorted.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(((last as f64) * share).round() as usize).copied().unwrap_or(f64::NAN)
}
