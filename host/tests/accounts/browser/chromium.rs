//! A browser: Chromium without a window, driven through its driver.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::driver::Driver;

/// Time for a page to be there. It is there in a twentieth of a second; machines that test are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A browser that knows nothing, in the hands of one test.
pub(super) struct Browser {
    client: Client,
    driver: Option<Driver>,
    /// Whether the next test may have it.
    common: bool,
}

impl Browser {
    /// A browser as most people have it. None where there is no Chromium, which is said.
    pub(super) async fn open() -> Option<Self> {
        let browser = Self::of(tokio::task::block_in_place(Driver::take)?, true).await;
        browser.forget().await;
        Some(browser)
    }

    /// A browser that runs no scripts of pages.
    pub(super) async fn without_scripts() -> Option<Self> {
        let browser = Self::open().await?;
        browser.tools("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
        Some(browser)
    }

    async fn of(driver: Driver, common: bool) -> Self {
        let (url, connector) = (&driver.url, HttpConnector::new());
        let client = Client::with_existing_session(url, &driver.session, connector).await.unwrap();
        client.persist().await.unwrap();
        Self { client, driver: Some(driver), common }
    }

    /// Goes on in a new tab, and keeps nothing of before: no tab, no cookie, nothing that was loaded.
    async fn forget(&self) {
        let before = self.client.windows().await.unwrap();
        let fresh = self.client.new_window(true).await.unwrap().handle;
        for window in before {
            self.client.switch_to_window(window).await.unwrap();
            self.client.close_window().await.unwrap();
        }
        self.client.switch_to_window(fresh).await.unwrap();
        for what in ["Network.clearBrowserCookies", "Network.clearBrowserCache"] {
            self.tools(what, &json!({}));
        }
        self.traffic();
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

    /// Waits until the page has opened another window; that one.
    pub(super) async fn other_window(&self) -> WindowHandle {
        let (this, start) = (self.client.window().await.unwrap(), Instant::now());
        loop {
            let windows = self.client.windows().await.unwrap();
            if let Some(other) = windows.into_iter().find(|window| *window != this) {
                return other;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for another window");
            tokio::time::sleep(LOOK).await;
        }
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
        let Some(driver) = &self.driver else { panic!("the browser was given back") };
        tokio::task::block_in_place(|| driver.ask(path, body))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Of a test that failed, the next one inherits nothing.
        if let Some(driver) = self.driver.take().filter(|_| self.common && !std::thread::panicking()) {
            driver.give_back();
        }
    }
}
