//! The command `freshdesk-host` as a user meets it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use freshdesk_components::{PLUGIN, PLUGIN_DIGEST};
use freshdesk_host::Digest;
use freshdesk_simulator::{Settings, Simulator, seed};
use serde_json::{Value, json};

/// A command in an empty environment, so that nobody's own account can be meant.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freshdesk-host"));
    command.args(arguments).env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A simulator, and the command that calls a tool on it.
struct Trial {
    simulator: Simulator,
    trust_root: tempfile::NamedTempFile,
}

impl Trial {
    async fn start() -> Self {
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let mut trust_root = tempfile::NamedTempFile::new().unwrap();
        trust_root.write_all(simulator.authority_pem().unwrap().as_bytes()).unwrap();
        Self { simulator, trust_root }
    }

    fn call(&self, tool: &str, input: &str, key: &str) -> Command {
        self.reach(&["call", tool, input], key)
    }

    fn reach(&self, arguments: &[&str], key: &str) -> Command {
        let resolve = format!("acme.freshdesk.com={}", self.simulator.addr());
        let trust_root = self.trust_root.path().to_str().unwrap();
        let mut command = command(arguments);
        command.args(["--resolve", &resolve, "--trust-root", trust_root]);
        command.env("FRESHDESK_DOMAIN", "acme").env("FRESHDESK_API_KEY", key);
        command
    }
}

/// Runs a command while the simulator answers it.
fn wait(command: &mut Command) -> Output {
    tokio::task::block_in_place(|| command.output().unwrap())
}

/// B9: standard output carries the answer and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn b9_a_call_prints_the_answer_as_json_and_nothing_else() {
    let trial = Trial::start().await;
    let output = wait(&mut trial.call("freshdesk_ticket_get", r#"{"ticket_id":42817}"#, seed::ADMIN_KEY));
    assert!(output.status.success(), "{}", stderr(&output));
    let ticket: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&ticket["id"], &ticket["status"]), (&json!(42817), &json!("open")));
    assert_eq!(stderr(&output), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_are_read_from_standard_input() {
    let trial = Trial::start().await;
    let mut command = trial.call("freshdesk_roles_list", "-", seed::ADMIN_KEY);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"per_page\": 2}").unwrap();
    let output = tokio::task::block_in_place(|| child.wait_with_output().unwrap());
    let page: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(page["roles"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tools_error_is_json_and_exits_with_1() {
    let trial = Trial::start().await;
    let output = wait(&mut trial.call("freshdesk_ticket_get", r#"{"ticket_id":1}"#, seed::ADMIN_KEY));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"], "not_found");
    let output = wait(&mut trial.call("freshdesk_ticket_get", r#"{"ticket":1}"#, seed::ADMIN_KEY));
    assert_eq!(output.status.code(), Some(1));
    let error: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(error["error"], "invalid_input");
    assert!(error["problems"].as_array().unwrap().iter().any(|problem| problem["field"] == "ticket"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_revoked_and_not_printed() {
    let trial = Trial::start().await;
    let output = wait(&mut trial.call("freshdesk_roles_list", "{}", "WrongKeyOfNobody12345"));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"], "revoked");
    assert!(!(stdout(&output) + &stderr(&output)).contains("WrongKeyOfNobody12345"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_another_authority_is_not_reached() {
    let (trial, other) = (Trial::start().await, Trial::start().await);
    let mut command = trial.call("freshdesk_roles_list", "{}", seed::ADMIN_KEY);
    command.arg("--resolve").arg(format!("acme.freshdesk.com={}", other.simulator.addr()));
    let output = wait(&mut command);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"], "unavailable");
    assert_eq!(other.simulator.state().journal.len(), 0);
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    for (output, said) in [
        (run(&["call", "freshdesk_roles_list", "{}"]), "set FRESHDESK_DOMAIN"),
        (run(&["call", "freshdesk_roles_list", "{}", "--domain", "acme"]), "set FRESHDESK_API_KEY"),
        (run(&["call", "freshdesk_roles_list", "{}", "--domain", "evil.tld/x"]), "names no helpdesk"),
        (run(&["call", "freshdesk_roles_list", "{"]), "the arguments are not JSON"),
        (run(&["call", "freshdesk_roles_list"]), "<JSON>"),
        (
            command(&["call", "freshdesk_roles_list", "{}", "--domain", "acme"])
                .env("FRESHDESK_API_KEY", "acme.freshdesk.com")
                .output()
                .unwrap(),
            "this is no API key",
        ),
        (run(&["call", "freshdesk_roles_list", "{}", "--domain", "FAKEkeyOfJaneDoe0001"]), "and no key"),
    ] {
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn an_unknown_tool_is_answered_with_the_known_ones() {
    let mut command = command(&["call", "freshdesk_ticket_delete", "{}", "--domain", "acme"]);
    let output = command.env("FRESHDESK_API_KEY", "AnyKeyAtAll").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("freshdesk_ticket_update"), "{}", stderr(&output));
}

#[test]
fn a_component_that_is_no_plugin_is_refused() {
    let mut other = tempfile::NamedTempFile::new().unwrap();
    other.write_all(b"\0asm\x0d\0\x01\0").unwrap();
    let (file, digest) = (other.path().to_str().unwrap(), Digest::of(b"\0asm\x0d\0\x01\0").to_string());
    let mut command = command(&["call", "freshdesk_roles_list", "{}", "--domain", "acme"]);
    command.args(["--component", file, "--component-digest", &digest]);
    let output = command.env("FRESHDESK_API_KEY", "AnyKeyAtAll").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("does not implement the contract"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_in_a_file_is_run_once_it_is_said_what_it_has_to_be() {
    let trial = Trial::start().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(PLUGIN).unwrap();
    let name = file.path().to_str().unwrap();
    let call = |digest: Option<&str>| {
        let mut command = trial.call("freshdesk_roles_list", "{}", seed::ADMIN_KEY);
        command.args(["--component", name]);
        command.args(digest.map(|digest| ["--component-digest", digest]).into_iter().flatten());
        wait(&mut command)
    };
    let refused = call(None);
    assert_eq!(refused.status.code(), Some(2));
    let said = stderr(&refused);
    assert!(said.contains("--component-digest") && said.contains(&format!("verify {name}")), "{said}");

    let told = stdout(&wait(&mut command(&["verify", name])));
    let digest = told.lines().find(|line| line.starts_with("sha256:")).unwrap();
    assert_eq!(digest, PLUGIN_DIGEST);
    assert!(call(Some(digest)).status.success());
    assert!(stderr(&call(Some(&digest[..64]))).contains("64 hexadecimal digits"));

    // It is replaced by one that is as good, and that nobody has named: it has one empty section more.
    let replaced = [PLUGIN, b"\0\x04\x03new"].concat();
    std::fs::write(file.path(), &replaced).unwrap();
    let refused = call(Some(digest));
    assert_eq!(refused.status.code(), Some(2));
    let (said, other) = (stderr(&refused), Digest::of(&replaced).to_string());
    assert!(said.contains("was replaced") && said.contains(&other), "{said}");
    assert!(call(Some(&other)).status.success());
}

#[test]
fn the_command_tells_which_component_it_carries() {
    let told = stdout(&run(&["--version"]));
    assert_eq!(told.lines().last(), Some(format!("freshdesk.wasm {PLUGIN_DIGEST}").as_str()));
    assert_eq!(stdout(&run(&["-V"])).lines().count(), 1);
}

#[test]
fn the_tools_are_listed_with_their_schemas() {
    let output = run(&["tools", "--json"]);
    let tools: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(tools.len(), 10);
    assert!(
        tools.iter().all(|tool| tool["inputSchema"]["type"] == "object" && tool["outputSchema"]["type"] == "object")
    );
    let listed = stdout(&run(&["tools"]));
    assert!(tools.iter().all(|tool| listed.contains(tool["name"].as_str().unwrap())), "{listed}");
    assert!(!listed.contains('\u{1b}'), "colours are for terminals");
    let told = stdout(&run(&["tools", "freshdesk_ticket_get"]));
    assert!(told.contains("ticket_id (required)") && told.contains("include\n"), "{told}");
    assert!((listed + &told).lines().all(|line| line.chars().count() <= 80));
    assert_eq!(run(&["tools", "ticket_get"]).status.code(), Some(2));
}

#[test]
fn the_demo_runs_the_triage_and_ends_with_what_to_try_next() {
    let output = run(&["demo"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    for part in [
        "freshdesk_ticket_create",
        "✓ ticket 42818, open, medium",
        "freshdesk_tickets_list",
        "42817  open     high",
        "✓ sent to sarah@acmecorp.com, copy to manager@acmecorp.com",
        "✓ ticket 42817, open, high",
        "replied   Hi Sarah, we've reset your session",
        "authorization: Basic •••• (attached by the host)",
        "4 requests, 4 with the key, over 1 TLS connection",
        "Try next",
    ] {
        assert!(said.contains(part), "{part:?} is missing in:\n{said}");
    }
    assert!(!said.contains(seed::ADMIN_KEY) && !said.contains('\u{1b}'));
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_the_owner_of_the_key() {
    let trial = Trial::start().await;
    let output = wait(&mut trial.reach(&["who"], seed::ADMIN_KEY));
    let person: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&person["helpdesk"], &person["id"]), (&json!("acme.freshdesk.com"), &json!(seed::ADMIN_ID)));
    assert!(person["name"].is_string() && person["email"].is_string(), "{person}");
    let output = wait(&mut trial.reach(&["who"], "FAKEkeyOfNobody00001"));
    let error: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &error["error"]), (Some(1), &json!("revoked")));
}

#[test]
fn verify_says_what_a_component_imports_and_reaches_and_that_it_sees_no_key() {
    let output = run(&["verify"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for said in [
        "wasi:http/outgoing-handler@",
        "GET /api/v2/tickets/{ticket-id}",
        "DELETE /api/v2/agents/{agent-id}",
        "was nowhere",
        "that one was found",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(text.matches("sent with the key").count(), 10, "{text}");
    assert_eq!(stderr(&output), "");
}

#[test]
fn verify_tells_of_a_component_that_wants_more_than_it_may_have() {
    let mut other = tempfile::NamedTempFile::new().unwrap();
    let wat = r#"(component (import "wasi:sockets/tcp@0.2.6" (instance (export "f" (func)))))"#;
    other.write_all(&wat::parse_str(wat).unwrap()).unwrap();
    let output = run(&["verify", other.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("REFUSED: the network"), "{}", stdout(&output));
    assert!(stderr(&output).contains("wasi:sockets/tcp"), "{}", stderr(&output));
    assert_eq!(run(&["verify", "/nowhere"]).status.code(), Some(2));
}
