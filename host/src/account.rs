//! An account: one support agent's connection to one helpdesk.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use freshdesk_label::Label;
use secrecy::SecretString;
use serde_json::Value;
use thiserror::Error;

/// Calls that an account may have running at a time. Servers allow about a hundred streams on an HTTP/2 connection, and an
/// account has one; more is an agent that runs wild, and would take the instances of others.
const CALLS: usize = 100;

/// One support agent's connection: a helpdesk, and the key by which Freshdesk knows the agent. Connections to Freshdesk are
/// kept by account: make it once, and share it between its calls. A new key is a new account.
pub struct Account {
    helpdesk: Label,
    keeper: Box<dyn Keeper>,
    version: u64,
    running: AtomicUsize,
}

impl Account {
    /// The account of the agent whose key this is. The key stays in memory.
    pub fn new(helpdesk: Label, key: ApiKey) -> Self {
        Self::kept(helpdesk, Box::new(Held(Arc::new(key))))
    }

    /// The account of an agent whose key somebody keeps.
    pub(crate) fn kept(helpdesk: Label, keeper: Box<dyn Keeper>) -> Self {
        static VERSIONS: AtomicU64 = AtomicU64::new(0);
        Self { helpdesk, keeper, version: VERSIONS.fetch_add(1, Ordering::Relaxed), running: AtomicUsize::new(0) }
    }

    /// The helpdesk, the only one that calls for this account reach.
    pub fn helpdesk(&self) -> &Label {
        &self.helpdesk
    }

    /// The key, for one request of this function on its way out.
    pub(crate) fn key(&self, function: &str) -> Result<Arc<ApiKey>, NoKey> {
        self.keeper.key(function)
    }

    /// Whether the key is this account's still. It is asked for a request that was waited for since the call began.
    pub(crate) async fn still(&self) -> Result<(), NoKey> {
        self.keeper.still().await
    }

    /// What no other account of this process has, nor this one with another key.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Counts a call that begins, until what comes back is dropped. None when as many run as may.
    pub(crate) fn begin(self: &Arc<Self>) -> Option<Running> {
        let more = |running| (running < CALLS).then_some(running + 1);
        self.running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Running(Arc::clone(self)))
    }
}

/// Who has an account's key until a request is about to leave with it.
pub(crate) trait Keeper: Send + Sync {
    /// Hands the key out for one request of this function. Is called each time that a request is sent.
    fn key(&self, function: &str) -> Result<Arc<ApiKey>, NoKey>;

    /// Fails when the key was taken back meanwhile, or replaced. Who holds a key in memory is never asked to give it up.
    fn still(&self) -> Pin<Box<dyn Future<Output = Result<(), NoKey>> + Send + '_>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The key was not handed out. The text is for the log.
#[derive(Debug, Error)]
#[error("the key was not handed out: {0}")]
pub(crate) struct NoKey(pub(crate) String);

/// A key that is held in memory.
struct Held(Arc<ApiKey>);

impl Keeper for Held {
    fn key(&self, _: &str) -> Result<Arc<ApiKey>, NoKey> {
        Ok(Arc::clone(&self.0))
    }
}

/// A support agent, as Freshdesk names the one whose key it is (`docs/freshdesk.md` §6.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The agent's id.
    pub id: u64,
    /// The agent's name.
    pub name: Option<String>,
    /// The address that the agent logs in with.
    pub email: Option<String>,
}

impl Person {
    /// Reads an agent; none where there is no id.
    pub(crate) fn read(answer: &[u8]) -> Option<Self> {
        let agent: Value = serde_json::from_slice(answer).ok()?;
        let text = |name: &str| agent["contact"][name].as_str().map(str::to_owned);
        Some(Self { id: agent["id"].as_u64()?, name: text("name"), email: text("email") })
    }
}

/// A call that runs.
pub(crate) struct Running(Arc<Account>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A support agent's API key. It has no `Debug` and no `Display`; `egress/attach.rs` alone opens it.
///
/// ```compile_fail,E0277
/// # use freshdesk_host::ApiKey;
/// fn show(key: &ApiKey) -> String {
///     format!("{key:?}")
/// }
/// ```
pub struct ApiKey(SecretString);

/// Shortest key: what is shorter could not be told from other text in an answer, from which the key is taken out.
const SHORTEST: usize = 8;

/// Longest key, so that a file pasted by mistake is none.
const LONGEST: usize = 200;

/// A text that cannot be an API key. It does not repeat the text.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("this is no API key: it must be one word of 8 to 200 characters, without a colon, and no helpdesk's name")]
pub struct InvalidKey;

impl ApiKey {
    /// Takes a key in.
    ///
    /// # Errors
    ///
    /// Fails when the text is too short or too long, or could not be a user name of HTTP Basic authentication.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let one_word = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        if !(SHORTEST..=LONGEST).contains(&text.len()) || !one_word || text.ends_with(".freshdesk.com") {
            return Err(InvalidKey);
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The secret, still closed.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }

    /// A key that was taken in before, and sealed.
    #[cfg(feature = "accounts")]
    pub(crate) fn of_secret(secret: SecretString) -> Self {
        Self(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_word() {
        assert!(ApiKey::new(" AbC123xyz \n").is_ok());
        for text in ["", "  ", "short", "two  words", "user:password", "käsekuchen", "zero\0zero", "acme.freshdesk.com"]
        {
            assert!(ApiKey::new(text).is_err(), "{text}");
        }
        assert!(ApiKey::new(&"x".repeat(201)).is_err());
    }

    #[test]
    fn an_account_has_so_many_calls_at_a_time() {
        let account = Account::new(Label::parse("acme").unwrap(), ApiKey::new("a-secret").unwrap());
        let account = Arc::new(account);
        let mut running: Vec<_> = std::iter::from_fn(|| account.begin()).take(CALLS + 1).collect();
        assert_eq!(running.len(), CALLS);
        running.pop();
        assert!(account.begin().is_some());
    }
}
