//! Who waits for a lock. PostgreSQL 15 keeps no count of that, so it is looked up about five hundred times a second: waits that
//! are shorter than that may be missed each for itself, but not the time that all of them take together.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::database::Database;

const OFTEN: Duration = Duration::from_millis(2);

/// How long a lock is held to see that its being waited for is seen.
const LOCKED: Duration = Duration::from_millis(200);

/// The sessions of a database that wait for a lock, and since when they run the statement that does.
const WAITING: &str =
    "SELECT pid, query_start::TEXT FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'";

/// What was seen of waits for locks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits {
    /// Statements that were seen to wait.
    pub(crate) number: f64,
    /// How long all of them waited, as the number of those who did at each look tells.
    pub(crate) time: Duration,
}

impl Waits {
    /// What comes to each of so many calls.
    pub(crate) fn of_each(self, calls: f64) -> Self {
        Self { number: self.number / calls, time: self.time.div_f64(calls) }
    }
}

/// Looks until it is told to stop.
pub(crate) struct Watch {
    looking: JoinHandle<Result<Waits>>,
    stop: Arc<Notify>,
}

impl Watch {
    pub(crate) fn start(runtime: &Handle, database: &Database) -> Result<Self> {
        let (client, name) = (runtime.block_on(database.beside())?, database.name().to_owned());
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let looking = runtime.spawn(async move {
            let statement = client.prepare(WAITING).await?;
            let (mut seen, mut time, mut last) = (HashSet::new(), Duration::ZERO, Instant::now());
            let mut ticks = interval(OFTEN);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stopped.notified() => return Ok(Waits { number: seen.len() as f64, time }),
                    _ = ticks.tick() => {}
                }
                let rows = client.query(&statement, &[&name]).await?;
                let since = std::mem::replace(&mut last, Instant::now()).elapsed();
                time += since * u32::try_from(rows.len())?;
                seen.extend(rows.iter().map(|row| (row.get::<_, i32>(0), row.get::<_, Option<String>>(1))));
            }
        });
        Ok(Self { looking, stop })
    }

    /// Fails unless a wait is seen that is known to take place.
    pub(crate) fn sees(runtime: &Handle, database: &Database) -> Result<()> {
        let watch = Self::start(runtime, database)?;
        let waits = runtime.block_on(async {
            let (first, second) = (database.direct().await?, database.direct().await?);
            first.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(6)").await?;
            let waiting = tokio::spawn(async move { second.batch_execute("SELECT pg_advisory_lock(6)").await });
            tokio::time::sleep(LOCKED).await;
            first.batch_execute("COMMIT").await?;
            waiting.await??;
            watch.stop().await
        })?;
        let least = LOCKED / 2;
        ensure!(waits.number == 1.0 && waits.time > least, "a wait of {LOCKED:?} for a lock is seen as {waits:?}");
        Ok(())
    }

    /// What was seen.
    pub(crate) async fn stop(self) -> Result<Waits> {
        self.stop.notify_one();
        self.looking.await?
    }
}
