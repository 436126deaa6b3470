//! What this process has of what can grow.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

/// Memory may differ by so much between two rests. Each place that an instance can have keeps 300 kB once it was used, and
/// allocators keep what they were given, in as many places as there are threads: `.ci/full` has one for the half hour. There, at some
/// hundred calls a second, it is less than two hundred bytes a call.
const MEMORY: u64 = 64 << 20;

/// Descriptors, tasks and threads may differ by so many: what is just being closed.
const FEW: u64 = 12;

/// The time that it takes to come to rest, at most.
const REST: Duration = Duration::from_secs(15);

/// One part of what there is.
type Part = fn(&Measure) -> u64;

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    /// Bytes of memory in use.
    memory: u64,
    /// Open descriptors.
    descriptors: u64,
    /// Tasks of the runtime that have not ended.
    tasks: u64,
    /// Threads.
    threads: u64,
}

impl Measure {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let number = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        Self {
            memory: number("VmRSS:") * 1024,
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count() as u64,
            tasks: Handle::current().metrics().num_alive_tasks() as u64,
            threads: number("Threads:"),
        }
    }

    /// What there is once nothing is closed or ended any more.
    pub(super) async fn at_rest() -> Self {
        let begun = Instant::now();
        let mut last = Self::now();
        let mut same = 0;
        while same < 3 && begun.elapsed() < REST {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = Self::now();
            let counts = |measure: &Self| (measure.descriptors, measure.tasks);
            same = if counts(&now) == counts(&last) { same + 1 } else { 0 };
            last = now;
        }
        last
    }

    /// The first of these is what all others are held against.
    pub(super) fn assert_flat(measures: &[Self]) {
        let (warm, last) = (measures[0], measures[measures.len() - 1]);
        let kinds: [(&str, Part, u64); 4] = [
            ("memory", |measure| measure.memory, MEMORY),
            ("descriptors", |measure| measure.descriptors, FEW),
            ("tasks", |measure| measure.tasks, FEW),
            ("threads", |measure| measure.threads, FEW),
        ];
        for (name, of, tolerance) in kinds {
            let (warm, last) = (of(&warm), of(&last));
            println!("{name}: {warm} after the warm-up, {last} at the end, {tolerance} more would be allowed");
            assert!(last <= warm + tolerance, "{name} grew from {warm} to {last}");
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, descriptors, tasks, threads } = self;
        let memory = memory >> 20;
        write!(f, "{memory} MiB of memory, {descriptors} descriptors, {tasks} tasks, {threads} threads")
    }
}
