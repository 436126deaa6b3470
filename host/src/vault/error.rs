//! Why the vault did not do something.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a secret was not sealed or opened, or root keys were not read or changed. The texts are for the operator, and
/// say what can be done. None holds a key, a line of keys, a command, or anything of a row but the id of its root key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VaultError {
    /// The file of root keys does not exist.
    #[error("there is no file of root keys {}: put it back from where it is kept, or name another", .0.display())]
    NoFile(PathBuf),
    /// The variable is not set.
    #[error("there are no root keys: the variable {0} is not set")]
    NoVariable(String),
    /// The source has no line with a key.
    #[error("there is no root key in {0}: it takes a line of an id, such as 0a1b2c3d, and 32 random bytes in base64")]
    NoRootKey(String),
    /// The file of root keys is a folder, a pipe or the like.
    #[error("root keys have to be in a regular file, which {} is not", .0.display())]
    NoRegularFile(PathBuf),
    /// Others than its owner have rights to the file of root keys.
    #[error("others may use the file of root keys, by its mode {mode:03o}: chmod 600 {}", .path.display())]
    OthersMayUse {
        /// The file.
        path: PathBuf,
        /// The rights that it gives.
        mode: u32,
    },
    /// The file of root keys is not readable.
    #[error("the file of root keys {} cannot be read: {kind}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// The file of root keys, or its folder, is not writable.
    #[error("the file of root keys {} cannot be written: {kind}; do it as its owner, or where it comes from", .path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// A file is not overwritten by a new one.
    #[error("the file {} exists already, and is left as it is: it may hold root keys", .0.display())]
    FileExists(PathBuf),
    /// Another process holds the file of root keys for too long.
    #[error("the file of root keys {} is held by another process that changes it: try again", .0.display())]
    Busy(PathBuf),
    /// The source has more text than root keys take.
    #[error("there is more than 64 kB in {0}: these are no root keys")]
    TooLarge(String),
    /// A line of root keys is broken.
    #[error("line {line} of the root keys in {whence} {flaw}")]
    BrokenLine {
        /// Where the line is.
        whence: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The command was not started.
    #[error("the command for root keys cannot be started: {0}")]
    NotStarted(io::ErrorKind),
    /// The command ended with an error.
    #[error("the command for root keys failed ({0}): run it by hand to see why")]
    CommandFailed(String),
    /// The command did not end in time, and was killed.
    #[error("the command for root keys took more than {0} s and was killed: run it by hand to see why")]
    CommandHung(u64),
    /// Only a file of root keys is changed by the vault.
    #[error("root keys come from {0}: change them there; running hosts read them again when they need to")]
    Elsewhere(String),
    /// This is no id of a root key.
    #[error("the id of a root key is eight lowercase hexadecimal digits")]
    NoKeyId,
    /// The primary root key stays.
    #[error("the root key {0} is the primary, which seals: add another in front of it first")]
    Primary(String),
    /// The ring has no such root key.
    #[error("the root key {0} is unknown: put it back into the root keys, after the first line")]
    UnknownRootKey(String),
    /// What was stored has another form than this version writes.
    #[error(
        "a {part} has format {format}, which this version does not know: use the version that sealed it, or a newer one"
    )]
    UnknownFormat {
        /// What of a row has it.
        part: Part,
        /// The format.
        format: u8,
    },
    /// What was stored is too short, too long, or garbled.
    #[error("a {0} is damaged: it was cut or changed in the store; restore the row, or connect the account again")]
    Damaged(Part),
    /// The data key was overwritten on purpose.
    #[error("the data key was destroyed, and what it sealed is gone: connect the account again")]
    Destroyed,
    /// The data key does not open by its root key.
    #[error(
        "a data key does not open by root key {0}: either another key had this id when it was sealed, or its row was moved \
         or changed; compare the root keys with those that are kept elsewhere"
    )]
    DataKeyRefused(String),
    /// The secret does not open by its data key.
    #[error(
        "a secret does not open by its data key: its row was moved or changed; restore it, or connect the account again"
    )]
    SecretRefused,
    /// What opened is not the key that was asked for.
    #[error("what was sealed as a key is none: another program has written it")]
    NoKey,
    /// The secret is longer than the cipher takes.
    #[error("the secret is too long to be sealed")]
    TooLong,
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// What is wrong with a line of root keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// It is not of two words.
    #[error("is not an id and a key, with a space between")]
    Form,
    /// The first word is no id.
    #[error("does not begin with an id of eight lowercase hexadecimal digits")]
    Id,
    /// The second word is no key.
    #[error("has no key of 32 bytes in base64")]
    Key,
    /// The key is of zero bytes only.
    #[error("has a key that is all zeros: make one with `openssl rand -base64 32`")]
    Zeros,
    /// Another line has this id.
    #[error("has the id of another line")]
    SameId,
    /// Another line has this key.
    #[error("has the key of another line")]
    SameKey,
}

/// What a sealed secret consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The wrapped data key.
    DataKey,
    /// The sealed secret.
    Secret,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataKey => "data key",
            Self::Secret => "secret",
        })
    }
}
