//! The vault: seals secrets and opens them, and knows nothing of where they lie.
//!
//! Two levels of keys: a root key wraps a data key, which seals one secret. Destroy the data key, and the secret is gone
//! wherever copies of it are.

use std::path::PathBuf;

use secrecy::SecretString;
use thiserror::Error;

/// Where the root keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootKeys {
    /// A file that its owner alone may read.
    File(PathBuf),
    /// A variable of the environment, by its name.
    Variable(String),
    /// What a command prints, run by the shell.
    Command(String),
}

/// Length of a wrapped data key, the same for all, so that a store can overwrite it in place.
pub(crate) const WRAPPED: usize = 1 + 8 + 24 + 32 + 16;

/// What a secret is bound to: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// What the secret is for, such as `account` or `link`.
    pub(crate) purpose: &'static str,
    /// The tenant; empty for the host's own.
    pub(crate) tenant: &'a str,
    /// The tenant's user; the name of the key for the host's own; the link's hash in hex for one that a link holds.
    pub(crate) identifier: &'a str,
    /// The version of the credential.
    pub(crate) version: i64,
}

/// A secret as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The data key, wrapped by a root key: [`WRAPPED`] bytes.
    pub(crate) data_key: Vec<u8>,
    /// The secret, sealed by the data key.
    pub(crate) secret: Vec<u8>,
}

/// The id of a root key: eight hexadecimal digits.
pub(crate) type KeyId = String;

/// Why a secret was not sealed or opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// Stub.
    #[error("stub")]
    Stub,
}

/// Root keys, and what is done with them.
pub(crate) struct Vault;

#[expect(clippy::todo, unused_variables, reason = "stub")]
impl Vault {
    /// Reads the root keys. Fails when there are none, or one is broken.
    pub(crate) fn load(keys: &RootKeys) -> Result<Self, VaultError> {
        todo!()
    }

    /// Makes a file with one new root key, which its owner alone may read. Fails when the file exists.
    pub(crate) fn create_file(path: &std::path::Path) -> Result<KeyId, VaultError> {
        todo!()
    }

    /// Seals a secret by a new data key, which the primary root key wraps.
    pub(crate) fn seal(&self, place: &Place<'_>, secret: &SecretString) -> Result<Sealed, VaultError> {
        todo!()
    }

    /// Opens a secret.
    pub(crate) fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<SecretString, VaultError> {
        todo!()
    }

    /// Opens a secret that is a key of 32 bytes, in base64: one of the host's own.
    pub(crate) fn open_key(&self, place: &Place<'_>, sealed: &Sealed) -> Result<secrecy::zeroize::Zeroizing<[u8; 32]>, VaultError> {
        todo!()
    }

    /// The data key wrapped by the primary root key; none where it is already.
    pub(crate) fn rewrap(&self, place: &Place<'_>, data_key: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        todo!()
    }

    /// The root key that wraps a data key.
    pub(crate) fn root_key_of(data_key: &[u8]) -> Result<KeyId, VaultError> {
        todo!()
    }

    /// The root key that seals, after the ring was read again.
    pub(crate) fn primary(&self) -> Result<KeyId, VaultError> {
        todo!()
    }

    /// All root keys, the primary first.
    pub(crate) fn known(&self) -> Result<Vec<KeyId>, VaultError> {
        todo!()
    }

    /// Puts a new root key in front of those in the file. Fails where the keys come from elsewhere: there the operator does.
    pub(crate) fn add_root_key(&self) -> Result<KeyId, VaultError> {
        todo!()
    }

    /// Takes a root key that is not the primary out of the file. The caller made sure that it wraps nothing any more.
    pub(crate) fn retire_root_key(&self, id: &str) -> Result<(), VaultError> {
        todo!()
    }
}
