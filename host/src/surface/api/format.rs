//! Formats of texts: the pattern that the description shows, and the same rule as code.

use freshdesk_label::Label;

use crate::error::harmless;

/// A format, named in schemas by `format`.
pub(super) struct Format {
    pub(super) name: &'static str,
    /// The pattern (ECMA-262) that says the same.
    pub(super) pattern: &'static str,
    /// Whether a text has it.
    pub(super) is: fn(&str) -> bool,
    /// What a text without it is told.
    pub(super) says: &'static str,
}

/// The formats.
pub(super) const FORMATS: [Format; 5] = [
    Format {
        name: "identifier",
        pattern: r"^[^\x00-\x1f\x7f-\x9f \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$",
        is: |text| !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control),
        says: "has no control characters, and no space at an end",
    },
    Format {
        name: "line",
        pattern: r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069 \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069 \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$",
        is: |text| !text.is_empty() && text.trim() == text && harmless(text, text.len()) == text,
        says: "is one line without control characters, and without a space at an end",
    },
    Format {
        name: "email",
        pattern: r"^[^@\x00-\x1f\x7f-\x9f \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+@[^@\x00-\x1f\x7f-\x9f \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$",
        is: |text| {
            let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
            let parts: Vec<_> = text.split('@').collect();
            clean && parts.len() == 2 && parts.iter().all(|part| !part.is_empty())
        },
        says: "is an e-mail address, such as jane@acme.example",
    },
    Format {
        name: "helpdesk",
        pattern: r"^(?!xn--)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.freshdesk\.com)?$",
        is: |text| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
            text.bytes().all(plain) && Label::parse(text).is_ok()
        },
        says: "is a helpdesk's name in lower case, such as acme or acme.freshdesk.com",
    },
    Format {
        name: "idempotency-key",
        pattern: r#"^("([!#-\[\]-~]|\\["\\]){1,255}"|[!#-+\--\[\]-~]{1,255})$"#,
        is: |text| unquoted(text).is_some(),
        says: "is a text in quotes of 1 to 255 visible ASCII characters without spaces, such as \"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
    },
];

/// The format of this name.
pub(super) fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Longest key by which a repeated call is known, in characters: a UUID has 36.
const LONGEST_KEY: usize = 255;

/// The key that a header `Idempotency-Key` holds: a string as structured fields write it (RFC 9651), or, as most clients send it,
/// a bare word.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let visible = |c: &char| c.is_ascii_graphic();
    let key = match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        None => {
            let bare = text.chars().all(|c| visible(&c) && !matches!(c, '"' | ',' | '\\'));
            bare.then(|| text.to_owned())?
        }
        Some(inner) => {
            let mut key = String::new();
            let mut rest = inner.chars();
            while let Some(c) = rest.next() {
                key.push(match c {
                    '\\' => rest.next().filter(|c| matches!(c, '"' | '\\'))?,
                    '"' => return None,
                    c => Some(c).filter(visible)?,
                });
            }
            key
        }
    };
    (1..=LONGEST_KEY).contains(&key.len()).then_some(key)
}
