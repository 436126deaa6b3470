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
#[path = "../common/mod.rs"]
mod common;
mod counter;
mod database;
mod load;
mod locks;
mod office;
mod spoken;
mod traffic;

use std::process::ExitCode;

use common::Group;
use office::Office;

const GROUPS: [Group<Office>; 3] = [("traffic", traffic::measure), ("cap", cap::measure), ("budget", budget::measure)];

fn main() -> ExitCode {
    common::run("hosts", &GROUPS, Office::open)
}
