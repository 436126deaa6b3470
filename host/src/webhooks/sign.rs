//! Signs events by the Standard Webhooks scheme. This is the only file here that opens a signing key.

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use thiserror::Error;

/// How the scheme has a signing key begin, so that people know what they have before them.
const PREFIX: &str = "whsec_";

/// Lengths of a signing key, in bytes, as the scheme asks for.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// What should have been a signing key is none. It is not repeated.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("the signing key is not {PREFIX} and 24 to 64 bytes in base64")]
pub(super) struct NoSigningKey;

/// The signature of a message: what stands in the header `webhook-signature`. It binds the message to its id and to the time,
/// in seconds since 1970, of this attempt, so that receivers can refuse what was recorded and is sent again.
#[expect(clippy::disallowed_methods, reason = "the one place where a signing key is used")]
pub(super) fn signature(key: &SecretString, id: &str, timestamp: i64, body: &str) -> Result<String, NoSigningKey> {
    let text = key.expose_secret().strip_prefix(PREFIX).ok_or(NoSigningKey)?;
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text).map_err(|_| NoSigningKey)?);
    if !LENGTHS.contains(&bytes.len()) {
        return Err(NoSigningKey);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&bytes).map_err(|_| NoSigningKey)?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example that the scheme's own libraries are tested by.
    #[test]
    fn a_signature_is_the_one_that_the_scheme_publishes() {
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(&KEY.into(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_signature_is_the_one_that_the_reference_library_makes() {
        let reference = standardwebhooks::Webhook::new(KEY).unwrap();
        for (id, timestamp, body) in
            [("evt_1", 1, "{}"), ("evt_2", 1_795_820_400, "{\"name\":\"Jos\u{e9} \u{1f600}\"}")]
        {
            let signed = signature(&KEY.into(), id, timestamp, body).unwrap();
            assert_eq!(signed, reference.sign(id, timestamp, body.as_bytes()).unwrap());
        }
    }

    #[test]
    fn a_signing_key_is_written_as_the_scheme_asks_for() {
        let short = format!("whsec_{}", BASE64_STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", BASE64_STANDARD.encode([7; 65]));
        for key in ["", "whsec_", "whsec_not base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &short, &long] {
            assert_eq!(signature(&key.into(), "evt_1", 1, "{}"), Err(NoSigningKey), "{key}");
        }
    }
}
