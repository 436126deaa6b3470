//! The figures of the command as agents meet it: how soon it answers over standard input and output, and how many sessions
//! of MCP it bears at once over HTTP.
//!
//! `cargo bench --bench agents` runs both groups, `cargo bench --bench agents -- start` the named one. A bar that does not
//! hold is shown, and fails nothing; an answer that is wrong does. With `FIGURES` set to a file, every figure is also a line of
//! JSON in it.

#[path = "../figures/figures.rs"]
#[expect(dead_code, reason = "the other bench has more kinds of bars")]
mod figures;
mod office;
mod process;
mod sessions;
#[path = "../figures/simulator.rs"]
#[expect(dead_code, reason = "the other bench tells it more")]
mod simulator;
mod start;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use figures::Figures;

/// What is measured together, by the name that chooses it.
type Group = (&'static str, fn(&mut Figures) -> Result<()>);

const GROUPS: [Group; 2] = [("start", start::measure), ("sessions", sessions::measure)];

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
            eprintln!("agents: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the groups of these names, or all. What was measured is shown also when a group fails.
fn run(names: &[String]) -> Result<()> {
    let known = |name: &String| GROUPS.iter().any(|(group, _)| group == name);
    ensure!(names.iter().all(known), "there are these groups: {}", GROUPS.map(|(group, _)| group).join(", "));
    let mut figures = Figures::new()?;
    let chosen = GROUPS.iter().filter(|(group, _)| names.is_empty() || names.iter().any(|name| name == group));
    let outcome = chosen.into_iter().try_for_each(|(group, measure)| {
        eprintln!("{group} …");
        figures.begin(group);
        measure(&mut figures)
    });
    figures.print();
    outcome
}
