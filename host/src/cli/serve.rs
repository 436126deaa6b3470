//! Serves until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;

use super::keeping::Keeping;
use super::reach::Reach;
use super::telemetry::{Telemetry, follow};
use crate::serve::{self, IssuerSettings, KeySource, Listeners};

/// Serve many users: the tools over MCP and HTTP, and the page on which they connect Freshdesk.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// The address to listen on; users reach it through a proxy that speaks TLS
    #[arg(long, env = "FRESHDESK_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many proxies of yours are in front of it: so many addresses of X-Forwarded-For are believed
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    proxies: u8,
    /// Serve /metrics at this address, and not at the public one
    #[arg(long, env = "FRESHDESK_METRICS_LISTEN", value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// Web pages that may call MCP, by origin, scheme and host as browsers send it; may be given more than once
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Names by which MCP may be called, beside that of the public URL; may be given more than once
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Calls that run at a time, of all users; more wait until one is over
    #[arg(long, hide_short_help = true, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    calls: u32,
    /// List the tools over MCP without the schemas of their answers, which take half of the list
    #[arg(long)]
    no_output_schemas: bool,
    #[command(flatten)]
    issuer: Issuer,
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

/// Whose tokens are believed beside the host's own.
#[derive(Args, Debug)]
#[command(next_help_heading = "An issuer of tokens (JWT) whose users are a tenant's users")]
struct Issuer {
    /// Believe the tokens of this issuer, by the URL that they have in iss; a user is their sub
    #[arg(long, env = "FRESHDESK_ISSUER", value_name = "URL", requires_all = ["jwks", "issuer_tenant"])]
    issuer: Option<String>,
    /// Where its keys are, as a JSON Web Key Set: https://…, or a file
    #[arg(long, env = "FRESHDESK_JWKS", value_name = "URL|FILE", requires = "issuer")]
    jwks: Option<String>,
    /// The tenant whose users they are
    #[arg(long, env = "FRESHDESK_ISSUER_TENANT", value_name = "TENANT", requires = "issuer")]
    issuer_tenant: Option<String>,
    /// What its tokens have in aud; the address of /mcp by default; may be given more than once
    #[arg(long, env = "FRESHDESK_AUDIENCE", value_name = "AUDIENCE", requires = "issuer")]
    audience: Vec<String>,
}

impl Issuer {
    fn settings(self) -> Option<IssuerSettings> {
        let (issuer, keys, tenant) = (self.issuer?, self.jwks?, self.issuer_tenant?);
        let keys = if keys.contains("://") { KeySource::Url(keys) } else { KeySource::File(PathBuf::from(keys)) };
        Some(IssuerSettings { issuer, audiences: self.audience, tenant, keys })
    }
}

impl Serve {
    pub(super) async fn run(self) -> Result<()> {
        let telemetry = self.telemetry.begin()?;
        let public = listen(self.listen).await?;
        let metrics = match self.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let accounts = self.keeping.open(&self.reach, self.calls).await?;
        let settings = serve::Settings {
            proxies: self.proxies,
            local_webhooks: self.local_webhooks,
            origins: self.origin,
            hosts: self.allow_host,
            output_schemas: !self.no_output_schemas,
            issuer: self.issuer.settings(),
            follow: Some(follow),
        };
        anstream::eprintln!("freshdesk-host: serving at http://{}", public.local_addr()?);
        let served = serve::serve(Listeners { public, metrics }, accounts, &settings, stopped()).await;
        telemetry.end().await;
        served?;
        anstream::eprintln!("freshdesk-host: stopped");
        Ok(())
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
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
