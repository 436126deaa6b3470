//! Reads forms, and what people write for a helpdesk.

use freshdesk_label::Label;
use secrecy::zeroize::Zeroizing;

/// What a form says. It is erased when it is dropped, since a key is in it.
pub(crate) struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// The fields of a form's body, whatever is in it.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body);
        Self(fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect())
    }

    /// A field; empty when it is missing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|field| field.0 == name).map_or("", |field| &field.1)
    }
}

/// What people write for a helpdesk, so that [`Label::parse`] reads it: addresses that were typed begin with `http://`, or
/// have a path and no beginning. The host alone is taken of them, by the same rule as of all.
pub(crate) fn tidy(text: &str) -> String {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("http://") {
        Some(rest) => format!("https://{rest}"),
        None if !lower.starts_with("https://") && lower.contains(".freshdesk.com/") => format!("https://{lower}"),
        None => text.to_owned(),
    }
}

/// The helpdesk's address as it is understood.
pub(crate) fn understood(text: &str) -> Option<String> {
    Label::parse(&tidy(text)).ok().map(|label| label.host())
}

/// What the field starts with the next time: what was written, unless it could be a key in the wrong place.
pub(crate) fn keep(text: &str, key: &str) -> String {
    let text = text.trim();
    let bounded = text.chars().count() <= 200 && !text.chars().any(char::is_control);
    let harmless = text.len() < 16 || text.contains('.') || !text.bytes().any(|byte| byte.is_ascii_digit());
    if bounded && harmless && text != key.trim() { text.to_owned() } else { String::new() }
}
