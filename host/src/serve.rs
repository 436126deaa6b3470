//! Serves the accounts to those who are no programs of this process: their users by the connect page, and their tenants by
//! the API and by webhooks.

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::accounts::Accounts;
use crate::surface::api::{self, ApiSettings};
use crate::surface::caller::Callers;
use crate::surface::calls::Calls;
use crate::surface::listen::{self, Room};
use crate::surface::page::{self, PageSettings};
use crate::webhooks;

/// How a server is set up.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Proxies in front of it, whose `X-Forwarded-For` is believed.
    pub proxies: u8,
    /// For trials: whether webhooks may go to addresses of this machine.
    pub local_webhooks: bool,
}

/// Serves until `shutdown`, lets what runs come to its end, and has all of the trail written.
///
/// # Errors
///
/// Fails when the listener does.
pub async fn serve(
    listener: TcpListener,
    accounts: Arc<Accounts>,
    settings: &Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(());
    let telling = webhooks::Settings { local: settings.local_webhooks };
    let telling = tokio::spawn(webhooks::run(Arc::clone(&accounts), telling, stopped));
    let page = PageSettings { proxies: settings.proxies, ..PageSettings::default() };
    let calls = Arc::new(Calls::new(Arc::clone(accounts.host()), Arc::default()));
    let callers = Arc::new(Callers::new(Arc::clone(&accounts)));
    let api = api::router(calls, Arc::clone(&accounts), callers, &ApiSettings { proxies: settings.proxies });
    let router = page::router(Arc::clone(&accounts), &page).merge(api);
    let served = listen::serve(listener, router, Room::behind(settings.proxies), shutdown).await;
    drop(stop);
    let _ = telling.await;
    accounts.close().await;
    served
}
