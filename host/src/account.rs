//! An account: one support agent's connection to one helpdesk.

use freshdesk_label::Label;
use secrecy::SecretString;
use thiserror::Error;

/// One support agent's connection: a helpdesk, and the key by which Freshdesk knows the agent.
pub struct Account {
    helpdesk: Label,
    key: ApiKey,
}

impl Account {
    /// The account of the agent whose key this is.
    pub fn new(helpdesk: Label, key: ApiKey) -> Self {
        Self { helpdesk, key }
    }

    /// The helpdesk, the only one that calls for this account reach.
    pub fn helpdesk(&self) -> &Label {
        &self.helpdesk
    }

    /// The key, for the way out.
    pub(crate) fn key(&self) -> &ApiKey {
        &self.key
    }
}

/// A support agent's API key. It has no `Debug` and no `Display`; `egress/attach.rs` alone opens it.
pub struct ApiKey(SecretString);

/// A text that cannot be an API key. It does not repeat the text.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("this is no API key: it must be one word, without a colon, and no helpdesk's name")]
pub struct InvalidKey;

impl ApiKey {
    /// Takes a key in.
    ///
    /// # Errors
    ///
    /// Fails when the text is empty or could not be a user name of HTTP Basic authentication.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let one_word = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        if text.is_empty() || !one_word || text.ends_with(".freshdesk.com") {
            return Err(InvalidKey);
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The secret, still closed.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_word() {
        assert!(ApiKey::new(" AbC123xyz \n").is_ok());
        for text in ["", "  ", "two words", "a:b", "käse", "a\0b", "acme.freshdesk.com"] {
            assert!(ApiKey::new(text).is_err(), "{text}");
        }
    }
}
