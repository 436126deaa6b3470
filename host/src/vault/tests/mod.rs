//! What the vault promises.

mod lines;
mod rotation;
mod sealing;
mod sources;

use std::fmt::Debug;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use super::ring::{Ring, RootKey};
use super::seal::Key;
use super::*;
use crate::account::ApiKey;

const SECRET: &str = "AbC123xyzKanarienvogel";

/// A folder with a file of root keys, which is gone when the test is.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With one root key in it, and the vault over it.
    fn with_vault() -> (Self, Vault) {
        let folder = Self::new();
        Vault::create_file(&folder.path()).unwrap();
        let vault = folder.vault();
        (folder, vault)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("root.keys")
    }

    fn keys(&self) -> RootKeys {
        RootKeys::File(self.path())
    }

    fn vault(&self) -> Vault {
        Vault::load(&self.keys()).unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// As an operator does it: by another file that takes the place of the first.
    fn write(&self, text: &str) {
        let other = self.0.path().join("other");
        fs::write(&other, text).unwrap();
        chmod(&other, 0o600);
        fs::rename(&other, self.path()).unwrap();
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The line of a root key that consists of one byte.
fn line(id: &str, byte: u8) -> String {
    format!("{id} {}\n", BASE64_STANDARD.encode([byte; 32]))
}

fn place(identifier: &str) -> Place<'_> {
    Place { purpose: "account", tenant: "acme", identifier, version: 1 }
}

fn secret() -> SecretString {
    SecretString::from(SECRET)
}

#[expect(clippy::disallowed_methods, reason = "a test looks at what was opened")]
fn shown(secret: &SecretString) -> &str {
    secret.expose_secret()
}

fn refused<T>(result: Result<T, VaultError>) -> VaultError {
    result.err().expect("it was not refused")
}

/// Whether a type can be shown or copied: of two constants, the compiler takes the one that asks for the trait where it can.
struct Is<T>(std::marker::PhantomData<T>);
trait Hidden {
    const SHOWN: bool = false;
    const COPIED: bool = false;
}
impl<T> Hidden for Is<T> {}
impl<T: Debug> Is<T> {
    const SHOWN: bool = true;
}
impl<T: Clone> Is<T> {
    const COPIED: bool = true;
}

#[test]
fn nothing_that_holds_keys_can_be_shown() {
    let shown = [Is::<Key>::SHOWN, Is::<RootKey>::SHOWN, Is::<Ring>::SHOWN, Is::<Vault>::SHOWN, Is::<ApiKey>::SHOWN];
    assert_eq!((shown, Is::<VaultError>::SHOWN), ([false; 5], true));
}

#[test]
fn nothing_that_holds_keys_is_copied() {
    let copied =
        [Is::<Key>::COPIED, Is::<RootKey>::COPIED, Is::<Ring>::COPIED, Is::<Vault>::COPIED, Is::<ApiKey>::COPIED];
    assert_eq!((copied, Is::<Sealed>::COPIED), ([false; 5], true));
}

#[test]
fn a_vault_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let (folder, vault) = Folder::with_vault();
    shared(&vault);
    assert!(folder.path().exists());
}
