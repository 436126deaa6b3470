//! Browsers as processes. Each serves many tests, one after the other, since to start one takes longer than a test does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::web;

/// How Chromium is started: nothing of it runs that would call its makers, or draw on a screen.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1000,1000",
];

/// Runs a driver in a session of its own until standard input ends, as it does however the tests end; then ends all that the
/// driver started, and takes their folder away.
const WATCH: &str = r#"trap "" INT TERM HUP
setsid "$0" --port=0 & exec >/dev/null
cat
env kill -KILL -- "-$!"
wait
rm -rf -- "$1""#;

/// Browsers that wait for the next test.
static IDLE: Mutex<Vec<Driver>> = Mutex::new(Vec::new());

/// A driver and its browser, until it is dropped.
pub(super) struct Driver {
    /// Where the driver is: `http://127.0.0.1:PORT`.
    pub(super) url: String,
    /// The name of its session with the browser.
    pub(super) session: String,
    watch: Child,
}

impl Driver {
    /// One that waits, or a new one. None where there is no Chromium, which is said.
    pub(super) fn take() -> Option<Self> {
        let idle = IDLE.lock().unwrap().pop();
        idle.or_else(|| Self::start(&json!({})))
    }

    /// Lets it wait for the next test.
    pub(super) fn give_back(self) {
        IDLE.lock().unwrap().push(self);
    }

    /// Starts one for a user with these preferences, and a profile that nobody used.
    pub(super) fn start(preferences: &Value) -> Option<Self> {
        let (chromium, chromedriver) = (found("chromium")?, found("chromedriver")?);
        let folder = TempDir::new().unwrap().keep();
        let (watch, url) = watched(&chromedriver, &folder);
        let profile = format!("--user-data-dir={}", folder.join("profile").display());
        let flags: Vec<_> = FLAGS.iter().copied().chain([profile.as_str()]).collect();
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": chromium, "args": flags, "prefs": preferences},
            "goog:loggingPrefs": {"performance": "ALL"},
        });
        let wanted = json!({"capabilities": {"alwaysMatch": wanted}});
        let answer = web::request("POST", &format!("{url}/session"), &[], &wanted.to_string());
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let Some(session) = told["value"]["sessionId"].as_str() else { panic!("Chromium does not start: {told}") };
        Some(Self { url, session: session.to_owned(), watch })
    }

    /// What the driver has beyond the standard.
    pub(super) fn ask(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/session/{}/{path}", self.url, self.session);
        let answer = web::request("POST", &url, &[], &body.to_string());
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()["value"].take()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

/// A program of the machine's. None where it is not there: said, and a failure where all tests have to run.
fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if file.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no {name} on this machine");
        eprintln!("SKIPPED: no {name} on this machine");
    }
    file
}

/// Starts the driver on a free port; whatever it leaves is left in the folder.
fn watched(chromedriver: &Path, folder: &Path) -> (Child, String) {
    let mut command = Command::new("sh");
    command.arg("-c").arg(WATCH).arg(chromedriver).arg(folder).env("HOME", folder).env("TMPDIR", folder);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut watch = command.spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let port = loop {
        let Some(Ok(line)) = lines.next() else { panic!("the browser's driver does not start") };
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            break port.trim_end_matches('.').to_owned();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    (watch, format!("http://127.0.0.1:{port}"))
}
