//! The figures of several hosts on one PostgreSQL: what a call costs the database with one host and with three, how far three
//! carry, and what a shared budget costs. The hosts are processes of the command, as an operator starts them, and so is the
//! simulated Freshdesk.
//!
//! `cargo bench --bench hosts` runs all groups, `cargo bench --bench hosts -- traffic` the named ones. A bar that does not
//! hold is shown, and fails nothing; a call that fails does. With `FIGURES` set to a file, every figure is also a line of
//! JSON in it. What is asked of PostgreSQL is counted on its way there ([`counter`]), and who waits there for a lock is
//! looked up again and again ([`locks`]).

mod budget;
mod cap;
mod client;
mod counter;
mod database;
#[path = "../figures/figures.rs"]
mod figures;
mod load;
mod locks;
mod office;
#[path = "../figures/simulator.rs"]
#[expect(dead_code, reason = "the other bench tells it more")]
mod simulator;
mod spoken;
mod traffic;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use figures::Figures;
use office::Office;

/// What is measured together, by the name that chooses it.
type Group = (&'static str, fn(&Office, &mut Figures) -> Result<()>);

const GROUPS: [Group; 3] = [("traffic", traffic::measure), ("cap", cap::measure), ("budget", budget::measure)];

fn main() -> ExitCode {
    // Cargo passes `--bench`.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some(simulator::ROLE) => simulator::serve(),
        _ => run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hosts: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the groups of these names, or all. What was measured is shown also when a group fails.
fn run(names: &[String]) -> Result<()> {
    let known = |name: &String| GROUPS.iter().any(|(group, _)| group == name);
    ensure!(names.iter().all(known), "there are these groups: {}", GROUPS.map(|(group, _)| group).join(", "));
    let mut figures = Figures::new()?;
    let Some(office) = Office::open()? else { return Ok(()) };
    let chosen = GROUPS.iter().filter(|(group, _)| names.is_empty() || names.iter().any(|name| name == group));
    let outcome = chosen.into_iter().try_for_each(|(group, measure)| {
        eprintln!("{group} …");
        figures.begin(group);
        measure(&office, &mut figures)
    });
    figures.print();
    outcome
}
