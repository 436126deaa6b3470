//! What a form must show before it is believed, and what the page signs.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use http::HeaderMap;
use http::header::ORIGIN;

use super::cookie::Session;
use crate::mac::mac;
pub(super) use crate::mac::same;

/// The key of all hosts of the store.
pub(super) type Key = [u8; 32];

/// What the page signs.
pub(super) fn sign(key: &Key, what: &str, parts: &[&[u8]]) -> [u8; 32] {
    mac(key, what.as_bytes(), parts)
}

/// Bytes as text for addresses, cookies and forms.
pub(super) fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What the form of a step carries, so that no other page and no other browser can send it: what the form showed, signed for
/// the link and the browser.
pub(super) fn seal(key: &Key, step: &str, session: &Session, shown: &str) -> String {
    let shown = text(shown.as_bytes());
    format!("{shown}.{}", form_mac(key, step, session, &shown))
}

/// What the form showed; none when this is not a form of this step, link and browser.
pub(super) fn unseal(key: &Key, step: &str, session: &Session, form: &str) -> Option<String> {
    let (shown, mac) = form.split_once('.')?;
    if !same(form_mac(key, step, session, shown).as_bytes(), mac.as_bytes()) {
        return None;
    }
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(shown).ok()?).ok()
}

fn form_mac(key: &Key, step: &str, session: &Session, shown: &str) -> String {
    let parts = [step, &session.token, &session.nonce, shown];
    text(&sign(key, "page form", &parts.map(str::as_bytes)))
}

/// Whether the browser says that a form comes from the page itself. Where the page sends no referrer, browsers send the
/// origin `null` with its forms; those that know `Sec-Fetch-Site` (all since March 2023) send that, and no page can change it.
pub(super) fn from_own_page(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(ORIGIN).is_some_and(|from| from.as_bytes().eq_ignore_ascii_case(origin.as_bytes())),
    }
}
