//! An account: one support agent's connection to one helpdesk.

use std::fmt;

use secrecy::SecretString;
use thiserror::Error;

/// Freshdesk's own domain; a helpdesk's other names do not serve the API (`docs/freshdesk.md` §1).
const FRESHDESK: &str = ".freshdesk.com";

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

    /// The sealed-up key, for the way out.
    pub(crate) fn key(&self) -> &ApiKey {
        &self.key
    }
}

/// The label that names a helpdesk: `acme` in `acme.freshdesk.com`. One DNS label, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label(String);

/// A text that names no helpdesk.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{0:?} names no helpdesk: give its label or its address, such as acme or acme.freshdesk.com")]
pub struct InvalidLabel(String);

impl Label {
    /// Reads `acme`, `acme.freshdesk.com`, or any address below `https://acme.freshdesk.com/`.
    ///
    /// # Errors
    ///
    /// Fails when the text is anything else: a custom domain does not serve the API, and a text that could name another
    /// host must not receive a key.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        let lower = text.trim().to_ascii_lowercase();
        let label = match lower.strip_prefix("https://") {
            Some(address) => {
                let (host, _) = address.split_once(['/', '?', '#']).unwrap_or((address, ""));
                host.strip_suffix(FRESHDESK)
            }
            None => Some(lower.strip_suffix(FRESHDESK).unwrap_or(&lower)),
        };
        match label {
            Some(label) if is_label(label) => Ok(Self(label.to_owned())),
            _ => Err(InvalidLabel(text.to_owned())),
        }
    }

    /// The host that serves the helpdesk's API: `acme.freshdesk.com`.
    pub fn host(&self) -> String {
        format!("{}{FRESHDESK}", self.0)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is one label of a domain name: letters, digits and inner hyphens, 63 at most, not an encoded one.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.starts_with("xn--")
}

/// A support agent's API key. It has no `Debug` and no `Display`; `egress/attach.rs` alone opens it.
pub struct ApiKey(SecretString);

/// A text that cannot be an API key. It does not repeat the text.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("this is no API key: it must be one word of letters, digits and signs, without a colon")]
pub struct InvalidKey;

impl ApiKey {
    /// Takes a key in.
    ///
    /// # Errors
    ///
    /// Fails when the text is empty or could not be a user name of HTTP Basic authentication.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
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
    fn a_helpdesk_is_named_by_label_domain_or_address() {
        for text in [
            "acme",
            " ACME ",
            "acme.freshdesk.com",
            "https://acme.freshdesk.com",
            "https://Acme.freshdesk.com/a/tickets/1?x#y",
        ] {
            assert_eq!(Label::parse(text).map(|label| label.host()), Ok("acme.freshdesk.com".to_owned()), "{text}");
        }
    }

    /// B12: a name that could send the key elsewhere is refused.
    #[test]
    fn b12_nothing_else_is_taken_for_a_helpdesk() {
        let long = "a".repeat(64);
        for text in [
            "",
            " ",
            "x/#",
            "x@h",
            "x:80",
            "x.",
            ".",
            "..",
            "a..b",
            "ä",
            "xn--mnchen-3ya",
            &long,
            "127.0.0.1",
            "[::1]",
            "a%2e",
            "-a",
            "a-",
            "a b",
            "acme\0",
            "acme\n",
            "acme?x",
            "http://acme.freshdesk.com",
            "https://acme",
            "evil.com/.freshdesk.com",
            "acme.freshdesk.com.evil.tld",
            "acme.freshdesk.com@evil",
            "acme.freshdesk.com:443",
            "https://acme.freshdesk.com@evil.tld/",
            "https://acme.freshdesk.com:8443/",
            "https://evil.tld/acme.freshdesk.com",
            "https://evil.tld\\.freshdesk.com/",
            "a.b.freshdesk.com",
            "//acme.freshdesk.com",
            ".freshdesk.com",
        ] {
            assert!(Label::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_one_word() {
        assert!(ApiKey::new(" AbC123xyz \n").is_ok());
        for text in ["", "  ", "two words", "a:b", "käse", "a\0b"] {
            assert!(ApiKey::new(text).is_err(), "{text}");
        }
    }
}
