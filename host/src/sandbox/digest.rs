//! The digest of a component, by which it is known to be the one that was meant.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// What comes before the digits.
const ALGORITHM: &str = "sha256:";

/// The SHA-256 of a component: written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// Why a text is no digest.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a digest is sha256: and 64 hexadecimal digits")]
pub struct InvalidDigest;

impl Digest {
    /// The digest of a component.
    pub fn of(component: &[u8]) -> Self {
        Self(Sha256::digest(component).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(ALGORITHM)?;
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let digits = text.strip_prefix(ALGORITHM).unwrap_or_default().as_bytes();
        let mut digest = [0; 32];
        if digits.len() != 2 * digest.len() {
            return Err(InvalidDigest);
        }
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            let half = |digit: u8| char::from(digit).to_digit(16).ok_or(InvalidDigest);
            *byte = (half(pair[0])? << 4 | half(pair[1])?) as u8;
        }
        Ok(Self(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of(b"abc");
        // FIPS 180-2, appendix B.1.
        let written = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), written);
        assert_eq!(written.parse(), Ok(digest));
        assert_eq!(written.to_uppercase().replace("SHA256", "sha256").parse(), Ok(digest));
        assert_ne!(Digest::of(b"abd"), digest);
    }

    #[test]
    fn nothing_else_is_a_digest() {
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for text in [
            String::new(),
            digits.to_owned(),
            format!("sha512:{digits}"),
            format!("sha256:{digits}0"),
            format!("sha256:{}", &digits[..62]),
            format!("sha256:{}é", &digits[..62]),
            format!("sha256:+a{}", &digits[..62]),
            format!(" sha256:{digits}"),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(InvalidDigest), "{text}");
        }
    }
}
