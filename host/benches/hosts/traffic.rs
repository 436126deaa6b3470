//! What a call costs the database, with one host and with three: statements, answers that are waited for, and locks.
//!
//! Calls come by chance, as those of many agents do, and every host has as many: then the calls of each share as many commits.
//! Three hosts are also measured with as many calls as the one had in all. Where these come evenly, no two of them share
//! anything, with one host as with three; where they come by chance, fewer of them meet one another at a host, and share a
//! commit. All are of one helpdesk, so that whatever hosts share about it, they all want. What hosts ask when nobody calls is
//! told by itself, and taken off.

use std::time::Duration;

use anyhow::Result;

use crate::client::{Make, read, write};
use crate::common::command::Server;
use crate::common::figures::{Bar, Figures};
use crate::load::{Coming, arrivals};
use crate::locks::{Waits, Watch};
use crate::office::Office;
use crate::spoken::Asked;

/// Calls a second.
const RATE: f64 = 20.0;

const LONG: Duration = Duration::from_secs(12);

/// How long hosts are left alone, to see what they ask by themselves.
const QUIET: Duration = Duration::from_secs(5);

/// What is written within moments of a call is the call's still.
const SETTLED: Duration = Duration::from_millis(300);

/// By how much a figure may be larger that is not to grow: what chance makes of it.
const CHANCE: f64 = 1.05;

/// Milliseconds of a call that may be added to its waiting for locks, of which there may be none at all: a small part of
/// what a commit takes.
const LOCKED: f64 = 0.05;

const KINDS: [(&str, Make); 2] = [("a read", read), ("a write with a key", write)];

/// What is told of a call's cost, by its name.
type Part = (&'static str, fn(&Cost) -> f64);

const PARTS: [Part; 2] = [("statements", |cost| cost.statements), ("round trips", |cost| cost.answers)];

/// What a call cost.
struct Cost {
    statements: f64,
    answers: f64,
    commits: f64,
    /// Round trips, where those that were sent in one go count as one.
    bursts: f64,
    waits: Waits,
    /// How long half of the calls took at most, in milliseconds.
    median: f64,
}

/// One host, or three: what they ask each second when nobody calls, and what a call costs that comes so.
struct Measured {
    quiet: Asked,
    each: Vec<Cost>,
    evenly: Vec<Cost>,
    in_all: Vec<Cost>,
}

pub(crate) fn measure(office: &Office, figures: &mut Figures) -> Result<()> {
    let one = measured(office, 1)?;
    let three = measured(office, 3)?;
    for (kind, (name, _)) in KINDS.into_iter().enumerate() {
        for (part, of) in PARTS {
            let bar = Bar::AtMost(CHANCE);
            figures.tell(&format!("{part} of {name}, one host, {RATE} calls a second"), of(&one.each[kind]), "");
            figures.tell("- three hosts, as many each", of(&three.each[kind]), "");
            figures.hold("- - three to one", of(&three.each[kind]) / of(&one.each[kind]), "", bar);
            figures.tell("- as many in all, none at the same time: one host", of(&one.evenly[kind]), "");
            figures.tell("- - three hosts", of(&three.evenly[kind]), "");
            figures.hold("- - three to one", of(&three.evenly[kind]) / of(&one.evenly[kind]), "", bar);
            figures.tell("- as many in all, by chance: three hosts", of(&three.in_all[kind]), "");
        }
        tell_rest(figures, name, &one.each[kind], &three.each[kind]);
    }
    let seconds = QUIET.as_secs_f64();
    figures.tell("statements of one host that is left alone", one.quiet.statements as f64 / seconds, "/s");
    figures.tell("- three hosts", three.quiet.statements as f64 / seconds, "/s");
    Ok(())
}

fn tell_rest(figures: &mut Figures, kind: &str, one: &Cost, three: &Cost) {
    let milliseconds = |cost: &Cost| cost.waits.time.as_secs_f64() * 1000.0;
    figures.tell(&format!("waiting for locks of {kind}, one host"), milliseconds(one), "ms");
    figures.tell("- three hosts, as many each", milliseconds(three), "ms");
    figures.hold("- - more", milliseconds(three) - milliseconds(one), "ms", Bar::AtMost(LOCKED));
    figures.tell("- waits seen, one host", one.waits.number, "");
    figures.tell("- - three hosts, as many each", three.waits.number, "");
    figures.tell(&format!("commits of {kind}, one host"), one.commits, "");
    figures.tell("- three hosts, as many each", three.commits, "");
    figures.tell(&format!("bursts in which round trips of {kind} go, one host"), one.bursts, "");
    figures.tell("- three hosts, as many each", three.bursts, "");
    figures.tell(&format!("time of {kind}, p50, one host"), one.median, "ms");
    figures.tell("- three hosts, as many each", three.median, "ms");
}

fn measured(office: &Office, number: usize) -> Result<Measured> {
    let hosts = office.serve(number, &[])?;
    // Connections and prepared statements are made by the first calls.
    for (_, make) in KINDS {
        let coming = Coming::ByChance(40.0 * number as f64);
        office.runtime.block_on(arrivals(office, &hosts, coming, Duration::from_secs(2), make))?;
    }
    let quiet = quiet(office)?;
    let costs = |coming: Coming| KINDS.iter().map(|(_, make)| cost(office, &hosts, coming, quiet, *make)).collect();
    let each = costs(Coming::ByChance(RATE * number as f64))?;
    let evenly = costs(Coming::Evenly(RATE))?;
    let in_all = if number == 1 { Ok(Vec::new()) } else { costs(Coming::ByChance(RATE)) }?;
    office.simulator.forget()?;
    Ok(Measured { quiet, each, evenly, in_all })
}

fn cost(office: &Office, hosts: &[Server], coming: Coming, quiet: Asked, make: Make) -> Result<Cost> {
    std::thread::sleep(SETTLED);
    let watch = Watch::start(office.runtime.handle(), &office.database)?;
    let before = office.counter.asked()?;
    let answered = office.runtime.block_on(arrivals(office, hosts, coming, LONG, make))?;
    std::thread::sleep(SETTLED);
    let asked = office.counter.asked()? - before;
    let waits = office.runtime.block_on(watch.stop())?;
    let share = (LONG + SETTLED).as_secs_f64() / QUIET.as_secs_f64();
    let each = |of: fn(&Asked) -> u64| (of(&asked) as f64 - of(&quiet) as f64 * share) / answered.number();
    Ok(Cost {
        statements: each(|asked| asked.statements),
        answers: each(|asked| asked.answers),
        commits: each(|asked| asked.commits),
        bursts: each(|asked| asked.trips),
        waits: waits.of_each(answered.number()),
        median: answered.within(0.5),
    })
}

/// What hosts ask that nobody calls.
fn quiet(office: &Office) -> Result<Asked> {
    std::thread::sleep(SETTLED);
    let before = office.counter.asked()?;
    std::thread::sleep(QUIET);
    Ok(office.counter.asked()? - before)
}
