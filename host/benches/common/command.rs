//! The command, as an operator runs it for a tenant `bench`: in a folder of its own, for a simulated Freshdesk.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use freshdesk_simulator::seed;
use serde_json::Value;
use tempfile::TempDir;

use super::simulator::Introduction;

/// The tenant whose users' agents call.
const TENANT: &str = "bench";

/// Where it is run.
pub(crate) struct Operator {
    simulator: Introduction,
    database: String,
    folder: TempDir,
}

/// A host that serves. It ends when this is dropped.
pub(crate) struct Server {
    /// Its address, such as `127.0.0.1:8080`.
    pub(crate) address: String,
    child: Child,
}

impl Operator {
    /// Begins to keep accounts, in this database or else in a file.
    pub(crate) fn begin(simulator: &Introduction, database: Option<String>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = database.unwrap_or_else(|| folder.path().join("accounts.db").display().to_string());
        let operator = Self { simulator: simulator.clone(), database, folder };
        fs::write(operator.path("authority.pem"), &simulator.authority)?;
        freshdesk_host::create_root_keys(&operator.path("root.keys"))?;
        operator.run(&["tenants", "create", TENANT], "")?;
        Ok(operator)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let resolve = format!("{}.freshdesk.com={}", seed::LABEL, self.simulator.addr);
        let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
        command.args(arguments).args(["--resolve", &resolve, "--trust-root"]).arg(self.path("authority.pem"));
        command.args(["--root-keys", &format!("file:{}", self.path("root.keys").display())]);
        command.env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.env("FRESHDESK_DATABASE", &self.database).env("FRESHDESK_HOST_NAME", "operator");
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

    /// Connects a user's account, as the helpdesk's administrator.
    pub(crate) fn connect(&self, user: &str) -> Result<()> {
        self.run(&["accounts", "import", TENANT, user, "--domain", seed::LABEL], seed::ADMIN_KEY).map(drop)
    }

    /// Makes a token for this user's agents, or for all users'.
    pub(crate) fn token(&self, user: Option<&str>) -> Result<String> {
        let whose = user.map_or(Vec::new(), |user| vec!["--identifier", user]);
        let made = self.run(&[&["tokens", "create", TENANT, "--name", "bench", "--json"], &*whose].concat(), "")?;
        let made: Value = serde_json::from_str(&made)?;
        Ok(made["token"].as_str().context("no token was made")?.to_owned())
    }

    /// Starts to serve on a free port, as a host of this name and with these options.
    pub(crate) fn serve(&self, name: &str, options: &[&str]) -> Result<Server> {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        command.args(options).env("FRESHDESK_HOST_NAME", name);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("it has no standard error")?).lines();
        let mut said = Vec::new();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            said.push(line);
            Some(said.last()?.split_once(" at http://")?.1.trim().to_owned())
        });
        // What it says later is of interest when something fails.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("  {line}")));
        let Some(address) = address else {
            child.wait()?;
            bail!("a host did not serve: {}", said.join(" "));
        };
        Ok(Server { address, child })
    }
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
