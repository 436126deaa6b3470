//! What authenticates bytes, and how such are compared and written.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// HMAC-SHA256 of what is authenticated and of its parts. The parts are told apart by their lengths, and what is
/// authenticated by its first part.
pub(crate) fn mac(key: &[u8; 32], what: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a key that is shorter than a block up with zeros; given whole, it cannot be of a wrong length.
    let mut block = Zeroizing::new([0; 64]);
    block[..key.len()].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in std::iter::once(what).chain(parts.iter().copied()) {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether two macs or hashes are the same, in a time that tells nothing but their lengths.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By another program: `printf '\x04\0\0\0\0\0\0\0head\x02\0\0\0\0\0\0\0ab' | openssl dgst -sha256 -mac HMAC -macopt
    /// hexkey:0101…01`. What is stored was authenticated so.
    #[test]
    fn a_mac_is_the_one_that_is_stored() {
        assert_eq!(
            hex(&mac(&[1; 32], b"head", &[b"ab"])),
            "082828093a2abb00ddbe6d8673d8e704442c7c121cd7fba095b95e651f9a19a6"
        );
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(mac(&[1; 32], b"a", &[b"b", b"c"]), mac(&[1; 32], b"a", &[b"bc"]));
        assert_ne!(mac(&[1; 32], b"a", &[b"b"]), mac(&[2; 32], b"a", &[b"b"]));
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"a"));
    }
}
