//! The vault: seals secrets and opens them, and knows nothing of where they lie.
//!
//! Two levels of keys: a root key wraps a data key, which seals one secret. Destroy the data key, and the secret is
//! gone wherever copies of it are.
//!
//! - `ring`: the root keys, as they are written in lines. `source` reads those lines, `file` makes and changes a file.
//! - `seal`: the two levels, and what a secret is bound to. The only file here that opens a key.
//! - `error`: why something was not done, and what the operator can do about it.

mod error;
mod file;
mod ring;
mod seal;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use tracing::warn;

pub use error::VaultError;
use error::{Flaw, Part};
use ring::{Id, Ring, RootKey};
use source::Stamp;

/// Where the root keys come from: lines of `KEYID BASE64`, where the id is eight lowercase hexadecimal digits and the
/// key is 32 bytes. The first one is the primary, which seals; the others only open. Blank lines, and those that begin
/// with `#`, are left out. A running host reads a file again when it has changed, and any source when it meets a root
/// key that it does not know.
#[derive(Clone, PartialEq, Eq)]
pub enum RootKeys {
    /// A file that its owner alone may read.
    File(PathBuf),
    /// A variable of the environment, by its name.
    Variable(String),
    /// What a command prints, run by the shell within ten seconds.
    Command(String),
}

impl fmt::Display for RootKeys {
    /// Says where, but not which command: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::Command(_) => f.write_str("the command for root keys"),
        }
    }
}

impl fmt::Debug for RootKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKeys({self})")
    }
}

/// Length of a wrapped data key, the same for all, so that a store can overwrite it in place.
pub(crate) const WRAPPED: usize = 1 + 8 + 24 + 32 + 16;

/// Time that a command has for printing the root keys; one that asks a service over the network needs a second or two.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shortest time between two readings of the ring, in vain, for the sake of unknown root keys.
const PAUSE: Duration = Duration::from_secs(1);

/// A source that is slow is asked less often: such readings take at most a tenth of the time.
const SHARE: u32 = 10;

/// What a secret is bound to: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// What the secret is for, such as `account` or `link`.
    pub(crate) purpose: &'static str,
    /// The tenant; empty for the host's own.
    pub(crate) tenant: &'a str,
    /// The tenant's user; the name of the key for the host's own; the hash in hex for what a link holds, and for what
    /// a call answered.
    pub(crate) identifier: &'a str,
    /// The version of the credential.
    pub(crate) version: i64,
}

/// A secret as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The data key, wrapped by a root key: [`WRAPPED`] bytes.
    pub(crate) data_key: Vec<u8>,
    /// The secret, sealed by the data key.
    pub(crate) secret: Vec<u8>,
}

impl fmt::Debug for Sealed {
    /// Shows none of it: a data key that was destroyed must not live on in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").finish_non_exhaustive()
    }
}

/// The id of a root key: eight hexadecimal digits.
pub(crate) type KeyId = String;

/// Makes a file with one new root key, which its owner alone may read, and answers the key's id.
///
/// # Errors
///
/// Fails when the file exists, or cannot be written.
pub fn create_root_keys(path: &Path) -> Result<String, VaultError> {
    Vault::create_file(path)
}

/// Root keys, and what is done with them. It may be shared between threads, and sealing and opening do not wait for
/// each other. They wait for the source of the root keys only where a file has changed or a root key is unknown; with a
/// command that hangs, the latter takes ten seconds, in at most a tenth of the time.
pub(crate) struct Vault {
    keys: RootKeys,
    patience: Duration,
    held: RwLock<Arc<Held>>,
    /// Is held by whoever reads the ring again.
    turn: Mutex<Option<InVain>>,
}

/// The last reading for the sake of a root key that was still unknown thereafter.
struct InVain {
    /// The state of the file then.
    stamp: Option<Stamp>,
    /// There is no other such reading before, unless the file changes.
    until: Instant,
}

/// The ring as it was read last, and the state of its file.
struct Held {
    ring: Ring,
    stamp: Option<Stamp>,
}

impl Held {
    fn read(keys: &RootKeys, patience: Duration) -> Result<Self, VaultError> {
        let (text, stamp) = source::read(keys, patience)?;
        Ok(Self { ring: Ring::read(&text, keys)?, stamp })
    }

    fn find(&self, id: Id) -> Result<&RootKey, VaultError> {
        self.ring.find(id).ok_or_else(|| VaultError::UnknownRootKey(id.to_string()))
    }
}

impl Vault {
    /// Reads the root keys. Fails when there are none, or one is broken.
    pub(crate) fn load(keys: &RootKeys) -> Result<Self, VaultError> {
        Self::patient(keys, PATIENCE)
    }

    fn patient(keys: &RootKeys, patience: Duration) -> Result<Self, VaultError> {
        let held = RwLock::new(Arc::new(Held::read(keys, patience)?));
        Ok(Self { keys: keys.clone(), patience, held, turn: Mutex::new(None) })
    }

    /// Makes a file with one new root key, which its owner alone may read. Fails when the file exists.
    pub(crate) fn create_file(path: &Path) -> Result<KeyId, VaultError> {
        file::create(path).map(|id| id.to_string())
    }

    /// Seals a secret by a new data key, which the primary root key wraps. Fails when the file of root keys changed and
    /// is broken now, or gone: what was sealed then might not open after a restart.
    pub(crate) fn seal(&self, place: &Place<'_>, secret: &SecretString) -> Result<Sealed, VaultError> {
        seal::seal(self.fresh()?.ring.primary(), place, secret)
    }

    /// Opens a secret, in microseconds where its root key is known.
    pub(crate) fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<SecretString, VaultError> {
        let id = seal::root_key_of(&sealed.data_key)?;
        seal::open(self.holding(id).find(id)?, place, sealed)
    }

    /// Opens a secret that is a text and no key, such as an answer.
    pub(crate) fn open_text(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Zeroizing<String>, VaultError> {
        let id = seal::root_key_of(&sealed.data_key)?;
        seal::open_text(self.holding(id).find(id)?, place, sealed)
    }

    /// Opens a secret that is a key of 32 bytes, in base64: one of the host's own.
    pub(crate) fn open_key(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let id = seal::root_key_of(&sealed.data_key)?;
        seal::open_key(self.holding(id).find(id)?, place, sealed)
    }

    /// The data key wrapped by the primary root key; none where it is already.
    pub(crate) fn rewrap(&self, place: &Place<'_>, data_key: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        self.fresh()?;
        let id = seal::root_key_of(data_key)?;
        let held = self.holding(id);
        let primary = held.ring.primary();
        if primary.id() == id {
            return Ok(None);
        }
        seal::rewrap(held.find(id)?, primary, place, data_key).map(Some)
    }

    /// The root key that wraps a data key. Fails when the data key was destroyed, or is none.
    pub(crate) fn root_key_of(data_key: &[u8]) -> Result<KeyId, VaultError> {
        seal::root_key_of(data_key).map(|id| id.to_string())
    }

    /// The root key that seals, after the ring was read again.
    pub(crate) fn primary(&self) -> Result<KeyId, VaultError> {
        let _turn = self.turn();
        Ok(self.read()?.ring.primary().id().to_string())
    }

    /// All root keys, the primary first.
    pub(crate) fn known(&self) -> Result<Vec<KeyId>, VaultError> {
        Ok(self.fresh()?.ring.ids().map(|id| id.to_string()).collect())
    }

    /// Puts a new root key in front of those in the file. Fails where the keys come from elsewhere: there the operator
    /// does it.
    pub(crate) fn add_root_key(&self) -> Result<KeyId, VaultError> {
        let id = file::add(self.file()?)?;
        let _turn = self.turn();
        self.read()?;
        Ok(id.to_string())
    }

    /// Takes a root key that is not the primary out of the file. The caller made sure that it wraps nothing any more.
    pub(crate) fn retire_root_key(&self, id: &str) -> Result<(), VaultError> {
        let id = Id::parse(id.as_bytes()).ok_or(VaultError::NoKeyId)?;
        file::retire(self.file()?, id)?;
        let _turn = self.turn();
        self.read().map(drop)
    }

    fn file(&self) -> Result<&Path, VaultError> {
        match &self.keys {
            RootKeys::File(path) => Ok(path),
            elsewhere => Err(VaultError::Elsewhere(elsewhere.to_string())),
        }
    }

    /// The ring as it is. It is whole also after a panic: it is replaced by one assignment.
    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn turn(&self) -> MutexGuard<'_, Option<InVain>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the ring again. Only whoever has the turn does, so that an older one never replaces a newer.
    fn read(&self) -> Result<Arc<Held>, VaultError> {
        let held = Arc::new(Held::read(&self.keys, self.patience)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&held);
        Ok(held)
    }

    /// The ring, read again if its file has changed.
    fn fresh(&self) -> Result<Arc<Held>, VaultError> {
        let unchanged = |held: &Held| Ok::<_, VaultError>(source::stamp(&self.keys)? == held.stamp);
        let held = self.held();
        if unchanged(&held)? {
            return Ok(held);
        }
        let _turn = self.turn();
        let held = self.held();
        if unchanged(&held)? { Ok(held) } else { self.read() }
    }

    /// The ring, read again if it lacks this root key, unless that was tried a moment ago.
    fn holding(&self, id: Id) -> Arc<Held> {
        let held = self.held();
        if held.ring.find(id).is_some() {
            return held;
        }
        let mut in_vain = self.turn();
        let held = self.held();
        let (began, stamp) = (Instant::now(), source::stamp(&self.keys).ok().flatten());
        let tried = in_vain.as_ref().is_some_and(|last| last.stamp == stamp && began < last.until);
        if held.ring.find(id).is_some() || tried {
            return held;
        }
        let held = self.read().unwrap_or_else(|error| {
            warn!(error = %error, "the root keys cannot be read again");
            held
        });
        if held.ring.find(id).is_none() {
            let ended = Instant::now();
            *in_vain = Some(InVain { stamp, until: ended + PAUSE.max((ended - began) * SHARE) });
        }
        held
    }
}
