//! The set-up: an operator's machine with a simulated Freshdesk beside it, on which the real command runs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use freshdesk_components::PLUGIN;
use freshdesk_host::{
    Accounts, Database, Development, Host, Keeping, Label, RootKeys, Settings as HostSettings, TenantWish, User,
};
use freshdesk_simulator::{Exchange, Limits, Settings, Simulator, State, seed};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::output::{refused, succeeded};
use crate::postgres::{self, psql};
pub(crate) use crate::server::Server;
use crate::store;

/// The tenant whose users connect.
pub(crate) const TENANT: &str = "acme-app";

/// The e-mail by which Freshdesk knows the administrator of its seed.
pub(crate) const EMAIL: &str = "jane@acme.example";

/// The longest time that a test waits for something that comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A machine: a folder with store, root keys and log, and a Freshdesk. The simulator needs a runtime of more than one thread.
pub(crate) struct Office {
    /// The simulated Freshdesk.
    pub(crate) simulator: Simulator,
    /// Where the accounts are: a file's name or a URL.
    pub(crate) database: String,
    folder: TempDir,
    drop: Option<String>,
    host: OnceLock<Arc<Host>>,
}

/// Where an office keeps its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Office {
    /// An office with a store in a file.
    pub(crate) async fn open() -> Self {
        Self::with(Engine::Sqlite).await.unwrap()
    }

    /// An office with a store of this kind. None where there is no PostgreSQL, which is said.
    pub(crate) async fn with(engine: Engine) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let (database, drop) = match engine {
            Engine::Sqlite => (folder.path().join("accounts.db").to_str().unwrap().to_owned(), None),
            Engine::Postgres => {
                let name = tokio::task::block_in_place(postgres::create_database)?;
                (format!("{}/{name}", postgres::server().rsplit_once('/').unwrap().0), Some(name))
            }
        };
        let simulator = Simulator::start(Settings { state: State::seeded(), ..Settings::default() }).await.unwrap();
        simulator.state().helpdesk(seed::LABEL).limits = Limits::total(1_000_000);
        std::fs::write(folder.path().join("authority.pem"), simulator.authority_pem().unwrap()).unwrap();
        let office = Self { simulator, database, folder, drop, host: OnceLock::new() };
        if engine == Engine::Postgres {
            // A store that is no file gets no root key made: the operator does it.
            freshdesk_host::create_root_keys(&office.root_keys()).unwrap();
        }
        Some(office)
    }

    /// An office with a tenant of this name.
    pub(crate) async fn with_tenant(engine: Engine) -> Option<Self> {
        let office = Self::with(engine).await?;
        let accounts = office.another_host("opening").await;
        accounts
            .create_tenant(TENANT, &TenantWish { name: Some("Acme App".to_owned()), ..Default::default() })
            .await
            .unwrap();
        accounts.close().await;
        Some(office)
    }

    /// A file of the office.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of root keys.
    pub(crate) fn root_keys(&self) -> PathBuf {
        self.path("accounts.keys")
    }

    /// All files of the office.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path()).collect()
    }

    /// Another host over the same store and root keys, in this process: what it does is in the trail under its name. It has
    /// to be closed.
    pub(crate) async fn another_host(&self, name: &str) -> Arc<Accounts> {
        let host = Arc::clone(self.host.get_or_init(|| Arc::new(self.new_host())));
        let database = match &self.drop {
            None => Database::Sqlite(PathBuf::from(&self.database)),
            Some(_) => Database::Postgres(self.database.clone()),
        };
        if !self.root_keys().exists() {
            freshdesk_host::create_root_keys(&self.root_keys()).unwrap();
        }
        let root_keys = RootKeys::File(self.root_keys());
        let public_url = "http://127.0.0.1:8080".to_owned();
        Accounts::open(host, &Keeping { database, root_keys, host: name.to_owned(), public_url }).await.unwrap()
    }

    fn new_host(&self) -> Host {
        let authority = self.simulator.authority_pem().unwrap().to_owned();
        let development = Development {
            resolve: [(Label::parse(seed::LABEL).unwrap().host(), self.simulator.addr())].into(),
            trust_roots: vec![authority],
        };
        let cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join(".cache/freshdesk-host"));
        Host::new(PLUGIN, &HostSettings { cache, calls: 50, development, ..HostSettings::default() }).unwrap()
    }

    /// The command, in an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        if self.drop.is_some() {
            command.args(["--root-keys", &format!("file:{}", self.root_keys().display())]);
        }
        command
    }

    /// The command without a source of root keys.
    pub(crate) fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
        command.args(arguments).env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR"));
        command.env("PATH", std::env::var("PATH").unwrap()).current_dir(self.folder.path());
        command.env("FRESHDESK_DATABASE", &self.database).env("FRESHDESK_HOST_NAME", "office");
        let resolve = format!("{}.freshdesk.com={}", seed::LABEL, self.simulator.addr());
        command.args(["--resolve", &resolve, "--trust-root", self.path("authority.pem").to_str().unwrap()]);
        command
    }

    /// Runs the command to its end, while the simulator answers it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        tokio::task::block_in_place(|| self.command(arguments).output().unwrap())
    }

    /// Runs the command with a text on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        tokio::task::block_in_place(|| {
            let mut command = self.command(arguments);
            let mut child =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // One that fails early does not read it.
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            child.wait_with_output().unwrap()
        })
    }

    /// What the command prints when it succeeds.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        succeeded(&self.run(arguments))
    }

    /// What the command prints as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// What the command says when it cannot do what it was asked for, for which it exits with 2 and prints nothing.
    pub(crate) fn misused(&self, arguments: &[&str]) -> String {
        refused(&self.run(arguments))
    }

    /// Starts to serve on a free port; standard error goes to `serve.log`, from which the port is read.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let command = self.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        tokio::task::block_in_place(|| Server::start(command, &self.path("serve.log")))
    }

    /// Connects a user's account with a key, without a page.
    pub(crate) async fn connect(&self, user: &User, key: &str) {
        let accounts = self.another_host("importer").await;
        let key = freshdesk_host::ApiKey::new(key).unwrap();
        accounts.import(user, Label::parse(seed::LABEL).unwrap(), key).await.unwrap();
        accounts.close().await;
    }

    /// Gives the administrator another key, as a reset in Freshdesk does.
    pub(crate) fn reset_key(&self, key: &str) {
        self.simulator.state().helpdesk(seed::LABEL).agents.get_mut(&seed::ADMIN_ID).unwrap().api_key =
            Some(key.to_owned());
    }

    /// The requests that arrived at Freshdesk so far.
    pub(crate) fn requests(&self) -> Vec<Exchange> {
        self.simulator.state().journal.clone()
    }

    /// Waits until a request to a path with this end arrives, beyond the first `before` requests.
    pub(crate) fn await_request(&self, before: usize, end: &str) {
        wait_for(&format!("a request to {end}"), || {
            let state = self.simulator.state();
            state.journal.iter().skip(before).any(|request| request.path.ends_with(end))
        });
    }

    /// Waits until a host that was killed is not heard of any more: what it sent last, PostgreSQL may still be at.
    pub(crate) fn await_silence(&self) {
        let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'freshdesk-host' AND state <> 'idle'";
        wait_for("the end of what a killed host sent", || {
            self.drop.is_none() || store::query(&self.database, busy).unwrap() == "0"
        });
    }

    /// Rows of the store, read behind the host's back.
    pub(crate) fn count(&self, table: &str, condition: &str) -> u64 {
        let statement = format!("SELECT count(*) FROM {table} WHERE {condition}");
        store::query(&self.database, &statement).unwrap().parse().unwrap()
    }

    /// Changes the store behind the host's back.
    pub(crate) fn meddle(&self, statements: &str) {
        store::meddle(&self.database, statements);
    }

    /// Asserts that all that is sealed opens and that the trail is whole, by the command.
    pub(crate) fn is_sound(&self) {
        is_sound(|arguments| self.json(arguments));
    }
}

/// The same, by what the command prints as JSON on some machine. Tells how many secrets there are.
pub(crate) fn is_sound(json: impl Fn(&[&str]) -> Value) -> u64 {
    let vault = json(&["vault", "verify"]);
    assert_eq!(vault["failed"], json!([]), "{vault}");
    let trail = json(&["audit", "verify"]);
    assert_eq!(trail["faults"], json!([]), "{trail}");
    vault["opened"].as_u64().unwrap()
}

/// A user of the office's tenant.
pub(crate) fn user(identifier: &str) -> User {
    User::new(TENANT, identifier).unwrap()
}

/// A ticket with this subject. What a store of an earlier version remembers was made of the same arguments, to the letter.
pub(crate) fn ticket(subject: &str) -> Value {
    json!({"subject": subject, "description": "x", "email": "sarah@example.com", "priority": 1, "status": 2})
}

/// Waits until something is so.
pub(crate) fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    tokio::task::block_in_place(|| {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "{what} did not come");
            std::thread::sleep(Duration::from_micros(200));
        }
    });
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(name) = &self.drop {
            psql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
