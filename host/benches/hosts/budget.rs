//! What it costs to share a helpdesk's budget: round trips to the database for statements that name its table. It is measured
//! where there is plenty, and where more call than the helpdesk allows.

use std::time::Duration;

use anyhow::Result;

use crate::client::{Client, read};
use crate::common::command::Server;
use crate::common::figures::{Bar, Figures};
use crate::load::{Coming, arrivals, callers};
use crate::locks::Watch;
use crate::office::Office;
use crate::spoken::Asked;

/// Callers of a host under load, who call again when they are answered.
const CALLERS: usize = 16;

/// Calls of a host each second that come by chance.
const RATE: f64 = 20.0;

const WARM: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(10);

/// What is written within moments of a call is the call's still.
const SETTLED: Duration = Duration::from_millis(300);

/// Calls that a helpdesk allows a minute of which there are too few, and callers of each host that want them.
const FEW: u32 = 50;
const WANTED: usize = 14;

/// Time after which nobody calls again: who waits by then is answered in the second window.
const FEW_LONG: Duration = Duration::from_secs(50);

/// Calls that are made alone, and the time between two.
const ALONE: usize = 30;
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) fn measure(office: &Office, figures: &mut Figures) -> Result<()> {
    for (hosts, name) in [(1, "one host"), (3, "three hosts")] {
        let hosts = office.serve(hosts, &[])?;
        let bar = Bar::AtMost(1.0);
        let watch = Watch::start(office.runtime.handle(), &office.database)?;
        let (asked, calls) = load(office, &hosts)?;
        let waits = office.runtime.block_on(watch.stop())?.of_each(calls);
        let trips = |asked: Asked, calls: f64| asked.budget_answers as f64 / calls;
        let figure = format!("round trips of the shared budget for a call, {name}, {CALLERS} callers each");
        figures.hold(&figure, trips(asked, calls), "", bar);
        figures.tell("- statements", asked.budget_statements as f64 / calls, "");
        figures.tell("- calls answered", calls / LONG.as_secs_f64(), "/s");
        figures.tell("- waiting for locks, of any table", waits.time.as_secs_f64() * 1000.0, "ms");
        let (asked, calls) = by_chance(office, &hosts)?;
        figures.hold(&format!("- {RATE} calls a second each"), trips(asked, calls), "", bar);
        let (asked, calls) = alone(office, &hosts)?;
        figures.hold("- one call at a time", trips(asked, calls), "", bar);
        office.simulator.forget()?;
    }
    let outcome = too_few(office, figures);
    office.simulator.limit(None)?;
    outcome
}

/// Where callers wait for the next window, and hosts for what others leave.
fn too_few(office: &Office, figures: &mut Figures) -> Result<()> {
    // What is known of the limit until now is none of it.
    let forget =
        async { Ok::<_, anyhow::Error>(office.database.direct().await?.batch_execute("TRUNCATE budgets").await?) };
    office.runtime.block_on(forget)?;
    let hosts = office.serve(3, &["--deadline", "140"])?;
    office.simulator.limit(Some((FEW, Duration::from_secs(60))))?;
    let all = async { Ok(callers(office, &hosts, WANTED, (Duration::ZERO, FEW_LONG), read).await?.all()) };
    let (asked, calls) = counted(office, all)?;
    let report = office.simulator.forget()?;
    let figure = format!("round trips for a call, three hosts, {WANTED} callers each, {FEW} calls a minute");
    figures.hold(&figure, asked.budget_answers as f64 / calls, "", Bar::AtMost(1.0));
    figures.tell("- calls answered", calls, "");
    figures.hold("- calls refused with 429", report.throttled as f64, "", Bar::AtMost(0.0));
    Ok(())
}

/// What was asked, and how many calls were made, when all call as fast as they are answered.
fn load(office: &Office, hosts: &[Server]) -> Result<(Asked, f64)> {
    let callers = |time| callers(office, hosts, CALLERS, (Duration::ZERO, time), read);
    office.runtime.block_on(callers(WARM))?;
    counted(office, async { Ok(callers(LONG).await?.all()) })
}

/// The same when calls come by chance.
fn by_chance(office: &Office, hosts: &[Server]) -> Result<(Asked, f64)> {
    let coming = Coming::ByChance(RATE * hosts.len() as f64);
    counted(office, async { Ok(arrivals(office, hosts, coming, LONG, read).await?.all()) })
}

/// The same for calls of which each is alone, at one host after the other.
fn alone(office: &Office, hosts: &[Server]) -> Result<(Asked, f64)> {
    counted(office, async {
        let mut clients: Vec<_> = hosts.iter().map(|host| Client::new(&host.address, &office.token)).collect();
        let hosts = clients.len();
        for number in 0..ALONE {
            tokio::time::sleep(PAUSE).await;
            clients[number % hosts].call(&read(number)).await?;
        }
        Ok(ALONE as f64)
    })
}

/// What was asked meanwhile, beside what comes back.
fn counted(office: &Office, calls: impl Future<Output = Result<f64>>) -> Result<(Asked, f64)> {
    std::thread::sleep(SETTLED);
    let before = office.counter.asked()?;
    let calls = office.runtime.block_on(calls)?;
    std::thread::sleep(SETTLED);
    Ok((office.counter.asked()? - before, calls))
}
