//! Serves until it is told to stop.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;

use super::keeping::Keeping;
use super::reach::Reach;
use super::telemetry::Telemetry;
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
    #[command(flatten)]
    telemetry: Telemetry,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    reach: Reach,
}

/// Calls that a server runs at a time; see [`crate::Settings::calls`].
const CALLS: u32 = 1000;

impl Serve {
    pub(super) async fn run(self) -> Result<()> {
        let telemetry = self.telemetry.begin()?;
        let listener =
            TcpListener::bind(self.listen).await.with_context(|| format!("cannot listen on {}", self.listen))?;
        let accounts = self.keeping.open(&self.reach, CALLS).await?;
        let settings = serve::Settings { proxies: self.proxies, local_webhooks: self.local_webhooks };
        anstream::eprintln!("freshdesk-host: serving the connect page at http://{}", listener.local_addr()?);
        let served = serve::serve(listener, accounts, &settings, stopped()).await;
        telemetry.end().await;
        served?;
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
