//! Secrets that nobody else has go through all that a host does, with its log at the finest; then they are looked for
//! everywhere.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use freshdesk_host::Witness;
use freshdesk_host::verify::Canary;
use freshdesk_simulator::{Fault, FaultAction, seed};
use rustix::process::Signal;
use serde_json::Value;
use tokio::task::block_in_place;

use crate::office::{EMAIL, Engine, Office, Server, TENANT, wait_for};
use crate::output::succeeded;
use crate::receiver::Receiver;
use crate::visitor::{Page, Visitor};

/// What came out of the host, by where it did.
#[derive(Default)]
struct Outputs(Vec<(String, Vec<u8>)>);

impl Outputs {
    fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    fn of_command(&mut self, arguments: &[&str], output: &Output) -> String {
        self.add(format!("what {arguments:?} printed"), output.stdout.clone());
        self.add(format!("what {arguments:?} said"), output.stderr.clone());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Where a secret is, in whichever encoding.
    fn with(&self, secret: &Arc<Canary>) -> Vec<String> {
        self.0.iter().for_each(|(place, bytes)| secret.sees(place, bytes));
        secret.found()
    }
}

/// An office in which secrets go around.
struct Round {
    office: Office,
    receiver: Receiver,
    outputs: Outputs,
    /// What must be nowhere.
    secrets: Vec<(&'static str, Arc<Canary>)>,
}

impl Round {
    async fn begin(engine: Engine) -> Option<Self> {
        let office = Office::with_tenant(engine).await?;
        let (receiver, outputs) = (Receiver::start(), Outputs::default());
        let mut round = Self { office, receiver, outputs, secrets: Vec::new() };
        let ring = std::fs::read_to_string(round.office.root_keys()).unwrap();
        round.is_secret("the root key", ring.trim().rsplit(' ').next().unwrap());
        // These two are shown once, where they are made.
        let hooks = round.office.json(&["tenants", "set", TENANT, "--webhook-url", &round.receiver.url]);
        round.is_secret("the webhook key", hooks["webhook_key"].as_str().unwrap().strip_prefix("whsec_").unwrap());
        let token = round.office.json(&["tokens", "create", TENANT, "--name", "backend"]);
        round.is_secret("a token", token["token"].as_str().unwrap());
        Some(round)
    }

    fn is_secret(&mut self, what: &'static str, text: &str) {
        self.secrets.push((what, Canary::of(text)));
    }

    /// A key as Freshdesk makes them, which the administrator has from now on.
    fn new_key(&mut self, what: &'static str) -> String {
        let key = random_key();
        self.office.reset_key(key.key());
        self.secrets.push((what, Arc::clone(&key)));
        key.key().to_owned()
    }

    fn run(&mut self, arguments: &[&str]) -> String {
        let output = self.office.run(arguments);
        self.outputs.of_command(arguments, &output)
    }

    fn call(&mut self, tool: &str, input: &str) -> Value {
        let told = self.run(&["call", tool, input, "--tenant", TENANT, "--identifier", "jane"]);
        serde_json::from_str(&told).unwrap()
    }

    /// A link that is shown once; its token is a secret.
    fn link(&mut self, proof: &[&str]) -> Value {
        let link = self.office.json(&[&["accounts", "connect", TENANT, "jane"], proof].concat())["link"].take();
        self.is_secret("a link's token", token_of(link["url"].as_str().unwrap()));
        link
    }

    /// A user goes through the page with a wrong key first.
    fn through_the_page(&mut self, server: &Server, link: &str, key: &str, code: &[(&str, &str)]) -> Page {
        let wrong = random_key();
        self.secrets.push(("a wrong key", Arc::clone(&wrong)));
        let mut visitor = Visitor::at(&server.url);
        let last = block_in_place(|| {
            let form = visitor.open(link).unwrap();
            let refused = visitor.offer(&form, wrong.key()).unwrap();
            assert_eq!(refused.status, 422, "{refused:?}");
            let shown = visitor.offer(&refused, key).unwrap();
            visitor.submit(&shown, code).unwrap()
        });
        self.outputs.add("pages", visitor.seen);
        last
    }

    /// The key is given where the helpdesk belongs, and in an address.
    fn by_mistake(&mut self, server: &Server, link: &str, key: &str) {
        let mut visitor = Visitor::at(&server.url);
        block_in_place(|| {
            let form = visitor.open(link).unwrap();
            let refused = visitor.submit(&form, &[("helpdesk", key), ("key", "acme.freshdesk.com")]).unwrap();
            assert_eq!(refused.status, 422, "{refused:?}");
            assert_eq!(visitor.get(&format!("/connect/{key}")).unwrap().status, 410);
        });
        self.outputs.add("pages about a mistake", visitor.seen);
    }

    /// What everybody on the machine can see of a process, and what its administrator can.
    fn sees_process(&mut self, name: &str, id: u32) {
        let line = || std::fs::read(format!("/proc/{id}/cmdline")).unwrap();
        // For a moment, a process that begins has none.
        wait_for("a command line", || String::from_utf8_lossy(&line()).contains(name));
        let line = line();
        self.outputs.add(format!("the command line of {name}"), line);
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        self.outputs.add(format!("the environment of {name}"), environment);
    }

    /// Imports a key by the command, which is looked at while it waits for the key.
    fn import(&mut self, key: &str) {
        let arguments = ["accounts", "import", TENANT, "tom", "--domain", "acme", "--json"];
        let mut command = self.office.command(&arguments);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        self.sees_process("import", child.id());
        writeln!(child.stdin.take().unwrap(), "{key}").unwrap();
        let output = block_in_place(|| child.wait_with_output().unwrap());
        succeeded(&output);
        self.outputs.of_command(&arguments, &output);
    }

    /// The store as it lies on the disk, and as it is dumped.
    fn sees_store(&mut self, when: &str) {
        for file in self.office.files() {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("accounts.db") {
                self.outputs.add(format!("{name} {when}"), std::fs::read(&file).unwrap());
            }
        }
        if self.office.database.starts_with("postgres") {
            let dump = Command::new("pg_dump").args(["--inserts", &self.office.database]).output().unwrap();
            assert!(dump.stdout.len() > 1000, "{}", String::from_utf8_lossy(&dump.stderr));
            self.outputs.add(format!("the dump {when}"), decoded(&dump.stdout));
            self.outputs.add(format!("the dump's text {when}"), dump.stdout);
        }
    }
}

/// A key that is told from a helpdesk's name, as nearly all are: it has capital and small letters and digits.
fn random_key() -> Arc<Canary> {
    let has = |key: &Canary, kind: fn(&u8) -> bool| key.key().as_bytes().iter().any(kind);
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_uppercase, u8::is_ascii_lowercase, u8::is_ascii_digit];
    std::iter::repeat_with(Canary::new).find(|key| kinds.iter().all(|kind| has(key, *kind))).unwrap()
}

/// A dump of PostgreSQL with its bytes, which it writes in hexadecimal digits, as they are.
fn decoded(dump: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(dump);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let values = text.split("\\x").skip(1).map(|rest| rest.split('\'').next().unwrap_or_default().as_bytes());
    values.flat_map(|digits| digits.chunks(2).map_while(byte).chain(*b"\n")).collect()
}

/// The caller of a call that is refused is given a link, and so it is in what the command prints.
const ANSWERED: &str = "the token of a link that was answered";

fn token_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

async fn secrets_are_nowhere(engine: Engine) {
    let Some(mut round) = Round::begin(engine).await else { return };
    let first = round.new_key("the first key");
    let server = round.office.serve(&["--log", "trace", "--local-webhooks"]);

    let link = round.link(&["--code"]);
    let (url, code) = (link["url"].as_str().unwrap(), link["code"].as_str().unwrap());
    round.is_secret("a code", code);
    let connected = round.through_the_page(&server, url, &first, &[("code", code)]);
    assert!(connected.says_connected(), "{connected:?}");
    round.sees_process("serve", server.id());
    round.sees_store("after connecting");

    assert_eq!(round.call("freshdesk_ticket_get", r#"{"ticket_id":42817}"#)["id"], seed::TICKET_ID);
    // A server that repeats what it was sent.
    let basic = BASE64_STANDARD.encode(format!("{first}:X"));
    let body = format!(
        r#"{{"description":"{first}","errors":[{{"field":"{first}","message":"{basic}","code":"invalid_value"}}]}}"#
    );
    let headers = vec![("content-type".to_owned(), "application/json".to_owned()), ("x-echo".to_owned(), basic)];
    for status in [400, 403, 500] {
        let action = FaultAction::Respond { status, headers: headers.clone(), body: body.clone().into_bytes() };
        round.office.simulator.state().faults.push(Fault::on("GET", "/tickets", action));
        round.call("freshdesk_tickets_list", "{}");
        round.office.simulator.state().faults.clear();
    }

    round.run(&["accounts", "connect", TENANT, "jane", "--email", EMAIL]);
    let second = round.new_key("the second key");
    let revoked = round.call("freshdesk_roles_list", "{}");
    assert_eq!(revoked["error"], "revoked");
    let url = revoked["connect_url"].as_str().unwrap().to_owned();
    round.receiver.await_event("jane", "active", "revoked");
    round.is_secret(ANSWERED, token_of(&url));
    let again = round.through_the_page(&server, &url, &second, &[]);
    assert!(again.says_connected(), "{again:?}");
    assert!(round.call("freshdesk_roles_list", "{}")["roles"].is_array());
    let mistaken = round.link(&["--email", EMAIL]);
    round.by_mistake(&server, mistaken["url"].as_str().unwrap(), &second);
    round.import(&second);

    for arguments in [
        "accounts list",
        "accounts show acme-app jane",
        "tenants list",
        "tokens list acme-app",
        "vault verify",
        "vault rotate",
        "audit list --last 100000",
        "audit verify",
        "accounts disconnect acme-app jane",
    ] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        round.run(&arguments);
        round.run(&[arguments.as_slice(), &["--json"]].concat());
    }
    round.receiver.await_event("jane", "active", "disconnected");
    round.sees_store("while it serves");
    assert!(server.end(Signal::TERM).success());
    round.office.meddle("UPDATE accounts SET version = 7");
    round.run(&["vault", "verify"]);
    round.sees_store("at the end");
    look_everywhere(&mut round);
}

/// Looks for all secrets in all that came out, and shows that they would have been found.
fn look_everywhere(round: &mut Round) {
    let log = std::fs::read(round.office.path("serve.log")).unwrap();
    let text = String::from_utf8_lossy(&log);
    assert!(text.contains("DEBUG") && text.contains("a key was verified"), "the log is at its finest");
    round.outputs.add("the log", log);
    let deliveries = round.receiver.got();
    assert!(deliveries.len() >= 5, "all changes of state were told");
    for delivery in deliveries {
        round.outputs.add("a webhook", [delivery.head.as_bytes(), &delivery.body].concat());
    }
    let bytes: usize = round.outputs.0.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{} secrets in {bytes} bytes of {} outputs", round.secrets.len(), round.outputs.0.len());
    for (what, secret) in &round.secrets {
        let mut places = round.outputs.with(secret);
        if *what == ANSWERED {
            places.retain(|place| !place.starts_with("what [\"call\""));
        }
        assert_eq!(places, [""; 0], "{what} was found");
        is_found_where_it_is(secret);
    }
}

/// The control: where a secret is, it is found, however it is written.
fn is_found_where_it_is(secret: &Arc<Canary>) {
    let key = secret.key();
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let escaped: String = key.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let base64 = ["", "x", "xx"].map(|before| BASE64_STANDARD.encode(format!("{before}{key}:X")));
    for written in [key.to_owned(), hex, percent, escaped].into_iter().chain(base64) {
        let mut outputs = Outputs::default();
        outputs.add("a planted page", format!("{}{written}{}", "\0".repeat(5000), "\u{1}".repeat(5000)));
        assert_eq!(outputs.with(secret), ["a planted page"], "{written}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_anything_that_comes_out() {
    secrets_are_nowhere(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_anything_that_comes_out_over_postgres() {
    secrets_are_nowhere(Engine::Postgres).await;
}

/// What is in the middle of a file is found as well, also where the file is the real one.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_planted_in_the_database_is_found() {
    let office = Office::with_tenant(Engine::Sqlite).await.unwrap();
    let key = Canary::new();
    office.meddle(&format!("UPDATE tenants SET name = 'The key is {}, as it happens'", key.key()));
    let found = office.files().into_iter().filter(|file| is_database(file)).filter(|file| {
        key.sees("the database", &std::fs::read(file).unwrap());
        !key.found().is_empty()
    });
    assert!(found.count() > 0);
}

fn is_database(file: &Path) -> bool {
    file.file_name().unwrap().to_string_lossy().starts_with("accounts.db")
}
