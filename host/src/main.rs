//! The command `freshdesk-host`.

use std::process::ExitCode;

use clap::Parser;
use freshdesk_host::cli::Cli;
use rustix::process::{Resource, Rlimit, setrlimit};

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = no_core_file() {
        anstream::eprintln!("freshdesk-host: should it crash, a core file may be written: {error}");
    }
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
