//! The set-up: an operator's machine with a simulated Freshdesk beside it, on which the real command runs.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use freshdesk_simulator::{Settings, Simulator, State, seed};
use serde_json::Value;
use tempfile::TempDir;

/// A machine: a folder with store, root keys and log, and a Freshdesk. The simulator needs a runtime of more than one thread.
pub struct Office {
    /// The simulated Freshdesk.
    pub simulator: Simulator,
    folder: TempDir,
    database: String,
    drop: Option<String>,
}

/// Where an office keeps its accounts.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A host that serves, until it is dropped.
pub struct Server {
    /// Its address: `http://127.0.0.1:PORT`.
    pub url: String,
    child: Child,
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
                let name = create_database()?;
                (format!("{}/{name}", server().rsplit_once('/').unwrap().0), Some(name))
            }
        };
        let simulator = Simulator::start(Settings { state: State::seeded(), ..Settings::default() }).await.unwrap();
        std::fs::write(folder.path().join("authority.pem"), simulator.authority_pem().unwrap()).unwrap();
        let office = Self { simulator, folder, database, drop };
        if office.drop.is_some() {
            // A store that is no file gets no root key made: the operator names one.
            let made = office.command(&["tenants", "list"]).args(["--database", office.path("unused.db").to_str().unwrap()]);
            assert!(made.output().unwrap().status.success());
        }
        Some(office)
    }

    /// A file of the office.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command, in an environment of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
        command.args(arguments).env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR")).env("PATH", std::env::var("PATH").unwrap());
        command.env("FRESHDESK_DATABASE", &self.database).env("FRESHDESK_HOST_NAME", "office");
        if self.drop.is_some() {
            command.args(["--root-keys", &format!("file:{}", self.path("unused.keys").display())]);
        }
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
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            child.wait_with_output().unwrap()
        })
    }

    /// What the command prints as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts to serve on a free port; standard error goes to `serve.log`, from which the port is read.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        tokio::task::block_in_place(|| {
            let mut command = self.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
            let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
            let mut said = String::new();
            let url = loop {
                let Some(Ok(line)) = lines.next() else { panic!("it did not serve: {said}") };
                if let Some((_, url)) = line.split_once("serving the connect page at ") {
                    break url.trim().to_owned();
                }
                said += &line;
            };
            let mut log = std::fs::File::options().create(true).append(true).open(self.path("serve.log")).unwrap();
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| writeln!(log, "{line}").unwrap()));
            Server { url, child }
        })
    }
}

impl Server {
    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, wherever it is.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
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
