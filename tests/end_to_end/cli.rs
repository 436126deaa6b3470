//! The composed plugin under the stock `wasmtime` command line.

use std::io::Write;
use std::process::{Command, Output};

use freshdesk_simulator::{Settings, Simulator, Transport, seed};
use freshdesk_tests::run;

/// A simulator over plain HTTP, the artefact as a file in an empty directory, and the command line that runs it.
struct CommandLine {
    simulator: Simulator,
    directory: tempfile::TempDir,
}

impl CommandLine {
    /// Ready to run, if a `wasmtime` 48 is installed.
    async fn ready() -> Option<Self> {
        if !installed() {
            let missing = "needs the wasmtime command line: cargo install wasmtime-cli@48.0.8 --locked";
            assert!(std::env::var_os("CI").is_none(), "this test {missing}");
            // Not through the test's captured output: a skipped test is visible.
            let _ = writeln!(std::io::stderr(), "SKIPPED: this test {missing}");
            return None;
        }
        let settings = Settings { transport: Transport::Plain, ..Settings::default() };
        let simulator = Simulator::start(settings).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("freshdesk-env.wasm"), freshdesk_components::PLUGIN_WITH_ENV).unwrap();
        Some(Self { simulator, directory })
    }

    fn invoke(&self, call: &str, variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new("wasmtime");
        command.current_dir(self.directory.path()).args(["run", "-S", "http"]);
        for (name, value) in variables {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.args(["--invoke", call, "freshdesk-env.wasm"]).output().unwrap()
    }

    async fn call(&self, call: &str) -> String {
        let url = self.simulator.base_url();
        let variables = [("FRESHDESK_BASE_URL", url.as_str()), ("FRESHDESK_API_KEY", seed::ADMIN_KEY)];
        let output = tokio::task::block_in_place(|| self.invoke(call, &variables));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn installed() -> bool {
    let asked = Command::new("wasmtime").arg("--version").output();
    asked.is_ok_and(|output| output.stdout.starts_with(b"wasmtime 48."))
}

#[test]
fn the_stock_command_line_reads_a_ticket() {
    run(async {
        let Some(wasmtime) = CommandLine::ready().await else { return };
        let answer = wasmtime.call("ticket-get({ticket-id: 42817, include: some([requester, stats])})").await;
        assert!(answer.starts_with("ok({ticket: {id: 42817, "), "{answer}");
        assert!(answer.contains(r#"requester: some({id: 158017000701, name: some("Sarah Chen")"#), "{answer}");
        let answer = wasmtime.call("roles-list({:})").await;
        assert!(answer.contains("Account Administrator"), "{answer}");
    });
}

#[test]
fn the_stock_command_line_writes_a_ticket() {
    run(async {
        let Some(wasmtime) = CommandLine::ready().await else { return };
        let call =
            r#"ticket-create({subject: some("From a shell"), description: some("Hi"), email: some("a@example.com")})"#;
        let answer = wasmtime.call(call).await;
        assert!(answer.starts_with("ok({id: 42818, "), "{answer}");
        let mut state = wasmtime.simulator.state();
        assert_eq!(state.helpdesk(seed::LABEL).tickets[&42818].subject.as_deref(), Some("From a shell"));
    });
}

/// The README says that the command exits with 0 also when the tool fails.
#[test]
fn the_stock_command_line_shows_errors_as_values() {
    run(async {
        let Some(wasmtime) = CommandLine::ready().await else { return };
        assert_eq!(wasmtime.call("ticket-get({ticket-id: 1})").await.trim(), "err(not-found)");
        let output = tokio::task::block_in_place(|| wasmtime.invoke("roles-list({:})", &[]));
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.starts_with(r#"err(not-connected("set FRESHDESK_DOMAIN"#), "{said}");
    });
}
