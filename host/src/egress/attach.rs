//! Attaches the key. This is the only file that opens one.

use base64::prelude::{BASE64_STANDARD, Engine};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::account::ApiKey;

/// Sets the Authorization header: HTTP Basic with the key as user and `X` as password (`docs/freshdesk.md` §1).
#[expect(clippy::disallowed_methods, reason = "the one place where a key becomes a header")]
pub(super) fn key(headers: &mut HeaderMap, key: &ApiKey) {
    let pair = Zeroizing::new(format!("{}:X", key.secret().expose_secret()));
    let text = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    // Base64 is always a valid header value; were it not, Freshdesk would refuse the request for want of a key.
    if let Ok(mut value) = HeaderValue::from_str(&text) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B10, B27: exactly the bytes that HTTP Basic asks for.
    #[test]
    fn b27_the_header_is_basic_with_the_key_as_user() {
        let mut headers = HeaderMap::new();
        key(&mut headers, &ApiKey::new("secret").unwrap());
        assert_eq!(headers[AUTHORIZATION], "Basic c2VjcmV0Olg=");
        assert!(headers[AUTHORIZATION].is_sensitive());
    }
}
