//! A browser: Chromium without a window, driven through its driver.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::web;

/// How Chromium is started: nothing of it runs that would call its makers, or draw on a screen.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Time for a page to be there. It is there in a twentieth of a second; machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A browser with a profile of its own, until it is dropped.
pub(super) struct Browser {
    client: Client,
    session: String,
    driver: Child,
    /// Goes last: the processes write into it.
    _folder: TempDir,
}

impl Browser {
    /// A browser as most people have it. None where there is no Chromium, which is said.
    pub(super) async fn open() -> Option<Self> {
        Self::with(json!({})).await
    }

    /// A browser whose user has switched scripts off.
    pub(super) async fn without_scripts() -> Option<Self> {
        Self::with(json!({"profile.managed_default_content_settings.javascript": 2})).await
    }

    async fn with(preferences: Value) -> Option<Self> {
        let (chromium, chromedriver) = (found("chromium")?, found("chromedriver")?);
        let folder = TempDir::new().unwrap();
        let (driver, url) = start(&chromedriver, folder.path());
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let flags = FLAGS.iter().copied().chain(["--window-size=1000,1000", &profile]);
        let options = json!({
            "binary": chromium,
            "args": flags.collect::<Vec<_>>(),
            "prefs": preferences,
        });
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"performance": "ALL"},
        });
        let wanted: Map<String, Value> = serde_json::from_value(wanted).unwrap();
        let connected = ClientBuilder::new(HttpConnector::new()).capabilities(wanted).connect(&url).await;
        let client = connected.unwrap_or_else(|why| panic!("Chromium does not start: {why}"));
        let session = client.session_id().await.unwrap().unwrap();
        Some(Self { client, session: format!("{url}/session/{session}"), driver, _folder: folder })
    }

    /// What drives it.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an address, as from a bookmark.
    pub(super) async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Runs a script in the page, whether or not pages may.
    pub(super) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Waits until a script says true.
    pub(super) async fn until(&self, what: &str, script: &str) {
        let start = Instant::now();
        while !matches!(self.client.execute(script, vec![]).await, Ok(Value::Bool(true))) {
            if start.elapsed() > PATIENCE {
                let page = self.client.execute("return location.href + '\\n' + document.body.innerText", vec![]).await;
                panic!("waited in vain for {what}; there is: {}", page.unwrap_or_default());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the page has this heading.
    pub(super) async fn see(&self, heading: &str) {
        let heading = json!(heading);
        let there = format!("document.querySelector('h1')?.innerText == {heading}");
        self.until(&format!("the page {heading}"), &format!("return document.readyState == 'complete' && {there}"))
            .await;
    }

    /// Does what leads to another page, and waits until that is there.
    pub(super) async fn leave(&self, act: impl AsyncFnOnce(&Self)) {
        self.script("window.stays = true").await;
        act(self).await;
        self.until("another page", "return !window.stays && document.readyState == 'complete'").await;
    }

    /// Clicks on what leads to another page.
    pub(super) async fn press(&self, css: &str) {
        self.leave(async |browser| browser.find(css).await.click().await.unwrap()).await;
    }

    /// Empties a field and types into it.
    pub(super) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// The element that is there.
    pub(super) async fn find(&self, css: &str) -> Element {
        self.client.find(Locator::Css(css)).await.unwrap_or_else(|why| panic!("no {css}: {why}"))
    }

    /// What the user reads.
    pub(super) async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// The address that the user sees.
    pub(super) async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// Keeps what the user sees, from the top of the page to its end, as `target/screenshots/NAME.png`.
    pub(super) fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let taken = self.tools("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    /// Says something in the language of the developer tools.
    pub(super) fn tools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// What went over the network since the last time: messages of the developer tools.
    pub(super) fn traffic(&self) -> Vec<Value> {
        let entries = self.ask("se/log", &json!({"type": "performance"}));
        let messages = entries.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap());
        messages.map(|message| serde_json::from_str::<Value>(message).unwrap()["message"].clone()).collect()
    }

    /// What the driver has beyond the standard.
    fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = web::request("POST", &format!("{}/{path}", self.session), &[], &body.to_string());
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser that is asked to end does so at once; what is left of it is in the driver's group.
        let _ = std::panic::catch_unwind(|| web::request("DELETE", &self.session, &[], ""));
        let group = rustix::process::Pid::from_child(&self.driver);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.driver.wait();
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

/// Starts the driver on a free port, in a process group of its own; whatever it leaves is left in the folder.
fn start(chromedriver: &Path, folder: &Path) -> (Child, String) {
    let mut command = Command::new(chromedriver);
    command.arg("--port=0").env("HOME", folder).env("TMPDIR", folder).process_group(0);
    let mut driver = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = loop {
        let Some(Ok(line)) = lines.next() else { panic!("the browser's driver did not start") };
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            break port.trim_end_matches('.').to_owned();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    (driver, format!("http://127.0.0.1:{port}"))
}
