//! The figures of a sandboxed call: how much it costs beside a native one, what it consists of, and how far it scales; and
//! those of keeping accounts.
//!
//! `cargo bench` runs all groups, `cargo bench -- instance cold` the named ones. The simulator runs in a process of its own,
//! and both sides of a comparison reach it over TLS, in turns within one run. A bar that does not hold is shown, and fails
//! nothing; a call that fails does. With `FIGURES` set to a file, every figure is also a line of JSON in it.

mod accounts;
mod breakdown;
mod budget;
mod calls;
mod cold;
mod default_sender;
mod figures;
mod flight;
mod memory;
mod native;
mod overhead;
mod sender;
mod simulator;
mod spans;
mod stores;
mod vault;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, ensure};
use figures::Figures;
use simulator::Simulator;

/// What is measured together, by the name that chooses it.
type Group = (&'static str, fn(&Arc<Simulator>, &mut Figures) -> Result<()>);

const GROUPS: [Group; 9] = [
    ("overhead", overhead::measure),
    ("sender", sender::measure),
    ("instance", breakdown::instance),
    ("breakdown", breakdown::measure),
    ("flight", flight::measure),
    ("budget", budget::measure),
    ("cold", cold::measure),
    ("vault", vault::measure),
    ("accounts", accounts::measure),
];

fn main() -> ExitCode {
    // Cargo passes `--bench`.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some(simulator::ROLE) => simulator::serve(),
        Some(flight::ROLE) => flight::fly(),
        _ => run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("figures: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the groups of these names, or all. What was measured is shown also when a group fails.
fn run(names: &[String]) -> Result<()> {
    let known = |name: &String| GROUPS.iter().any(|(group, _)| group == name);
    let groups = GROUPS.map(|(group, _)| group).join(", ");
    ensure!(names.iter().all(known), "there are these groups: {groups}");
    let mut figures = Figures::new()?;
    let simulator = Arc::new(Simulator::start()?);
    let chosen = GROUPS.iter().filter(|(group, _)| names.is_empty() || names.iter().any(|name| name == group));
    let outcome = chosen.into_iter().try_for_each(|(group, measure)| {
        eprintln!("{group} …");
        figures.begin(group);
        measure(&simulator, &mut figures)
    });
    figures.print();
    outcome
}
