//! The ring of root keys, and the lines that it is written in.

use std::fmt;
use std::str;

use secrecy::zeroize::Zeroizing;

use super::seal::Key;
use super::{Flaw, RootKeys, VaultError};

/// The id of a root key: eight lowercase hexadecimal digits, as bytes of ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id([u8; 8]);

impl Id {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        text.iter().all(hex).then(|| text.try_into().ok()).flatten().map(Self)
    }

    /// An id that nobody chose. Ids of two files may be the same by chance; keys never are.
    fn random() -> Result<Self, VaultError> {
        let number = getrandom::u32().map_err(|_| VaultError::NoRandomness)?;
        Self::parse(format!("{number:08x}").as_bytes()).ok_or(VaultError::NoKeyId)
    }

    pub(super) fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// A root key and its id.
pub(super) struct RootKey {
    id: Id,
    key: Key,
}

impl RootKey {
    /// A new root key.
    pub(super) fn random() -> Result<Self, VaultError> {
        Ok(Self { id: Id::random()?, key: Key::random()? })
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Its line, with the end of it.
    fn line(&self) -> Zeroizing<Vec<u8>> {
        let key = self.key.base64();
        joined(&[self.id.bytes(), b" ", key.as_bytes(), b"\n"])
    }

    /// The lines of a new ring with this key.
    pub(super) fn alone(&self, head: &str) -> Zeroizing<Vec<u8>> {
        joined(&[head.as_bytes(), &self.line()])
    }

    fn read(line: &[u8]) -> Result<Self, Flaw> {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let (Some(id), Some(key), None) = (words.next(), words.next(), words.next()) else {
            return Err(Flaw::Form);
        };
        let id = Id::parse(id).ok_or(Flaw::Id)?;
        let key = Key::of_base64(key).ok_or(Flaw::Key)?;
        if key.is_zero() { Err(Flaw::Zeros) } else { Ok(Self { id, key }) }
    }
}

/// The root keys, at least one. No two have the same id, and no two are the same.
pub(super) struct Ring {
    primary: RootKey,
    others: Vec<RootKey>,
}

impl Ring {
    /// Reads lines of root keys. An error names the line, and repeats nothing of it.
    pub(super) fn read(text: &[u8], from: &RootKeys) -> Result<Self, VaultError> {
        let mut keys = Vec::new();
        for (index, line) in lines(text).enumerate().filter(|(_, line)| has_key(line)) {
            let broken = |flaw| VaultError::BrokenLine { whence: from.to_string(), line: index + 1, flaw };
            let key = RootKey::read(line).map_err(broken)?;
            match keys.iter().find(|other: &&RootKey| other.id == key.id || other.key.is(&key.key)) {
                Some(other) if other.id == key.id => return Err(broken(Flaw::SameId)),
                Some(_) => return Err(broken(Flaw::SameKey)),
                None => keys.push(key),
            }
        }
        let mut keys = keys.into_iter();
        let primary = keys.next().ok_or_else(|| VaultError::NoRootKey(from.to_string()))?;
        Ok(Self { primary, others: keys.collect() })
    }

    /// The root key that seals.
    pub(super) fn primary(&self) -> &RootKey {
        &self.primary
    }

    pub(super) fn find(&self, id: Id) -> Option<&RootKey> {
        self.all().find(|key| key.id == id)
    }

    /// The ids, the primary's first.
    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        self.all().map(RootKey::id)
    }

    fn all(&self) -> impl Iterator<Item = &RootKey> {
        std::iter::once(&self.primary).chain(&self.others)
    }
}

/// The same lines with a root key in front of the others. Comments stay where they are.
pub(super) fn with(text: &[u8], key: &RootKey) -> Zeroizing<Vec<u8>> {
    let before: usize = lines(text).take_while(|line| !has_key(line)).map(<[u8]>::len).sum();
    let (before, after) = text.split_at_checked(before).unwrap_or((text, &[]));
    joined(&[before, &key.line(), after])
}

/// The same lines without a root key's.
pub(super) fn without(text: &[u8], id: Id) -> Zeroizing<Vec<u8>> {
    let kept = lines(text).filter(|line| !line.trim_ascii().starts_with(id.bytes()));
    joined(&kept.collect::<Vec<_>>())
}

/// One text of parts. It is as large as needed from the start: a buffer that grows leaves copies behind.
fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| text.extend_from_slice(part));
    text
}

/// The lines, each with its end.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

fn has_key(line: &[u8]) -> bool {
    !matches!(line.trim_ascii().first(), None | Some(b'#'))
}
