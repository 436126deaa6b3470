//! The form of the connect page: what is read is what was sent, and what is not understood goes nowhere.

use form_urlencoded::Serializer;
use freshdesk_label::Label;
use http::Uri;

use super::draw::Draw;
use crate::account::ApiKey;
use crate::surface::page::form::{Fields, keep, tidy, understood};

/// The fields of the form.
const NAMES: [&str; 4] = ["form", "helpdesk", "key", "other"];

/// Checks the body that these bytes are, and the form that they decide.
pub fn form(data: &[u8]) {
    let fields = Fields::parse(data);
    as_is_read(fields.get("helpdesk"), fields.get("key"));
    // Of a body without escapes, the first of a name counts, to its end.
    if !data.iter().any(|byte| b"%+".contains(byte)) {
        let first = |name: &str| {
            let pairs = data.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
            let named = pairs.map(|pair| String::from_utf8_lossy(pair).into_owned());
            let mut values = named.filter_map(|pair| match pair.split_once('=') {
                Some((of, value)) => (of == name).then(|| value.to_owned()),
                None => (pair == name).then(String::new),
            });
            values.next().unwrap_or_default()
        };
        NAMES.iter().for_each(|name| assert_eq!(fields.get(name), first(name), "{name}"));
    }
    sent(&mut Draw::new(data));
}

/// What a browser sends is read as it was written, the first of a name.
fn sent(draw: &mut Draw<'_>) {
    let mut pairs = Vec::new();
    while !draw.is_done() && pairs.len() < 8 {
        pairs.push((draw.one_of(&NAMES), draw.text(80)));
    }
    let body = Serializer::new(String::new()).extend_pairs(&pairs).finish();
    let fields = Fields::parse(body.as_bytes());
    for name in NAMES {
        let first = pairs.iter().find(|(of, _)| *of == name).map_or("", |(_, value)| value.as_str());
        assert_eq!(fields.get(name), first, "{name} of {body}");
    }
    as_is_read(fields.get("helpdesk"), fields.get("key"));
}

/// What becomes of a helpdesk and a key that were written.
fn as_is_read(helpdesk: &str, key: &str) {
    let read = tidy(helpdesk);
    assert_eq!(tidy(&read), read, "tidied twice");
    assert_eq!(understood(helpdesk), Label::parse(&read).ok().map(|label| label.host()));
    // What is a helpdesk already stays the same one.
    if let Ok(label) = Label::parse(helpdesk) {
        assert_eq!(understood(helpdesk), Some(label.host()), "{helpdesk:?}");
    }
    if let Some(host) = understood(helpdesk) {
        assert_eq!(understood(&host).as_ref(), Some(&host));
        // Browsers, too, would have gone to this host.
        let address = helpdesk.trim().to_ascii_lowercase();
        let address = if address.contains("://") { address } else { format!("https://{address}") };
        if let Some(Some(authority)) = address.parse::<Uri>().ok().map(|uri| uri.into_parts().authority) {
            let name = host.trim_end_matches(".freshdesk.com");
            assert!([host.as_str(), name].contains(&authority.as_str()), "{authority} is understood as {host}");
        }
    }
    // The page shows again what was written, and never a key: neither the one of this form, nor what could be one.
    let kept = keep(helpdesk, key);
    assert!(kept.is_empty() || kept == helpdesk.trim());
    assert!(kept.is_empty() || kept != key.trim(), "the key is kept");
    assert!(kept.chars().count() <= 200 && !kept.chars().any(char::is_control));
    let letters = kept.len() >= 16 && kept.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(!(letters && kept.bytes().any(|byte| byte.is_ascii_digit())), "{kept:?} could be a key");
    // A key is one word, so that it can be a user's name in HTTP, and names no helpdesk.
    if ApiKey::new(key).is_ok() {
        assert!(!key.trim().contains(|c: char| c == ':' || c.is_whitespace() || c.is_control()));
        assert!((8..=200).contains(&key.trim().len()));
        assert!(!key.trim().ends_with(".freshdesk.com"), "the address is taken for the key");
    }
}
