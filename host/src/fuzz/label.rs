//! The name of a helpdesk: no text becomes a name that could lead a key to another host.

use freshdesk_label::Label;
use http::Uri;

/// What people put behind a name.
const BEHIND: [char; 9] = ['@', ':', '.', '\\', '%', '/', '?', '#', ' '];

/// Checks the text that these bytes are.
pub fn label(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(label) = Label::parse(text) else {
        assert!(!is_plain(text), "a plain name is refused: {text:?}");
        return;
    };
    let (name, host) = (label.to_string(), label.host());
    // The host is one label below Freshdesk's own domain, and the label is the one that was written.
    assert_eq!(host, format!("{name}.freshdesk.com"));
    assert!(is_plain(&name) && !name.starts_with("xn--"), "{name:?}");
    let written = text.trim().to_ascii_lowercase();
    let written = written.strip_prefix("https://").unwrap_or(&written);
    assert!(written.starts_with(&name), "{name} is not what {text:?} begins with");
    assert!(!could_be_a_key(text), "a key is taken for a name: {text:?}");
    // Others read the same host out of it, and no port, nor a user.
    assert_eq!(authority(&format!("https://{host}/api/v2/tickets?page=2")).as_deref(), Some(host.as_str()));
    if let Some(authority) = authority(text.trim()) {
        assert_eq!(authority.to_ascii_lowercase(), if authority.contains('.') { host.clone() } else { name.clone() });
    }
    // All spellings are one helpdesk.
    let upper = host.to_ascii_uppercase();
    for same in [&name, &host, &upper, &format!(" https://{host}"), &format!("https://{host}/{text}")] {
        assert_eq!(Label::parse(same), Ok(label.clone()), "{same:?}");
    }
    // What stands behind a name makes it none, but a path behind an address.
    for sign in BEHIND {
        assert!(Label::parse(&format!("{name}{sign}{host}")).is_err(), "{name}{sign}{host}");
        assert!(Label::parse(&format!("https://{host}{sign}example")).is_ok() == "/?#".contains(sign), "{host}{sign}");
    }
}

/// Whether a text is a label of a domain name, without a doubt.
fn is_plain(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = [text.chars().next(), text.chars().next_back()];
    text.len() <= 63
        && text.chars().all(inner)
        && ends.iter().all(|end| end.is_some_and(|c| c != '-'))
        && !text.starts_with("xn--")
}

/// Whether a text is what Freshdesk's keys look like: letters of both sizes and digits, twenty or so, and nothing else.
fn could_be_a_key(text: &str) -> bool {
    let text = text.trim().as_bytes();
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    (16..=40).contains(&text.len())
        && text.iter().all(u8::is_ascii_alphanumeric)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

/// All that stands between the slashes, as the HTTP client reads it; none where it reads no address.
fn authority(text: &str) -> Option<String> {
    Some(text.parse::<Uri>().ok()?.into_parts().authority?.to_string())
}
