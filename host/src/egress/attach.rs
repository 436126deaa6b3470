//! Attaches the key. This is the only file that opens one.

use base64::prelude::{BASE64_STANDARD, Engine};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::redact::Redactor;
use crate::account::ApiKey;

/// Sets the Authorization header: HTTP Basic with the key as user and `X` as password (`docs/freshdesk.md` §1). The
/// redactor that comes back takes the key out of the answer, should it be in there.
#[expect(clippy::disallowed_methods, reason = "the one place where a key becomes a header, and what is looked for")]
pub(super) fn key(headers: &mut HeaderMap, key: &ApiKey) -> Redactor {
    let secret = key.secret().expose_secret();
    let pair = Zeroizing::new(format!("{secret}:X"));
    let text = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    // Base64 is always a valid header value; were it not, Freshdesk would refuse the request for want of a key.
    if let Ok(mut value) = HeaderValue::from_str(&text) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Redactor::new(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B10, B27: exactly the bytes that HTTP Basic asks for.
    #[test]
    fn b27_the_header_is_basic_with_the_key_as_user() {
        let mut headers = HeaderMap::new();
        let redactor = key(&mut headers, &ApiKey::new("a-secret").unwrap());
        assert_eq!(headers[AUTHORIZATION], "Basic YS1zZWNyZXQ6WA==");
        assert!(headers[AUTHORIZATION].is_sensitive());
        assert!(redactor.finds(b"YS1zZWNyZXQ6WA=="));
    }
}
