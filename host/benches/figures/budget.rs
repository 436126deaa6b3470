//! Fifty callers on one helpdesk of fifty calls a window.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use freshdesk_components::PLUGIN;
use freshdesk_host::{Host, Settings};
use tokio::task::JoinSet;

use crate::calls::{call, run};
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::{Introduction, Simulator};

const CALLERS: usize = 50;
const CALLS: u32 = 50;
const WINDOW: Duration = Duration::from_secs(1);
const WINDOWS: u32 = 10;

pub(crate) fn measure(simulator: &Arc<Simulator>, figures: &mut Figures) -> Result<()> {
    simulator.forget()?;
    simulator.limit(Some((CALLS, WINDOW)))?;
    let introduction = simulator.introduction().clone();
    let shares = run(async move { shares(&introduction).await });
    let report = simulator.forget()?;
    simulator.limit(None)?;
    let shares = shares?;
    figures.hold("calls refused with 429", report.throttled as f64, "", Bar::AtMost(0.0));
    figures.hold("fairness, Jain's index", jain(&shares), "", Bar::AtLeast(0.95));
    let used = shares.iter().sum::<f64>() / f64::from(WINDOWS * CALLS);
    figures.hold("budget used", used * 100.0, "%", Bar::AtLeast(95.0));
    Ok(())
}

/// How many calls each caller had answered in the windows. All call as fast as they are answered.
async fn shares(introduction: &Introduction) -> Result<Vec<f64>> {
    let settings = introduction.settings()?;
    let host = Arc::new(Host::new(PLUGIN, &Settings { window: WINDOW, reserve: 0, ..settings })?);
    let end = Instant::now() + WINDOWS * WINDOW;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (host, account) = (Arc::clone(&host), Arc::new(introduction.account()?));
        callers.spawn(async move {
            let mut answered = 0.0;
            while Instant::now() < end {
                call(&host, &account).await?;
                if Instant::now() < end {
                    answered += 1.0;
                }
            }
            Ok(answered)
        });
    }
    callers.join_all().await.into_iter().collect()
}

/// How evenly shares are shared: 1 when all have the same, and 1/n when one has all.
fn jain(shares: &[f64]) -> f64 {
    let (sum, squares) = shares.iter().fold((0.0, 0.0), |(sum, squares), share| (sum + share, squares + share * share));
    sum * sum / (shares.len() as f64 * squares)
}
