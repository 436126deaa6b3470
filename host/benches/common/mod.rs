//! What the benches share: their groups and the table, the simulated Freshdesk, and the command as an operator runs it.
#![allow(dead_code, reason = "each bench uses a part of it")]

pub(crate) mod command;
pub(crate) mod figures;
pub(crate) mod simulator;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use figures::Figures;

/// What is measured together, by the name that chooses it, where these are.
pub(crate) type Group<T> = (&'static str, fn(&T, &mut Figures) -> Result<()>);

/// Is the simulator where it is told to be. Else it measures the groups that are named, or all, in what is opened; nothing where
/// that is not to be had.
pub(crate) fn run<T>(bench: &str, groups: &[Group<T>], open: impl FnOnce() -> Result<Option<T>>) -> ExitCode {
    // Cargo passes `--bench`.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    ended(
        bench,
        match arguments.first().map(String::as_str) {
            Some(simulator::ROLE) => simulator::serve(),
            _ => measure(groups, &arguments, open),
        },
    )
}

/// How a process ends that did this.
pub(crate) fn ended(bench: &str, outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{bench}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was measured is shown also when a group fails.
fn measure<T>(groups: &[Group<T>], names: &[String], open: impl FnOnce() -> Result<Option<T>>) -> Result<()> {
    let known: Vec<_> = groups.iter().map(|(group, _)| *group).collect();
    ensure!(names.iter().all(|name| known.contains(&name.as_str())), "there are these groups: {}", known.join(", "));
    let Some(with) = open()? else { return Ok(()) };
    let mut figures = Figures::new()?;
    let chosen = groups.iter().filter(|(group, _)| names.is_empty() || names.iter().any(|name| name == group));
    let outcome = chosen.into_iter().try_for_each(|(group, measure)| {
        eprintln!("{group} …");
        figures.begin(group);
        measure(&with, &mut figures)
    });
    figures.print();
    outcome
}
