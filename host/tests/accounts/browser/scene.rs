//! The set-up: an office that serves the connect page for the tenant `app`, and a browser that its users have.

use freshdesk_simulator::{Agent, seed};
use serde_json::Value;

use super::chromium::Browser;
use crate::office::{Office, Server};

/// The helpdesk of another company; Rita works there.
pub(super) const OTHER: &str = "globex";
pub(super) const RITA_KEY: &str = "FAKEkeyOfRitaMoss0003";

/// A name that no helpdesk has.
pub(super) const NOWHERE: &str = "nowhere";

/// The e-mails by which Freshdesk knows them.
pub(super) const JANE: &str = "jane@acme.example";
pub(super) const TOM: &str = "tom@acme.example";

/// An office, its page and a browser.
pub(super) struct Scene {
    pub(super) browser: Browser,
    pub(super) server: Server,
    pub(super) office: Office,
}

impl Scene {
    /// With a browser as most people have it. None where there is no Chromium.
    pub(super) async fn open() -> Option<Self> {
        Some(Self::with(Browser::open().await?).await)
    }

    /// With this browser.
    pub(super) async fn with(browser: Browser) -> Self {
        let office = Office::open().await;
        add_other_helpdesk(&office);
        let reach = |label: &str| format!("{label}.freshdesk.com={}", office.simulator.addr());
        let server = office.serve(&["--resolve", &reach(OTHER), "--resolve", &reach(NOWHERE)]);
        office.json(&["tenants", "create", "app", "--name", "App X", "--own-url", &server.url]);
        Self { browser, server, office }
    }

    /// Makes a link for a user of the tenant, who has an account by then; what the command says about it.
    pub(super) fn link(&self, user: &str, arguments: &[&str]) -> Value {
        self.office.json(&[&["accounts", "connect", "app", user], arguments].concat())["link"].take()
    }

    /// The address of such a link.
    pub(super) fn url(&self, user: &str, arguments: &[&str]) -> String {
        self.link(user, arguments)["url"].as_str().unwrap().to_owned()
    }

    /// A user's account, as the operator sees it.
    pub(super) fn account(&self, user: &str) -> Value {
        self.office.json(&["accounts", "show", "app", user])
    }

    /// Its state.
    pub(super) fn state(&self, user: &str) -> String {
        self.account(user)["state"].as_str().unwrap().to_owned()
    }

    /// The kinds of the trail's entries about a user, oldest first.
    pub(super) fn trail(&self, user: &str) -> Vec<String> {
        let entries = self.office.json(&["audit", "list", "--last", "1000"]);
        let own = entries.as_array().unwrap().iter().rev().filter(|entry| entry["identifier"] == user);
        own.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// Everything that the server wrote so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.office.path("serve.log")).unwrap_or_default()
    }

    /// Opens a link and gives a key.
    pub(super) async fn offer(&self, url: &str, helpdesk: &str, key: &str) {
        self.browser.go(url).await;
        self.browser.see("Connect your Freshdesk").await;
        self.give(helpdesk, key).await;
    }

    /// Gives a key on the page that asks for one.
    pub(super) async fn give(&self, helpdesk: &str, key: &str) {
        self.browser.fill("#helpdesk", helpdesk).await;
        self.browser.fill("#key", key).await;
        self.browser.press("button").await;
    }

    /// Asserts that the user reads all of this.
    pub(super) async fn reads(&self, texts: &[&str]) {
        let page = self.browser.text().await;
        for text in texts {
            assert!(page.contains(text), "{text:?} is not in:\n{page}");
        }
    }
}

fn add_other_helpdesk(office: &Office) {
    let mut state = office.simulator.state();
    let now = state.clock.now();
    let role_ids = state.helpdesk(seed::LABEL).agents[&seed::AGENT_ID].role_ids.clone();
    let helpdesk = state.helpdesk(OTHER);
    let rita = Agent::new(1_900, "Rita Moss", "rita@globex.example", now);
    let rita = Agent { api_key: Some(RITA_KEY.to_owned()), role_ids, active: true, ..rita };
    helpdesk.agents.insert(rita.id, rita);
}
