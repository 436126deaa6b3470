//! Serves until it is told to stop.

use std::io::{self, IsTerminal};
use std::net::SocketAddr;

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;

use super::keeping::Keeping;
use super::reach::Reach;
use crate::serve;

/// Serve the page on which users connect Freshdesk, and tell tenants of what changes.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// The address to listen on; users reach it through a proxy that speaks TLS
    #[arg(long, env = "FRESHDESK_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many proxies of yours are in front of it: so many addresses of X-Forwarded-For are believed
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    proxies: u8,
    /// For trials: send webhooks to addresses of this machine, too
    #[arg(long)]
    local_webhooks: bool,
    /// How much is logged, on standard error: off, error, warn, info, debug or trace
    #[arg(long, env = "FRESHDESK_LOG", value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    reach: Reach,
}

/// Calls that a server runs at a time; see [`crate::Settings::calls`].
const CALLS: u32 = 1000;

impl Serve {
    pub(super) async fn run(self) -> Result<()> {
        let log = tracing_subscriber::fmt().with_max_level(self.log).with_ansi(io::stderr().is_terminal());
        log.with_writer(io::stderr).try_init().map_err(anyhow::Error::msg)?;
        let listener =
            TcpListener::bind(self.listen).await.with_context(|| format!("cannot listen on {}", self.listen))?;
        let accounts = self.keeping.open(&self.reach, CALLS).await?;
        let settings = serve::Settings { proxies: self.proxies, local_webhooks: self.local_webhooks };
        anstream::eprintln!("freshdesk-host: serving the connect page at http://{}", listener.local_addr()?);
        serve::serve(listener, accounts, &settings, stopped()).await?;
        anstream::eprintln!("freshdesk-host: stopped");
        Ok(())
    }
}

/// Until the process is asked to end.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
