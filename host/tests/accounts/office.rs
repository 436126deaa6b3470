//! The set-up: an operator's machine with a simulated Freshdesk beside it, on which the real command runs.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use freshdesk_components::PLUGIN;
use freshdesk_host::{
    Accounts, Database, Development, Host, Keeping, Label, RootKeys, Settings as HostSettings, TenantWish, User,
};
use freshdesk_simulator::{Exchange, Limits, Settings, Simulator, State, seed};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The tenant whose users connect.
pub const TENANT: &str = "acme-app";

/// The e-mail by which Freshdesk knows the administrator of its seed.
pub const EMAIL: &str = "jane@acme.example";

/// The longest time that a test waits for something that comes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A machine: a folder with store, root keys and log, and a Freshdesk. The simulator needs a runtime of more than one thread.
pub struct Office {
    /// The simulated Freshdesk.
    pub simulator: Simulator,
    /// Where the accounts are: a file's name or a URL.
    pub database: String,
    folder: TempDir,
    drop: Option<String>,
    host: OnceLock<Arc<Host>>,
}

/// Where an office keeps its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A host that serves, until it is dropped.
pub struct Server {
    /// Its address: `http://127.0.0.1:PORT`.
    pub url: String,
    child: Child,
    log: Option<JoinHandle<()>>,
}

impl Office {
    /// An office with a store in a file.
    pub async fn open() -> Self {
        Self::with(Engine::Sqlite).await.unwrap()
    }

    /// An office with a store of this kind. None where there is no PostgreSQL, which is said.
    pub async fn with(engine: Engine) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let (database, drop) = match engine {
            Engine::Sqlite => (folder.path().join("accounts.db").to_str().unwrap().to_owned(), None),
            Engine::Postgres => {
                let name = tokio::task::block_in_place(create_database)?;
                (format!("{}/{name}", server().rsplit_once('/').unwrap().0), Some(name))
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
    pub async fn with_tenant(engine: Engine) -> Option<Self> {
        let office = Self::with(engine).await?;
        let accounts = office.another_host("opening").await;
        accounts.create_tenant(TENANT, &TenantWish { name: Some("Acme App".to_owned()), ..Default::default() }).await.unwrap();
        accounts.close().await;
        Some(office)
    }

    /// A file of the office.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of root keys.
    pub fn root_keys(&self) -> PathBuf {
        self.path("accounts.keys")
    }

    /// All files of the office.
    pub fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path()).collect()
    }

    /// Another host over the same store and root keys, in this process: what it does is in the trail under its name. It has
    /// to be closed.
    pub async fn another_host(&self, name: &str) -> Arc<Accounts> {
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
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        if self.drop.is_some() {
            command.args(["--root-keys", &format!("file:{}", self.root_keys().display())]);
        }
        command
    }

    /// The command without a source of root keys.
    pub fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
        command.args(arguments).env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR"));
        command.env("PATH", std::env::var("PATH").unwrap()).current_dir(self.folder.path());
        command.env("FRESHDESK_DATABASE", &self.database).env("FRESHDESK_HOST_NAME", "office");
        let resolve = format!("{}.freshdesk.com={}", seed::LABEL, self.simulator.addr());
        command.args(["--resolve", &resolve, "--trust-root", self.path("authority.pem").to_str().unwrap()]);
        command
    }

    /// Runs the command to its end, while the simulator answers it.
    pub fn run(&self, arguments: &[&str]) -> Output {
        tokio::task::block_in_place(|| self.command(arguments).output().unwrap())
    }

    /// Runs the command with a text on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        tokio::task::block_in_place(|| {
            let mut command = self.command(arguments);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            // One that fails early does not read it.
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            child.wait_with_output().unwrap()
        })
    }

    /// What the command prints when it succeeds.
    pub fn text(&self, arguments: &[&str]) -> String {
        succeeded(&self.run(arguments))
    }

    /// What the command prints as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// What the command says when it cannot do what it was asked for, for which it exits with 2 and prints nothing.
    pub fn misused(&self, arguments: &[&str]) -> String {
        refused(&self.run(arguments))
    }

    /// Starts to serve on a free port; standard error goes to `serve.log`, from which the port is read.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let command = self.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        tokio::task::block_in_place(|| Server::start(command, &self.path("serve.log")))
    }

    /// Connects a user's account with a key, without a page.
    pub async fn connect(&self, user: &User, key: &str) {
        let accounts = self.another_host("importer").await;
        let key = freshdesk_host::ApiKey::new(key).unwrap();
        accounts.import(user, Label::parse(seed::LABEL).unwrap(), key).await.unwrap();
        accounts.close().await;
    }

    /// Gives the administrator another key, as a reset in Freshdesk does.
    pub fn reset_key(&self, key: &str) {
        self.simulator.state().helpdesk(seed::LABEL).agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some(key.to_owned());
    }

    /// The requests that arrived at Freshdesk so far.
    pub fn requests(&self) -> Vec<Exchange> {
        self.simulator.state().journal.clone()
    }

    /// Waits until a request to a path with this end arrives, beyond the first `before` requests.
    pub fn await_request(&self, before: usize, end: &str) {
        wait_for(&format!("a request to {end}"), || {
            let state = self.simulator.state();
            state.journal.iter().skip(before).any(|request| request.path.ends_with(end))
        });
    }

    /// Rows of the store, read behind the host's back.
    pub fn count(&self, table: &str, condition: &str) -> u64 {
        let statement = format!("SELECT count(*) FROM {table} WHERE {condition}");
        tokio::task::block_in_place(|| match &self.drop {
            Some(_) => {
                let output = Command::new("psql").args([&self.database, "-qtAc", &statement]).output().unwrap();
                succeeded(&output).trim().parse().unwrap()
            }
            None => {
                let store = rusqlite::Connection::open(&self.database).unwrap();
                store.busy_timeout(PATIENCE).unwrap();
                store.query_row(&statement, (), |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap()
            }
        })
    }

    /// Changes the store behind the host's back.
    pub fn meddle(&self, statement: &str) {
        tokio::task::block_in_place(|| match &self.drop {
            Some(_) => drop(succeeded(&Command::new("psql").args([&self.database, "-qc", statement]).output().unwrap())),
            None => {
                let store = rusqlite::Connection::open(&self.database).unwrap();
                store.busy_timeout(PATIENCE).unwrap();
                store.execute_batch(statement).unwrap();
            }
        });
    }

    /// Asserts that all that is sealed opens and that the trail is whole, by the command.
    pub fn is_sound(&self) {
        let vault = self.json(&["vault", "verify"]);
        assert_eq!(vault["failed"], serde_json::json!([]), "{vault}");
        let trail = self.json(&["audit", "verify"]);
        assert_eq!(trail["faults"], serde_json::json!([]), "{trail}");
    }
}

/// A user of the office's tenant.
pub fn user(identifier: &str) -> User {
    User::new(TENANT, identifier).unwrap()
}

/// What a command printed that succeeded.
pub fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}{}", output.status, stdout(output), stderr(output));
    stdout(output)
}

/// What a command said that could not be carried out.
pub fn refused(output: &Output) -> String {
    assert_eq!((output.status.code(), stdout(output).as_str()), (Some(2), ""), "{}", stderr(output));
    stderr(output)
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until something is so.
pub fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    tokio::task::block_in_place(|| {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "{what} did not come");
            std::thread::sleep(Duration::from_micros(200));
        }
    });
}

impl Server {
    /// Starts a command that serves; its log is added to a file.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut said = String::new();
        let url = loop {
            let Some(line) = lines.next() else { panic!("it did not serve: {said}") };
            writeln!(log, "{line}").unwrap();
            if let Some((_, url)) = line.split_once("serving the connect page at ") {
                break url.trim().to_owned();
            }
            said += &line;
        };
        let log = std::thread::spawn(move || lines.for_each(|line| writeln!(log, "{line}").unwrap()));
        Self { url, child, log: Some(log) }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, wherever it is.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal, and waits until it has ended and all of its log is written.
    pub fn end(mut self, signal: Signal) -> ExitStatus {
        tokio::task::block_in_place(|| {
            kill_process(Pid::from_child(&self.child), signal).unwrap();
            let begun = Instant::now();
            let status = loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    break status;
                }
                assert!(begun.elapsed() < PATIENCE, "it did not end");
                std::thread::sleep(Duration::from_millis(5));
            };
            self.log.take().unwrap().join().unwrap();
            status
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(name) = &self.drop {
            psql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn server() -> String {
    std::env::var("FRESHDESK_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

fn psql(statement: &str) -> bool {
    let output = Command::new("psql").args([&server(), "-qc", statement]).output();
    output.is_ok_and(|output| output.status.success())
}

/// A new database. None where there is no server: said, and a failure where all tests have to run.
fn create_database() -> Option<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("fd_office_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    if psql(&format!("CREATE DATABASE {name}")) {
        return Some(name);
    }
    assert!(std::env::var_os("CI").is_none(), "no PostgreSQL at {}", server());
    eprintln!("SKIPPED: no PostgreSQL at {}", server());
    None
}
