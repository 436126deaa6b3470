//! The set-up: the API over a real store and a simulated Freshdesk.

use std::sync::Arc;

use axum::Router;
use freshdesk_label::Label;
use freshdesk_simulator::{Simulator, seed};
use http::header::AUTHORIZATION;
use tempfile::TempDir;

use super::client::Client;
use crate::account::ApiKey;
use crate::accounts::{Accounts, TenantWish, TokenWish, User, Wish};
use crate::host::Settings;
use crate::office::{Office, reaching, settings};
use crate::surface::api::{ApiSettings, router};
use crate::surface::caller::Callers;
use crate::surface::calls::Calls;

/// The tenant of tests, and another one.
pub(super) const TENANT: &str = "app";
pub(super) const OTHER: &str = "other";

/// An API, and what is behind it.
pub(super) struct World {
    pub(super) accounts: Arc<Accounts>,
    pub(super) simulator: Simulator,
    pub(super) router: Router,
    pub(super) calls: Arc<Calls>,
    _folder: TempDir,
}

impl World {
    /// With two tenants, and a user `jane` of the first who is connected.
    pub(super) async fn new() -> Self {
        Self::within(settings()).await
    }

    /// The same, with a host that is set up so.
    pub(super) async fn within(settings: Settings) -> Self {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        let settings = Settings { development: reaching(&simulator).development, ..settings };
        let Office { accounts, folder, .. } = Office::open(&settings).await;
        let return_urls = Some(vec!["https://app.example.com/done".to_owned()]);
        for tenant in [TENANT, OTHER] {
            let wish = TenantWish { return_urls: return_urls.clone(), ..TenantWish::default() };
            accounts.create_tenant(tenant, &wish).await.unwrap();
        }
        let calls = Arc::new(Calls::new(Arc::clone(accounts.host()), Arc::default()));
        let callers = Arc::new(Callers::new(Arc::clone(&accounts)));
        let router = router(Arc::clone(&calls), Arc::clone(&accounts), callers, &ApiSettings::default());
        let world = Self { accounts, simulator, router, calls, _folder: folder };
        world.connect("jane").await;
        world
    }

    /// Connects a user of the tenant, as the helpdesk's administrator.
    pub(super) async fn connect(&self, identifier: &str) {
        let user = User::new(TENANT, identifier).unwrap();
        self.accounts.get_or_create(&user, &Wish::default()).await.unwrap();
        let key = ApiKey::new(seed::ADMIN_KEY).unwrap();
        self.accounts.import(&user, Label::parse(seed::LABEL).unwrap(), key).await.unwrap();
    }

    /// A client with a token of the tenant.
    pub(super) async fn client(&self) -> Client {
        self.client_of(TokenWish { tenant: TENANT.to_owned(), ..TokenWish::default() }).await
    }

    /// A client with a token of the other tenant.
    pub(super) async fn other(&self) -> Client {
        self.client_of(TokenWish { tenant: OTHER.to_owned(), ..TokenWish::default() }).await
    }

    /// A client with a token for one user.
    pub(super) async fn agent(&self, identifier: &str) -> Client {
        let identifier = Some(identifier.to_owned());
        self.client_of(TokenWish { tenant: TENANT.to_owned(), identifier, ..TokenWish::default() }).await
    }

    pub(super) async fn client_of(&self, wish: TokenWish) -> Client {
        let (_, token) = self.accounts.create_token(&TokenWish { name: "a test".to_owned(), ..wish }).await.unwrap();
        self.client_with(&token)
    }

    /// A client that shows this token.
    pub(super) fn client_with(&self, token: &str) -> Client {
        let headers = vec![(AUTHORIZATION.to_string(), format!("Bearer {token}"))];
        Client { router: self.router.clone(), headers, from: ([192, 0, 2, 1], 4711).into() }
    }

    /// A client that shows nothing.
    pub(super) fn stranger(&self) -> Client {
        Client { router: self.router.clone(), headers: Vec::new(), from: ([192, 0, 2, 2], 4711).into() }
    }

    /// Requests that arrived at Freshdesk.
    pub(super) fn asked(&self) -> usize {
        self.simulator.state().journal.len()
    }
}
