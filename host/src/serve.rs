//! Serves the accounts to those who are no programs of this process: their users by the connect page, their agents by MCP, their
//! tenants by the HTTP API and by webhooks, and who runs all of it by what is counted.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::HeaderMap;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::accounts::Accounts;
use crate::surface::caller::{self, Callers};
pub use crate::surface::caller::{InvalidIssuer, IssuerSettings, KeySource};
use crate::surface::calls::Calls;
use crate::surface::listen::{self, Room};
use crate::surface::mcp::McpSettings;
use crate::surface::metrics::{self, Metrics, Surface, watched};
use crate::surface::{api, health, mcp, page};
use crate::webhooks;

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Proxies in front of it, whose `X-Forwarded-For` is believed.
    pub proxies: u8,
    /// For trials: whether webhooks may go to addresses of this machine.
    pub local_webhooks: bool,
    /// Origins of web pages that may call MCP, such as `https://app.example.com`. Programs send none.
    pub origins: Vec<String>,
    /// Names by which MCP may be called, beside those of the public URL and of this machine.
    pub hosts: Vec<String>,
    /// Whether MCP lists tools with the schemas of their answers.
    pub output_schemas: bool,
    /// Whose tokens are believed beside the host's own.
    pub issuer: Option<IssuerSettings>,
    /// Joins a request's span to the trace that its headers name.
    pub follow: Option<fn(&tracing::Span, &HeaderMap)>,
}

impl Default for Settings {
    /// No proxies, no web pages, the host's own tokens alone; tools are listed with all their schemas.
    fn default() -> Self {
        Self {
            proxies: 0,
            local_webhooks: false,
            origins: Vec::new(),
            hosts: Vec::new(),
            output_schemas: true,
            issuer: None,
            follow: None,
        }
    }
}

/// Where a server listens.
pub struct Listeners {
    /// For users, agents and tenants.
    pub public: TcpListener,
    /// For `/metrics`, which is not public then.
    pub metrics: Option<TcpListener>,
}

/// Time for an answer to reach its client, once it is there.
const LAST: Duration = Duration::from_secs(5);

/// Serves until `shutdown`, lets what runs come to its end, and has all of the trail written.
///
/// # Errors
///
/// Fails when a listener does, and when the issuer is none that can be trusted.
pub async fn serve(
    listeners: Listeners,
    accounts: Arc<Accounts>,
    settings: &Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let callers = match &settings.issuer {
        Some(issuer) => Callers::trusting(Arc::clone(&accounts), issuer).await.map_err(io::Error::other)?,
        None => Callers::new(Arc::clone(&accounts)),
    };
    let (stop, stopped) = watch::channel(());
    let grace = accounts.host().deadline() + LAST;
    let telling = webhooks::Settings { local: settings.local_webhooks };
    let telling = tokio::spawn(webhooks::run(Arc::clone(&accounts), telling, stopped.clone()));
    let metrics = Arc::new(Metrics::default());
    let counted =
        listeners.metrics.map(|listener| {
            let (router, mut stopped) = (metrics::counts(Arc::clone(&metrics)), stopped.clone());
            tokio::spawn(listen::serve(listener, router, Room::behind(0, grace), async move {
                drop(stopped.changed().await)
            }))
        });
    let calls = Arc::new(Calls::new(Arc::clone(accounts.host()), Arc::clone(&metrics)));
    let router = router(&accounts, &calls, Arc::new(callers), &metrics, settings, stopped);
    let router = match counted {
        Some(_) => router,
        None => router.merge(metrics::counts(metrics)),
    };
    let served = listen::serve(listeners.public, router, Room::behind(settings.proxies, grace), async {
        shutdown.await;
        drop(stop);
    });
    let served = served.await;
    calls.rest().await;
    let _ = telling.await;
    if let Some(counted) = counted {
        let _ = counted.await;
    }
    accounts.close().await;
    served
}

/// All surfaces. Streams that answer no request end when the other side of `stopped` is dropped.
fn router(
    accounts: &Arc<Accounts>,
    calls: &Arc<Calls>,
    callers: Arc<Callers>,
    metrics: &Arc<Metrics>,
    settings: &Settings,
    stopped: watch::Receiver<()>,
) -> Router {
    let page = page::PageSettings { proxies: settings.proxies, ..page::PageSettings::default() };
    let page = page::router(Arc::clone(accounts), &page);
    let api = api::ApiSettings { proxies: settings.proxies };
    let api = api::router(Arc::clone(calls), Arc::clone(accounts), Arc::clone(&callers), &api);
    let mcp = McpSettings {
        origins: settings.origins.clone(),
        hosts: settings.hosts.clone(),
        stopped: Some(stopped),
        proxies: settings.proxies,
        output_schemas: settings.output_schemas,
        ..McpSettings::default()
    };
    let mcp = mcp::router(Arc::clone(calls), Arc::clone(accounts), Arc::clone(&callers), &mcp);
    let counted = |router, surface| watched(router, surface, Arc::clone(metrics), settings.follow);
    counted(page, Surface::Page)
        .merge(counted(api, Surface::Api))
        .merge(counted(mcp, Surface::Mcp))
        .merge(caller::router(&callers))
        .merge(health::probes(Arc::clone(accounts)))
}
