//! The figures of a sandboxed call: how much it costs beside a native one, what it consists of, and how far it scales; and
//! those of keeping accounts.
//!
//! `cargo bench --bench figures` runs all groups, `cargo bench --bench figures -- instance cold` the named ones. The simulator runs in a process of its own,
//! and both sides of a comparison reach it over TLS, in turns within one run. A bar that does not hold is shown, and fails
//! nothing; a call that fails does. With `FIGURES` set to a file, every figure is also a line of JSON in it.

mod accounts;
mod breakdown;
mod budget;
mod calls;
mod cold;
#[path = "../common/mod.rs"]
mod common;
mod default_sender;
mod flight;
mod memory;
mod native;
mod overhead;
mod sender;
mod spans;
mod stores;
mod vault;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use common::Group;
use common::simulator::Simulator;

const GROUPS: [Group<Arc<Simulator>>; 9] = [
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
    if env::args().nth(1).as_deref() == Some(flight::ROLE) {
        return common::ended("figures", flight::fly());
    }
    common::run("figures", &GROUPS, || Ok(Some(Arc::new(Simulator::start()?))))
}
