//! An operator's machine: a simulated Freshdesk, accounts that are connected to it, and the command that serves them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use freshdesk_simulator::seed;
use serde_json::Value;
use tempfile::TempDir;

use crate::simulator::Simulator;

/// The tenant whose users' agents call.
const TENANT: &str = "bench";

pub(crate) struct Office {
    simulator: Simulator,
    folder: TempDir,
}

/// The command that serves. It ends when this is dropped.
pub(crate) struct Server {
    /// Its address, such as `127.0.0.1:8080`.
    pub(crate) address: String,
    child: Child,
}

impl Office {
    pub(crate) fn open() -> Result<Self> {
        let office = Self { simulator: Simulator::start()?, folder: tempfile::tempdir()? };
        fs::write(office.authority(), &office.simulator.introduction().authority)?;
        office.run(&["tenants", "create", TENANT], "")?;
        Ok(office)
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let resolve = format!("{}.freshdesk.com={}", seed::LABEL, self.simulator.introduction().addr);
        let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
        command.args(arguments).args(["--resolve", &resolve, "--trust-root"]).arg(self.authority());
        command.env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.env("FRESHDESK_DATABASE", self.folder.path().join("accounts.db")).env("FRESHDESK_HOST_NAME", "bench");
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

    /// Connects a user's account, and makes a token for that user's agents.
    pub(crate) fn token(&self, user: &str) -> Result<String> {
        self.run(&["accounts", "import", TENANT, user, "--domain", seed::LABEL], seed::ADMIN_KEY)?;
        let token = self.run(&["tokens", "create", TENANT, "--name", "bench", "--identifier", user, "--json"], "")?;
        let token: Value = serde_json::from_str(&token)?;
        Ok(token["token"].as_str().context("no token was made")?.to_owned())
    }

    /// Starts to serve on a free port.
    pub(crate) fn serve(&self) -> Result<Server> {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("it has no standard error")?).lines();
        let address = lines.by_ref().find_map(|line| Some(line.ok()?.split_once(" at http://")?.1.trim().to_owned()));
        // What it says later is of interest when something fails.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("  {line}")));
        let address = address.context("it did not serve")?;
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
