//! Reads the lines of root keys from where they are.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::zeroize::Zeroizing;

use super::{RootKeys, VaultError};

/// Longest text of root keys, in bytes: a thousand of them.
pub(super) const LONGEST: usize = 64 * 1024;

/// How often it is looked whether a command that has printed its keys has ended.
const GLANCE: Duration = Duration::from_millis(2);

/// What changes when somebody changes a file, or puts another in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    file: (u64, u64),
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// The state of the file that root keys come from, if they come from one.
pub(super) fn stamp(keys: &RootKeys) -> Result<Option<Stamp>, VaultError> {
    match keys {
        RootKeys::File(path) => Ok(Some(Stamp::of(&metadata(path)?))),
        RootKeys::Variable(_) | RootKeys::Command(_) => Ok(None),
    }
}

/// The text, in a buffer that is wiped, and the state of its file before it was read.
pub(super) fn read(keys: &RootKeys, patience: Duration) -> Result<(Zeroizing<Vec<u8>>, Option<Stamp>), VaultError> {
    let (text, stamp) = match keys {
        RootKeys::File(path) => {
            // Opening a pipe would wait for somebody to write into it.
            metadata(path)?;
            let file = File::open(path).map_err(|error| unreadable(path, &error))?;
            read_file(path, &file).map(|(text, stamp)| (text, Some(stamp)))?
        }
        RootKeys::Variable(name) => {
            let text = std::env::var_os(name).ok_or_else(|| VaultError::NoVariable(name.clone()))?;
            (Zeroizing::new(text.into_encoded_bytes()), None)
        }
        RootKeys::Command(text) => (run(text, patience)?, None),
    };
    if text.len() > LONGEST { Err(VaultError::TooLarge(keys.to_string())) } else { Ok((text, stamp)) }
}

/// Reads a file that is open. Refuses one that others than its owner may use; where the path is a link, its target
/// counts.
pub(super) fn read_file(path: &Path, file: &File) -> Result<(Zeroizing<Vec<u8>>, Stamp), VaultError> {
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    let mode = metadata.mode() & 0o7777;
    if !metadata.is_file() {
        return Err(VaultError::NoRegularFile(path.to_owned()));
    }
    if mode & 0o077 != 0 {
        return Err(VaultError::OthersMayUse { path: path.to_owned(), mode });
    }
    let text = bounded(file).map_err(|error| unreadable(path, &error))?;
    Ok((text, Stamp::of(&metadata)))
}

fn metadata(path: &Path) -> Result<Metadata, VaultError> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_file() { Ok(metadata) } else { Err(VaultError::NoRegularFile(path.to_owned())) }
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> VaultError {
    match error.kind() {
        io::ErrorKind::NotFound => VaultError::NoFile(path.to_owned()),
        kind => VaultError::Unreadable { path: path.to_owned(), kind },
    }
}

/// All of it, or one byte more than the longest. The buffer never grows: that would leave copies behind.
fn bounded(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST + 2));
    from.take(LONGEST as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

/// What a command prints. What it says on standard error is not kept: it might hold a key.
fn run(text: &str, patience: Duration) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let not_started = |error: io::Error| VaultError::NotStarted(error.kind());
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(text).process_group(0);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(not_started)?;
    let group = Pid::from_child(&child);
    match harvest(&mut child, patience).map_err(not_started) {
        // Too much of it is told first: what prints on into a closed pipe fails for that.
        Ok(Some((text, status))) if status.success() || text.len() > LONGEST => Ok(text),
        Ok(Some((_, status))) => Err(VaultError::CommandFailed(status.to_string())),
        // It was not waited for yet, so no other process has its number.
        hung_or_failed => {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = child.wait();
            hung_or_failed.and(Err(VaultError::CommandHung(patience.as_secs())))
        }
    }
}

/// What a child printed, and how it ended; none when it did not end in time.
fn harvest(child: &mut Child, patience: Duration) -> io::Result<Option<(Zeroizing<Vec<u8>>, ExitStatus)>> {
    let deadline = Instant::now() + patience;
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let (done, printed) = mpsc::channel();
    // A thread of its own, because reading from a pipe knows no deadline. It ends with the last that has the pipe.
    thread::Builder::new().name("root-keys".to_owned()).spawn(move || done.send(bounded(output)))?;
    let Ok(text) = printed.recv_timeout(patience) else {
        return Ok(None);
    };
    let text = text?;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some((text, status)));
        }
        thread::sleep(GLANCE);
    }
    Ok(None)
}
