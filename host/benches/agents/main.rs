//! The figures of the command as agents meet it: how soon it answers over standard input and output, and how many sessions
//! of MCP it bears at once over HTTP.
//!
//! `cargo bench --bench agents` runs both groups, `cargo bench --bench agents -- start` the named one. A bar that does not
//! hold is shown, and fails nothing; an answer that is wrong does. With `FIGURES` set to a file, every figure is also a line of
//! JSON in it.

#[path = "../common/mod.rs"]
mod common;
mod process;
mod sessions;
mod start;

use std::process::ExitCode;

use common::Group;

const GROUPS: [Group<()>; 2] = [("start", start::measure), ("sessions", sessions::measure)];

fn main() -> ExitCode {
    common::run("agents", &GROUPS, || Ok(Some(())))
}
