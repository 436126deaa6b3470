//! What the accounts do, over the real store and a simulated Freshdesk.

mod broken_off;
mod calls;
mod faults;
mod isolation;
mod keys;
mod life;
mod links;
mod once;
mod once_found;
mod once_killed;
mod once_shared;
mod proofs;
mod revoked;
mod tenants;

use std::sync::Arc;

use freshdesk_components::PLUGIN;
use freshdesk_label::Label;
use freshdesk_simulator::{Exchange, Limits, Simulator, seed};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::account::ApiKey;
use crate::error::CallError;
use crate::host::Settings;
use crate::office::{JANE, ORIGIN, Office, reaching};
use crate::sandbox::contract::ToolError;
use crate::store::tests::{TestDatabase, databases, sqlite};

/// Tom's e-mail in the seed.
const TOM: &str = "tom@acme.example";

/// Where the tenant's users come back to.
const RETURN: &str = "https://app.example.com/connected";

/// A store with a tenant, `app`, and a simulated Freshdesk.
struct World {
    simulator: Simulator,
    accounts: Arc<Accounts>,
    keeping: Keeping,
    folder: TempDir,
    database: TestDatabase,
}

/// Runs a test over SQLite, and over PostgreSQL where there is one.
fn everywhere(test: impl AsyncFn(World)) {
    for database in databases() {
        eprintln!("over {:?}:", database.database);
        run(async { test(World::over(database).await).await });
    }
}

/// Runs a test over SQLite alone.
fn in_a_file(test: impl AsyncFn(World)) {
    run(async { test(World::over(sqlite()).await).await });
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(test);
}

impl World {
    async fn over(database: TestDatabase) -> Self {
        let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await.unwrap();
        simulator.state().helpdesk(seed::LABEL).limits = Limits::total(1_000_000);
        let office = Office::over(database.database.clone(), &reaching(&simulator)).await;
        let Office { accounts, keeping, folder } = office;
        let wish = TenantWish { return_urls: Some(vec![RETURN.to_owned()]), ..TenantWish::default() };
        accounts.create_tenant("app", &wish).await.unwrap();
        Self { simulator, accounts, keeping, folder, database }
    }

    /// Another host over the same store.
    async fn another(&self, name: &str) -> Arc<Accounts> {
        let keeping = Keeping { host: name.to_owned(), ..self.keeping.clone() };
        Accounts::open(Arc::clone(self.accounts.host()), &keeping).await.unwrap()
    }

    /// A user with an account that nobody has connected.
    async fn user(&self, identifier: &str) -> User {
        let user = user(identifier);
        self.accounts.get_or_create(&user, &Wish::default()).await.unwrap();
        user
    }

    /// A user whose account is connected with this key.
    async fn connected(&self, identifier: &str, key: &str) -> User {
        let user = user(identifier);
        self.accounts.import(&user, acme(), ApiKey::new(key).unwrap()).await.unwrap();
        user
    }

    /// The token of a new link.
    async fn link(&self, user: &User, wish: &LinkWish) -> String {
        token(&self.accounts.link(user, wish).await.unwrap())
    }

    /// Confirms whom a link is about to connect.
    async fn accept(&self, token: &str, code: Option<&str>) -> Result<Confirmed, ConfirmError> {
        let seen = self.accounts.visit(token).await?.seen().unwrap_or_default();
        self.accounts.accept(token, &seen, code).await
    }

    async fn state(&self, user: &User) -> State {
        self.accounts.get(user).await.unwrap().state
    }

    async fn call(&self, user: &User) -> Result<Value, ToolError> {
        let input = json!({"ticket_id": seed::TICKET_ID});
        match self.accounts.call(user, "freshdesk_ticket_get", &input).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Tool { error, .. }) => Err(error),
            Err(broken) => panic!("it broke: {}", broken.log()),
        }
    }

    /// Gives Jane another key, as a reset in Freshdesk does.
    fn reset_key(&self, key: &str) {
        self.simulator.state().helpdesk(seed::LABEL).agents.get_mut(&seed::ADMIN_ID).unwrap().api_key =
            Some(key.to_owned());
    }

    /// The requests that arrived at Freshdesk so far.
    fn requests(&self) -> Vec<Exchange> {
        self.simulator.state().journal.clone()
    }

    /// Waits until a request for something below this path has arrived, beyond the first `before` requests.
    async fn asked_for(&self, before: usize, path: &str) {
        let asked = async || self.requests().iter().skip(before).any(|request| request.path.contains(path));
        until(path, asked).await;
    }

    /// How many of them asked whose key it is.
    fn whos(&self) -> usize {
        self.requests().iter().filter(|request| request.path.ends_with("/agents/me")).count()
    }

    /// A user's events: old state, new state, reason.
    async fn events(&self, user: &User) -> Vec<String> {
        let events = self.accounts.events(user.tenant(), None, 1000).await.unwrap();
        let told = events.iter().filter(|event| event.user == *user);
        told.map(|event| {
            let old = event.old.map_or("none", State::as_str);
            format!("{old} > {}: {}", event.new.as_str(), event.reason)
        })
        .collect()
    }

    /// What the trail says of a user, oldest first, but for uses of keys.
    async fn trail(&self, user: &User) -> Vec<String> {
        let mut rows = self.accounts.trail(Some(user.tenant()), None, 1000).await.unwrap();
        rows.reverse();
        let own = rows.into_iter().filter(|row| row.identifier == user.identifier());
        own.map(|row| row.kind).filter(|kind| kind != "key.used").collect()
    }

    /// Waits until the trail says this so often.
    async fn notes(&self, times: usize, kind: &str) {
        let said = async || {
            let rows = self.accounts.trail(Some("app"), None, 1000).await.unwrap();
            rows.iter().filter(|row| row.kind == kind).count() >= times
        };
        until(kind, said).await;
    }

    /// How often the trail says this of a user.
    async fn told(&self, user: &User, kind: &str) -> usize {
        let rows = self.accounts.trail(Some(user.tenant()), None, 1000).await.unwrap();
        rows.iter().filter(|row| row.identifier == user.identifier() && row.kind == kind).count()
    }
}

/// Waits until something is so, which takes moments.
async fn until(what: &str, is: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come");
}

fn user(identifier: &str) -> User {
    User::new("app", identifier).unwrap()
}

fn acme() -> Label {
    Label::parse(seed::LABEL).unwrap()
}

/// The token of a link's address.
fn token(link: &NewLink) -> String {
    link.url.strip_prefix(ORIGIN).unwrap().strip_prefix("/connect/").unwrap().to_owned()
}

/// A token for a user, or for all of the tenant's.
fn token_wish(identifier: Option<&str>, name: &str) -> TokenWish {
    let identifier = identifier.map(str::to_owned);
    TokenWish { tenant: "app".to_owned(), identifier, name: name.to_owned(), ..TokenWish::default() }
}

/// A link that wants this e-mail.
fn by_email(email: &str) -> LinkWish {
    LinkWish { email: Some(email.to_owned()), ..LinkWish::default() }
}

/// A link that wants a code.
fn by_code() -> LinkWish {
    LinkWish { code: true, ..LinkWish::default() }
}

/// A link that leads back to the tenant.
fn by_return() -> LinkWish {
    LinkWish { return_url: Some(RETURN.to_owned()), return_state: Some("s 1".to_owned()), ..LinkWish::default() }
}

/// The confirmation in an address that a browser is sent back to.
fn confirmation(confirmed: Confirmed) -> String {
    let Confirmed::Return(url) = confirmed else { panic!("it is {confirmed:?}") };
    let query = url.strip_prefix(RETURN).unwrap().strip_prefix('?').unwrap().to_owned();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "confirmation");
    found.unwrap().1.into_owned()
}

/// The reason of a refusal.
fn refused<T: std::fmt::Debug>(result: Result<T, AccountsError>) -> String {
    match result {
        Err(AccountsError::Refused(why)) => why,
        other => panic!("it was not refused: {other:?}"),
    }
}
