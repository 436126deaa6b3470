//! Seals and opens: a root key wraps a data key, and the data key seals a secret. XChaCha20-Poly1305 does both, with
//! random nonces: 24 bytes do not come up twice.
//!
//! ```text
//! data key: format (1 byte) ‖ id of the root key (8) ‖ nonce (24) ‖ sealed key (32) ‖ tag (16)
//! secret:   format (1 byte) ‖ nonce (24) ‖ sealed secret ‖ tag (16)
//! ```
//!
//! Both are bound to the same fields, each after its length, so that no two places look alike: format, which of the two
//! it is, purpose, tenant, identifier, version; and the data key to the id of its root key.

use std::{mem, str};

use base64::prelude::{BASE64_STANDARD, Engine};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use subtle::ConstantTimeEq;

use super::ring::{Id, RootKey};
use super::{Part, Place, Sealed, VaultError, WRAPPED};

/// The format that is written, and the only one that is read.
const FORMAT: u8 = 1;

const KEY: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;

/// A key of 32 bytes, on the heap, wiped when it is dropped. It is neither shown nor copied.
pub(super) struct Key(SecretBox<[u8; KEY]>);

impl Key {
    pub(super) fn random() -> Result<Self, VaultError> {
        let mut filled = Ok(());
        let key = SecretBox::init_with_mut(|bytes: &mut [u8; KEY]| filled = getrandom::fill(bytes));
        filled.map(|()| Self(key)).map_err(|_| VaultError::NoRandomness)
    }

    /// Reads a key; none when it is not 32 bytes in base64 with its padding.
    pub(super) fn of_base64(text: &[u8]) -> Option<Self> {
        let mut length = None;
        let key =
            SecretBox::init_with_mut(|bytes: &mut [u8; KEY]| length = BASE64_STANDARD.decode_slice(text, bytes).ok());
        (length == Some(KEY)).then_some(Self(key))
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == KEY).then(|| Self(SecretBox::init_with_mut(|key: &mut [u8; KEY]| key.copy_from_slice(bytes))))
    }

    /// The key as it is written into a file of root keys.
    pub(super) fn base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_STANDARD.encode(self.bytes()))
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.bytes().ct_eq(&[0; KEY]).into()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the vault's own keys are opened")]
    fn bytes(&self) -> &[u8; KEY] {
        self.0.expose_secret()
    }

    /// The cipher with this key; it wipes its copy.
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.bytes().into())
    }
}

/// Seals a secret by a new data key.
#[expect(clippy::disallowed_methods, reason = "the one place where a secret is sealed")]
pub(super) fn seal(root: &RootKey, place: &Place<'_>, secret: &SecretString) -> Result<Sealed, VaultError> {
    let data_key = Key::random()?;
    let bound = bound(Part::Secret, place, None);
    let secret = encrypt(&data_key, &bound, &[FORMAT], secret.expose_secret().as_bytes())?;
    Ok(Sealed { data_key: wrap(root, place, &data_key)?, secret })
}

/// Opens a secret. Whatever was changed, moved or swapped, it fails.
pub(super) fn open(root: &RootKey, place: &Place<'_>, sealed: &Sealed) -> Result<SecretString, VaultError> {
    let opened = opened(root, place, sealed)?;
    str::from_utf8(&opened).map(SecretString::from).map_err(|_| VaultError::SecretRefused)
}

/// Opens a secret that is a text and no key, such as an answer.
pub(super) fn open_text(root: &RootKey, place: &Place<'_>, sealed: &Sealed) -> Result<Zeroizing<String>, VaultError> {
    let mut opened = opened(root, place, sealed)?;
    String::from_utf8(mem::take(&mut opened)).map(Zeroizing::new).map_err(|_| VaultError::SecretRefused)
}

/// Opens a secret that is a key in base64.
pub(super) fn open_key(root: &RootKey, place: &Place<'_>, sealed: &Sealed) -> Result<Zeroizing<[u8; KEY]>, VaultError> {
    let opened = opened(root, place, sealed)?;
    let mut key = Zeroizing::new([0; KEY]);
    match BASE64_STANDARD.decode_slice(opened.as_slice(), key.as_mut_slice()) {
        Ok(KEY) => Ok(key),
        _ => Err(VaultError::NoKey),
    }
}

fn opened(root: &RootKey, place: &Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let data_key = unwrap(root, place, &sealed.data_key)?;
    let rest = of_format(Part::Secret, &sealed.secret)?;
    if rest.len() < NONCE + TAG {
        return Err(VaultError::Damaged(Part::Secret));
    }
    decrypt(&data_key, &bound(Part::Secret, place, None), rest).ok_or(VaultError::SecretRefused)
}

/// The same data key, wrapped by another root key.
pub(super) fn rewrap(from: &RootKey, to: &RootKey, place: &Place<'_>, data_key: &[u8]) -> Result<Vec<u8>, VaultError> {
    wrap(to, place, &unwrap(from, place, data_key)?)
}

/// The id of the root key that wraps a data key.
pub(super) fn root_key_of(data_key: &[u8]) -> Result<Id, VaultError> {
    if data_key.len() == WRAPPED && data_key.iter().all(|byte| *byte == 0) {
        return Err(VaultError::Destroyed);
    }
    split(data_key).map(|(id, _)| id)
}

pub(super) fn wrap(root: &RootKey, place: &Place<'_>, data_key: &Key) -> Result<Vec<u8>, VaultError> {
    let id = root.id();
    let head = [&[FORMAT][..], id.bytes()].concat();
    encrypt(root.key(), &bound(Part::DataKey, place, Some(id)), &head, data_key.bytes())
}

pub(super) fn unwrap(root: &RootKey, place: &Place<'_>, wrapped: &[u8]) -> Result<Key, VaultError> {
    let (id, rest) = split(wrapped)?;
    let opened = decrypt(root.key(), &bound(Part::DataKey, place, Some(id)), rest);
    opened.and_then(|key| Key::of_bytes(&key)).ok_or_else(|| VaultError::DataKeyRefused(id.to_string()))
}

/// The id of the root key, and what it wraps.
fn split(wrapped: &[u8]) -> Result<(Id, &[u8]), VaultError> {
    let rest = of_format(Part::DataKey, wrapped)?;
    let damaged = VaultError::Damaged(Part::DataKey);
    match rest.split_first_chunk::<8>() {
        Some((id, sealed)) if wrapped.len() == WRAPPED => Id::parse(id).map(|id| (id, sealed)).ok_or(damaged),
        _ => Err(damaged),
    }
}

/// What follows the format, where that is ours.
fn of_format(part: Part, bytes: &[u8]) -> Result<&[u8], VaultError> {
    match bytes.split_first() {
        Some((&FORMAT, rest)) => Ok(rest),
        Some((&format, _)) => Err(VaultError::UnknownFormat { part, format }),
        None => Err(VaultError::Damaged(part)),
    }
}

/// What a part is bound to.
fn bound(part: Part, place: &Place<'_>, root: Option<Id>) -> Vec<u8> {
    let part = match part {
        Part::DataKey => "data-key",
        Part::Secret => "secret",
    };
    let (format, version) = ([FORMAT], place.version.to_le_bytes());
    let texts = [part, place.purpose, place.tenant, place.identifier].map(str::as_bytes);
    let fields = [format.as_slice()].into_iter().chain(texts).chain([version.as_slice()]);
    let mut bound = Vec::with_capacity(256);
    for field in fields.chain(root.as_ref().map(|id| id.bytes().as_slice())) {
        // No field comes near 4 GiB.
        bound.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_le_bytes());
        bound.extend_from_slice(field);
    }
    bound
}

/// Head, nonce, what was encrypted, and the tag. It is encrypted where it ends up, so that no copy is left of it.
fn encrypt(key: &Key, bound: &[u8], head: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
    let mut sealed = Vec::with_capacity(head.len() + NONCE + plain.len() + TAG);
    for part in [head, &nonce, plain] {
        sealed.extend_from_slice(part);
    }
    let (_, text) = sealed.split_at_mut(head.len() + NONCE);
    match key.cipher().encrypt_inout_detached((&nonce).into(), bound, text.into()) {
        Ok(tag) => sealed.extend_from_slice(&tag),
        Err(_) => {
            sealed.zeroize();
            return Err(VaultError::TooLong);
        }
    }
    Ok(sealed)
}

/// What was encrypted, in a buffer that is wiped; none where it does not open, whatever the reason.
fn decrypt(key: &Key, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>()?;
    let (text, tag) = rest.split_last_chunk::<TAG>()?;
    let mut opened = Zeroizing::new(text.to_vec());
    key.cipher().decrypt_inout_detached(nonce.into(), bound, opened.as_mut_slice().into(), tag.into()).ok()?;
    Some(opened)
}
