//! The label that names a helpdesk. The host and the adapter read it by the same rule, because a text that could name
//! another host must not receive a key.

use std::fmt;

/// Freshdesk's own domain; a helpdesk's other names do not serve the API (`docs/freshdesk.md` §1).
const FRESHDESK: &str = ".freshdesk.com";

/// The label that names a helpdesk: `acme` in `acme.freshdesk.com`. One DNS label, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label(String);

/// A text that names no helpdesk. It is not repeated: keys have been given in its place.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidLabel;

impl fmt::Display for InvalidLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this names no helpdesk: give its label or its address, such as acme or acme.freshdesk.com, and no key",
        )
    }
}

impl std::error::Error for InvalidLabel {}

impl Label {
    /// Reads `acme`, `acme.freshdesk.com`, or any address below `https://acme.freshdesk.com/`.
    ///
    /// # Errors
    ///
    /// Fails when the text is anything else: a custom domain does not serve the API, and a text that could name another
    /// host must not receive a key.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        if looks_like_a_key(text.trim()) {
            return Err(InvalidLabel);
        }
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
            _ => Err(InvalidLabel),
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

/// Whether `text` is rather an API key that was put in the wrong place: a long word of small and capital letters and
/// digits. As a label it would be sent to name servers in the clear.
fn looks_like_a_key(text: &str) -> bool {
    let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    text.len() >= 16 && !text.contains('.') && mixed
}

/// Whether `text` is one label of a domain name: letters, digits and inner hyphens, 63 at most, not an encoded one.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.starts_with("xn--")
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
            "FAKEkeyOfJaneDoe0001",
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
}
