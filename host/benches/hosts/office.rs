//! An operator's machines: a simulated Freshdesk, a database of PostgreSQL, accounts that are connected, and the command that
//! serves them, as often as it is asked for.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use freshdesk_simulator::seed;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::counter::Counter;
use crate::database::Database;
use crate::locks::Watch;
use crate::simulator::Simulator;

/// The tenant whose users' agents call.
const TENANT: &str = "bench";

/// Its users: an account has a hundred calls running at a time, and no more.
pub(crate) const USERS: usize = 6;

pub(crate) struct Office {
    pub(crate) simulator: Simulator,
    pub(crate) counter: Counter,
    pub(crate) database: Database,
    pub(crate) token: String,
    folder: TempDir,
    pub(crate) runtime: Runtime,
}

/// A host. It ends when this is dropped.
pub(crate) struct Server {
    /// Its address, such as `127.0.0.1:8080`.
    pub(crate) address: String,
    child: Child,
}

impl Office {
    /// None where there is no PostgreSQL.
    pub(crate) fn open() -> Result<Option<Self>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let Some(database) = Database::create(runtime.handle())? else { return Ok(None) };
        let counter = Counter::start(runtime.handle(), &database)?;
        Watch::sees(runtime.handle(), &database)?;
        let (simulator, folder, token) = (Simulator::start()?, tempfile::tempdir()?, String::new());
        let mut office = Self { simulator, counter, database, token, folder, runtime };
        fs::write(office.path("authority.pem"), &office.simulator.introduction().authority)?;
        freshdesk_host::create_root_keys(&office.path("root.keys"))?;
        office.run(&["tenants", "create", TENANT], "")?;
        for user in 0..USERS {
            let import = ["accounts", "import", TENANT, &self::user(user), "--domain", seed::LABEL];
            office.run(&import, seed::ADMIN_KEY)?;
        }
        let token = office.run(&["tokens", "create", TENANT, "--name", "bench", "--json"], "")?;
        let token: Value = serde_json::from_str(&token)?;
        token["token"].as_str().context("no token was made")?.clone_into(&mut office.token);
        Ok(Some(office))
    }

    /// Starts so many hosts, with these options beside those that all have.
    pub(crate) fn serve(&self, hosts: usize, options: &[&str]) -> Result<Vec<Server>> {
        (0..hosts).map(|number| self.host(number, options)).collect()
    }

    fn host(&self, number: usize, options: &[&str]) -> Result<Server> {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        command.args(options).env("FRESHDESK_HOST_NAME", format!("host-{number}"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("it has no standard error")?).lines();
        let mut said = Vec::new();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            said.push(line);
            Some(said.last()?.split_once(" at http://")?.1.trim().to_owned())
        });
        // What it says later is of interest when something fails.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("  {line}")));
        match address {
            Some(address) => Ok(Server { address, child }),
            None => {
                child.wait()?;
                Err(anyhow::anyhow!("a host did not serve: {}", said.join(" ")))
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let resolve = format!("{}.freshdesk.com={}", seed::LABEL, self.simulator.introduction().addr);
        let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
        command.args(arguments).args(["--resolve", &resolve, "--trust-root"]).arg(self.path("authority.pem"));
        command.args(["--root-keys", &format!("file:{}", self.path("root.keys").display())]);
        command.env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.env("FRESHDESK_DATABASE", self.counter.url(&self.database)).env("FRESHDESK_HOST_NAME", "operator");
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        child.stdin.take().context("it has no standard input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The identifier of the user that has this number.
pub(crate) fn user(number: usize) -> String {
    format!("user-{}", number % USERS)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
