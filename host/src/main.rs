//! The command `freshdesk-host`.

use std::process::ExitCode;

use clap::Parser;
use freshdesk_host::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().run().await.unwrap_or_else(|error| {
        anstream::eprintln!("freshdesk-host: {error:#}");
        ExitCode::from(2)
    })
}
