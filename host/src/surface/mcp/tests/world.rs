//! The set-up: the tools over real accounts and a simulated Freshdesk, for clients of both transports.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use freshdesk_label::Label;
use freshdesk_simulator::{Fault, FaultAction, Limits, Simulator, seed};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::client::Client;
use crate::account::{Account, ApiKey};
use crate::accounts::{Accounts, Keeping, TokenWish, User, Wish};
use crate::host::Settings;
use crate::office::{self, Office, reaching};
pub(super) use crate::office::{JANE, ORIGIN};
use crate::surface::caller::Callers;
use crate::surface::calls::{Calls, Whose};
use crate::surface::mcp::{self, McpSettings, Opened, router};
use crate::surface::metrics::Metrics;

/// All revisions.
pub(super) const REVISIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/// The tools, and what is behind them.
pub(super) struct World {
    pub(super) accounts: Arc<Accounts>,
    pub(super) simulator: Simulator,
    pub(super) router: Router,
    calls: Arc<Calls>,
    settings: McpSettings,
    keeping: Keeping,
    _folder: TempDir,
}

impl World {
    /// With a tenant `app`.
    pub(super) async fn new() -> Self {
        Self::with(McpSettings::default()).await
    }

    /// With a helpdesk that takes two calls in three seconds.
    pub(super) async fn narrow() -> Self {
        let window = Duration::from_secs(3);
        let world = Self::within(McpSettings::default(), Settings { window, reserve: 0, ..office::settings() }).await;
        world.simulator.state().helpdesk(seed::LABEL).limits = Limits::total(2);
        world.simulator.state().helpdesk(seed::LABEL).window = window;
        world
    }

    pub(super) async fn with(settings: McpSettings) -> Self {
        Self::within(settings, office::settings()).await
    }

    async fn within(settings: McpSettings, hosted: Settings) -> Self {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        let hosted = Settings { development: reaching(&simulator).development, ..hosted };
        let Office { accounts, keeping, folder } = Office::open(&hosted).await;
        accounts.create_tenant("app", &Default::default()).await.unwrap();
        let calls = Arc::new(Calls::new(Arc::clone(accounts.host()), Arc::new(Metrics::default())));
        let callers = Arc::new(Callers::new(Arc::clone(&accounts)));
        let router = router(Arc::clone(&calls), Arc::clone(&accounts), callers, &settings);
        Self { accounts, simulator, router, calls, settings, keeping, _folder: folder }
    }

    /// The tools as another host over the same store serves them.
    pub(super) async fn elsewhere(&self) -> Router {
        let keeping = Keeping { host: "elsewhere".to_owned(), ..self.keeping.clone() };
        let host = office::host(&reaching(&self.simulator));
        let accounts = Accounts::open(Arc::clone(&host), &keeping).await.unwrap();
        let calls = Arc::new(Calls::new(host, Arc::new(Metrics::default())));
        let callers = Arc::new(Callers::new(Arc::clone(&accounts)));
        router(calls, accounts, callers, &self.settings)
    }

    /// A user who has connected.
    pub(super) async fn connected(&self, identifier: &str) -> User {
        let user = user(identifier);
        let helpdesk = Label::parse(seed::LABEL).unwrap();
        self.accounts.import(&user, helpdesk, ApiKey::new(seed::ADMIN_KEY).unwrap()).await.unwrap();
        user
    }

    /// A user who has not, and whom Freshdesk has to know as Jane.
    pub(super) async fn pending(&self, identifier: &str) -> User {
        let user = user(identifier);
        let wish = Wish { expected_email: Some(JANE.to_owned()), ..Wish::default() };
        self.accounts.get_or_create(&user, &wish).await.unwrap();
        user
    }

    /// Jane connects by a link.
    pub(super) async fn connect(&self, link: &str) {
        let token = link.strip_prefix(&format!("{ORIGIN}/connect/")).unwrap();
        self.accounts.offer(token, seed::LABEL, seed::ADMIN_KEY).await.unwrap();
        let seen = self.accounts.visit(token).await.unwrap().seen().unwrap_or_default();
        self.accounts.accept(token, &seen, None).await.unwrap();
    }

    /// A token for a user, and for some tools.
    pub(super) async fn token(&self, user: &User, tools: Option<&[&str]>) -> String {
        let wish = TokenWish {
            tenant: user.tenant().to_owned(),
            identifier: Some(user.identifier().to_owned()),
            name: "test".to_owned(),
            expires_at: None,
            tools: tools.map(|tools| tools.iter().map(|tool| (*tool).to_owned()).collect()),
        };
        self.accounts.create_token(&wish).await.unwrap().1
    }

    /// A client over HTTP that has shaken hands, if its revision has that.
    pub(super) async fn web(&self, user: &User, revision: &'static str) -> Client {
        self.web_that_can(user, revision, serde_json::json!({})).await
    }

    /// The same, with capabilities.
    pub(super) async fn web_that_can(&self, user: &User, revision: &'static str, can: Value) -> Client {
        let token = self.token(user, None).await;
        Client::web(self.router.clone(), Some(token), revision, can).begun().await
    }

    /// A client over standard input and output.
    pub(super) async fn line(&self, user: &User, revision: &'static str, can: Value) -> Client {
        let whose = Whose::Users(Arc::clone(&self.accounts), user.clone());
        self.line_for(whose, revision, can).0.begun().await
    }

    /// A client of the one account of an environment.
    pub(super) async fn own(&self, revision: &'static str, can: Value) -> Client {
        let helpdesk = Label::parse(seed::LABEL).unwrap();
        let account = Account::new(helpdesk, ApiKey::new(seed::ADMIN_KEY).unwrap());
        let whose = Whose::Own(Arc::clone(self.accounts.host()), Arc::new(account));
        self.line_for(whose, revision, can).0.begun().await
    }

    /// The same for anybody, and what becomes of the server.
    pub(super) fn line_for(
        &self,
        whose: Whose,
        revision: &'static str,
        can: Value,
    ) -> (Client, JoinHandle<Result<(), String>>) {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(far);
        let (settings, calls) = (self.settings.clone(), Arc::clone(&self.calls));
        let open = async move { Ok(Opened { calls, whose }) };
        let served = tokio::spawn(async move { mcp::stdio(input, output, &settings, open).await });
        (Client::line(near, revision, can), served)
    }

    /// What runs calls.
    pub(super) fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.calls)
    }

    /// Clients of every kind and revision.
    pub(super) async fn everybody(&self, user: &User) -> Vec<Client> {
        let mut clients = Vec::new();
        for revision in REVISIONS {
            clients.push(self.web(user, revision).await);
            clients.push(self.line(user, revision, serde_json::json!({})).await);
        }
        clients
    }

    /// Makes Freshdesk answer so from now on.
    pub(super) fn answers(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let action = FaultAction::Respond { status, headers, body: body.as_bytes().to_vec() };
        self.simulator.state().faults = vec![Fault { times: 100, ..Fault::once(action) }];
    }

    /// Makes Freshdesk answer as it does.
    pub(super) fn recovers(&self) {
        self.simulator.state().faults.clear();
    }

    /// Requests that arrived at Freshdesk.
    pub(super) fn asked(&self) -> usize {
        self.simulator.state().journal.len()
    }

    /// Uses up the helpdesk's calls of this window.
    pub(super) async fn use_up(&self, user: &User) {
        for _ in 0..2 {
            self.accounts.call(user, "freshdesk_roles_list", &serde_json::json!({})).await.unwrap();
        }
    }
}

pub(super) fn user(identifier: &str) -> User {
    User::new("app", identifier).unwrap()
}
