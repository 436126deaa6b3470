//! Randomness of the operating system, and what is made of it: tokens, codes, ids and keys.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use super::{AccountsError, User};
pub(super) use crate::mac::{hex, same};

/// Codes have eight digits: with five tries, one of twenty million guessers finds one.
const CODES: u64 = 100_000_000;

/// So many random bytes.
fn bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, AccountsError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|_| AccountsError::NoRandomness)?;
    Ok(bytes)
}

/// A token of 256 bits: 43 characters that need no escape in an address.
pub(super) fn token() -> Result<String, AccountsError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(*bytes::<32>()?))
}

/// Whether a text has the form of a token.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A key of 256 bits, in base64.
pub(super) fn key() -> Result<SecretString, AccountsError> {
    let text = BASE64_STANDARD.encode(*bytes::<32>()?);
    Ok(SecretString::from(text))
}

/// A key by which webhooks are signed, as the Standard Webhooks scheme writes it.
pub(super) fn webhook_key() -> Result<Zeroizing<String>, AccountsError> {
    let key = Zeroizing::new(BASE64_STANDARD.encode(*bytes::<32>()?));
    Ok(Zeroizing::new(format!("whsec_{}", *key)))
}

/// A code to show to a user: eight digits.
pub(super) fn code() -> Result<String, AccountsError> {
    let number = u64::from_be_bytes(*bytes::<8>()?) % CODES;
    Ok(format!("{number:08}"))
}

/// A number that does not come up twice.
pub(super) fn number() -> Result<i64, AccountsError> {
    Ok(i64::from_le_bytes(*bytes::<8>()?))
}

/// An id to name something by: nobody gains anything by knowing one.
pub(super) fn id(prefix: &str) -> Result<String, AccountsError> {
    Ok(format!("{prefix}_{}", hex(&*bytes::<12>()?)))
}

/// An id that sorts by time.
pub(super) fn id_at(prefix: &str, at: i64) -> Result<String, AccountsError> {
    Ok(format!("{prefix}_{at:012x}{}", hex(&*bytes::<8>()?)))
}

/// What is kept of a token: its SHA-256. Of 256 random bits nothing slower is needed.
pub(super) fn hash(token: &str) -> Vec<u8> {
    digest(token.as_bytes())
}

/// The SHA-256 of some bytes.
pub(super) fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// What is kept of a code: it is short, so that only who has the page's key can compare. It is bound to its link.
pub(super) fn code_hash(shared_key: &[u8; 32], link: &[u8], code: &str) -> Vec<u8> {
    keyed(shared_key, "code", &[link, code.as_bytes()])
}

/// The token by which a tenant confirms whom its user saw: the same however often the user is sent back.
pub(super) fn confirmation(shared_key: &[u8; 32], link: &[u8], seen: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(keyed(shared_key, "confirmation", &[link, seen.as_bytes()]))
}

/// What is kept of something that is done once for a user: nobody finds out from it what that was, or whose.
pub(super) fn once_hash(shared_key: &[u8; 32], kind: &str, user: &User, what: &[&[u8]]) -> Vec<u8> {
    let whose = [kind.as_bytes(), user.tenant().as_bytes(), user.identifier().as_bytes()];
    keyed(shared_key, "once", &[&whose[..], what].concat())
}

/// What is kept of what a record of a helpdesk is known by: nobody finds out from it what that was.
pub(super) fn content_hash(shared_key: &[u8; 32], helpdesk: &str, tool: &str, known_by: &[String]) -> Vec<u8> {
    let known_by = known_by.iter().map(String::as_bytes);
    let parts: Vec<_> = [helpdesk.as_bytes(), tool.as_bytes()].into_iter().chain(known_by).collect();
    keyed(shared_key, "content", &parts)
}

/// The hash that is stored of codes, confirmations, calls, contents and nonces; lengths take four bytes in it.
fn keyed(key: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        mac.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_codes_have_their_form_and_differ() {
        let tokens = [token().unwrap(), token().unwrap()];
        assert!(tokens.iter().all(|token| is_token(token)) && tokens[0] != tokens[1]);
        let code = code().unwrap();
        assert!(code.len() == 8 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(id_at("evt", 1_700_000_000_000).unwrap() < id_at("evt", 1_700_000_000_001).unwrap());
    }

    #[test]
    fn a_codes_hash_is_bound_to_its_link_and_to_the_key() {
        let hash = code_hash(&[1; 32], b"link", "12345678");
        assert!(same(&hash, &code_hash(&[1; 32], b"link", "12345678")));
        assert!(!same(&hash, &code_hash(&[1; 32], b"other", "12345678")));
        assert!(!same(&hash, &code_hash(&[2; 32], b"link", "12345678")));
        assert!(!same(&code_hash(&[1; 32], b"a", "bc"), &code_hash(&[1; 32], b"ab", "c")));
    }
}
