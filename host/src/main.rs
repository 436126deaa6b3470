//! The command `freshdesk-host`.

use std::process::ExitCode;

use clap::Parser;
use freshdesk_host::cli::Cli;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = no_core_file() {
        anstream::eprintln!("freshdesk-host: should it crash, a core file may be written: {error}");
    }
    // What it writes, such as a database or machine code, is its user's alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    // Where it cannot be raised, fewer connections are accepted at a time.
    let _ = open_files();
    Cli::parse().run().await.unwrap_or_else(|error| {
        anstream::eprintln!("freshdesk-host: {error:#}");
        ExitCode::from(2)
    })
}

/// Keeps what is in memory from being written to a file when the process crashes, whoever takes core files here: keys are in
/// it. Nobody but the system's administrator may look into the process, either.
fn no_core_file() -> rustix::io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
}

/// Lets the process have as many connections as the system allows it: what is allowed without asking is for small programs.
fn open_files() -> rustix::io::Result<()> {
    let allowed = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: allowed.maximum, maximum: allowed.maximum })
}
