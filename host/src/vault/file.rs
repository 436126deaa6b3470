//! Makes a file of root keys, and changes one: whole or not at all, and one process at a time.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use secrecy::zeroize::Zeroizing;

use super::ring::{self, Id, Ring, RootKey};
use super::source::{self, LONGEST};
use super::{RootKeys, VaultError};

/// Time to wait for another process that changes the file, which takes it milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether the other process is done.
const GLANCE: Duration = Duration::from_millis(5);

/// What a new file begins with.
const HEAD: &str = "\
# Root keys. The first one seals, and all of them open. Whoever has this file and the database has every secret;
# who loses it has none: keep a copy, and not beside a copy of the database.
";

/// Makes a file with one new root key. A file that exists is left alone.
pub(super) fn create(path: &Path) -> Result<Id, VaultError> {
    let key = RootKey::random()?;
    let mut file = new_file(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => VaultError::FileExists(path.to_owned()),
        kind => VaultError::NotWritable { path: path.to_owned(), kind },
    })?;
    let written = file.write_all(&key.alone(HEAD));
    written.and_then(|()| file.sync_all()).and_then(|()| sync_folder(path)).map_err(|error| {
        let _ = fs::remove_file(path);
        not_writable(path, &error)
    })?;
    Ok(key.id())
}

/// Puts a new root key in front of the others.
pub(super) fn add(path: &Path) -> Result<Id, VaultError> {
    change(path, |ring, text| {
        let mut key = RootKey::random()?;
        while ring.find(key.id()).is_some() {
            key = RootKey::random()?;
        }
        Ok((key.id(), ring::with(text, &key)))
    })
}

/// Takes out a root key that is not the primary.
pub(super) fn retire(path: &Path, id: Id) -> Result<(), VaultError> {
    change(path, |ring, text| match ring.find(id) {
        None => Err(VaultError::UnknownRootKey(id.to_string())),
        Some(_) if ring.primary().id() == id => Err(VaultError::Primary(id.to_string())),
        Some(_) => Ok(((), ring::without(text, id))),
    })
}

/// Replaces the file by one with other lines, which `make` makes of those it has.
fn change<T>(
    path: &Path,
    make: impl FnOnce(&Ring, &[u8]) -> Result<(T, Zeroizing<Vec<u8>>), VaultError>,
) -> Result<T, VaultError> {
    // Where the path is a link, its target is replaced.
    let path = &fs::canonicalize(path).map_err(|error| source::unreadable(path, &error))?;
    let from = RootKeys::File(path.clone());
    let locked = lock(path)?;
    let (text, _) = source::read_file(path, &locked)?;
    if text.len() > LONGEST {
        return Err(VaultError::TooLarge(from.to_string()));
    }
    let (made, new) = make(&Ring::read(&text, &from)?, &text)?;
    if new.len() > LONGEST {
        return Err(VaultError::TooLarge(from.to_string()));
    }
    // Nothing is written that would not be read again.
    Ring::read(&new, &from)?;
    replace(path, &locked, &new).map_err(|error| not_writable(path, &error))?;
    Ok(made)
}

/// Opens the file and locks it. Whoever had the lock may have replaced the file: then the new one is locked.
fn lock(path: &Path) -> Result<File, VaultError> {
    let deadline = Instant::now() + PATIENCE;
    let failed = |error: io::Error| not_writable(path, &error);
    while Instant::now() < deadline {
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, path).map_err(failed)? => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => thread::sleep(GLANCE),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(VaultError::Busy(path.to_owned()))
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (held, there) = (file.metadata()?, fs::metadata(path)?);
    Ok((held.dev(), held.ino()) == (there.dev(), there.ino()))
}

/// Writes a file beside the old one, which has the same owner, and renames it.
fn replace(path: &Path, old: &File, text: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    // Only what has the lock writes it: one that is there is of a process that was killed.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let renamed = write(&beside, old, text).and_then(|()| fs::rename(&beside, path));
    if renamed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    renamed.and_then(|()| sync_folder(path))
}

fn write(path: &Path, old: &File, text: &[u8]) -> io::Result<()> {
    let mut file = new_file(path)?;
    let (own, owner) = (file.metadata()?, old.metadata()?);
    if (own.uid(), own.gid()) != (owner.uid(), owner.gid()) {
        fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
    }
    file.write_all(text)?;
    file.sync_all()
}

/// A new file that its owner alone may use.
fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// The name under which the next file is written.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsStr::new(".").to_owned();
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

/// Makes a name in a folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn not_writable(path: &Path, error: &io::Error) -> VaultError {
    VaultError::NotWritable { path: path.to_owned(), kind: error.kind() }
}
