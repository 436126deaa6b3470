//! The set-up of the end-to-end tests: a simulated Freshdesk, and the plugin in a host that reaches it.

#![expect(clippy::expect_used, clippy::panic, reason = "a set-up that fails fails the test")]

mod bare;
mod good;
mod hostile;

use std::path::PathBuf;
use std::sync::{Arc, MutexGuard};

use freshdesk_host::{Account, ApiKey, CallError, Development, Host, Label, ToolError};
use freshdesk_simulator::{Exchange, Fault, FaultAction, Helpdesk, Simulator, State, Transport, seed};
use serde_json::Value;

use bare::Bare;
pub use good::{Good, good};
pub use hostile::HOSTILE;

/// A simulated Freshdesk with its seed data, the plugin, and an account of the helpdesk's administrator.
pub struct World {
    /// The simulator, whose state tests read and change.
    pub simulator: Simulator,
    plugin: Plugin,
}

/// How often our host sends a request that goes wrong.
const TRIES: u32 = 3;

/// Who runs the plugin.
enum Plugin {
    /// Our host, over TLS. The key is attached outside of the sandbox.
    Hosted(Box<Host>, Arc<Account>),
    /// Wasmtime alone with its default sender, over plain HTTP, as the stock command line does. The plugin is composed
    /// with the adapter that reads the key from the environment.
    Bare(Bare),
}

/// Runs a test in both worlds: under our host, and under wasmtime alone.
///
/// # Panics
///
/// Panics when the test does, after saying in which world.
pub fn everywhere(test: impl AsyncFn(World)) {
    run(async {
        eprintln!("under our host:");
        test(World::hosted().await).await;
        eprintln!("under wasmtime alone:");
        test(World::bare().await).await;
    });
}

/// Runs a test to its end.
///
/// # Panics
///
/// Panics when the test does.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(test);
}

impl World {
    /// The plugin under our host.
    pub async fn hosted() -> Self {
        Self::hosted_with(State::seeded(), seed::ADMIN_KEY).await
    }

    /// The plugin under our host, with a state and a key of choice.
    pub async fn hosted_with(state: State, key: &str) -> Self {
        let simulator = simulator(Transport::Tls, state).await;
        let host = Host::new(freshdesk_components::PLUGIN, &settings(&simulator)).expect("the plugin is runnable");
        Self { simulator, plugin: Plugin::Hosted(Box::new(host), account(key)) }
    }

    /// The plugin under wasmtime alone.
    pub async fn bare() -> Self {
        let simulator = simulator(Transport::Plain, State::seeded()).await;
        let bare = Bare::new(&simulator.base_url(), seed::ADMIN_KEY);
        Self { simulator, plugin: Plugin::Bare(bare) }
    }

    /// The plugin under wasmtime alone, in an environment of choice. The simulator runs, whether or not it is named.
    pub async fn bare_with(variables: &[(&str, &str)]) -> Self {
        let simulator = simulator(Transport::Plain, State::seeded()).await;
        Self { simulator, plugin: Plugin::Bare(Bare::with(variables)) }
    }

    /// The plugin under wasmtime alone, told that its host attaches the key. Nobody does, so that requests arrive as the
    /// plugin has sent them.
    pub async fn keyless() -> Self {
        let simulator = simulator(Transport::Plain, State::seeded()).await;
        let bare = Bare::Keyless(simulator.base_url());
        Self { simulator, plugin: Plugin::Bare(bare) }
    }

    /// The same world, with the account of a support agent who is no administrator.
    #[must_use]
    pub fn as_agent(self) -> Self {
        self.with_key(seed::AGENT_KEY)
    }

    /// The same world, with another key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.plugin = match self.plugin {
            Plugin::Hosted(host, _) => Plugin::Hosted(host, account(key)),
            Plugin::Bare(_) => Plugin::Bare(Bare::new(&self.simulator.base_url(), key)),
        };
        self
    }

    /// Runs a tool, named without its prefix.
    ///
    /// # Errors
    ///
    /// Fails as the tool does.
    ///
    /// # Panics
    ///
    /// Panics when the plugin or its host breaks.
    pub async fn call(&self, tool: &str, input: Value) -> Result<Value, ToolError> {
        match self.outcome(tool, input).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Tool { error, .. }) => Err(error),
            Err(broken) => panic!("{tool} broke: {}", broken.log()),
        }
    }

    /// Runs a tool, named without its prefix, that may break.
    ///
    /// # Errors
    ///
    /// Fails as the host does.
    pub async fn outcome(&self, tool: &str, input: Value) -> Result<Value, CallError> {
        let tool = format!("freshdesk_{tool}");
        let result = match &self.plugin {
            Plugin::Hosted(host, account) => host.call(account, &tool, &input).await,
            Plugin::Bare(bare) => bare.call(&tool, &input).await,
        };
        self.state().faults.clear();
        result
    }

    /// The simulator's state. Not to be held while a tool runs.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.simulator.state()
    }

    /// Reads or changes the helpdesk.
    pub fn helpdesk<T>(&self, with: impl FnOnce(&mut Helpdesk) -> T) -> T {
        with(self.state().helpdesk(seed::LABEL))
    }

    /// Makes the next call go wrong, however often the host sends its request.
    pub fn fault(&self, action: FaultAction) {
        self.state().faults.push(Fault { times: TRIES + 1, ..Fault::once(action) });
    }

    /// How often the host sends the request of a read that goes wrong, or of a write that surely was not executed.
    pub fn tries(&self) -> usize {
        if matches!(self.plugin, Plugin::Hosted(..)) { TRIES as usize } else { 1 }
    }

    /// Makes the next call be answered with this status and body.
    pub fn answers(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.fault(FaultAction::Respond { status, headers, body: body.as_bytes().to_vec() });
    }

    /// The requests that arrived so far.
    pub fn requests(&self) -> Vec<Exchange> {
        self.state().journal.clone()
    }

    /// Forgets the requests that arrived so far.
    pub fn forget(&self) {
        self.state().journal.clear();
    }

    /// The one request that arrived.
    ///
    /// # Panics
    ///
    /// Panics when none or several arrived.
    pub fn request(&self) -> Exchange {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one call makes one request: {requests:?}");
        requests.remove(0)
    }
}

/// A simulator on loopback.
///
/// # Panics
///
/// Panics when it does not start.
pub async fn simulator(transport: Transport, state: State) -> Simulator {
    let settings = freshdesk_simulator::Settings { transport, state, ..freshdesk_simulator::Settings::default() };
    Simulator::start(settings).await.expect("a simulator starts on loopback")
}

/// A number of the environment; none where it says nothing.
pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// Settings with which a host reaches `simulator` as its helpdesk.
pub fn settings(simulator: &Simulator) -> freshdesk_host::Settings {
    let helpdesk = Label::parse(seed::LABEL).expect("the seed's label is one");
    let development = Development {
        resolve: [(helpdesk.host(), simulator.addr())].into(),
        trust_roots: simulator.authority_pem().map(str::to_owned).into_iter().collect(),
    };
    freshdesk_host::Settings { cache: Some(cache()), development, ..freshdesk_host::Settings::default() }
}

/// Where the tests keep the compiled plugin.
fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/tests-cache").components().collect()
}

/// The account of the agent with this key on the seed's helpdesk.
pub fn account(key: &str) -> Arc<Account> {
    let helpdesk = Label::parse(seed::LABEL).expect("the seed's label is one");
    Arc::new(Account::new(helpdesk, ApiKey::new(key).expect("the key is one word")))
}
