//! A host's chain of the trail. Each entry carries the mac of the one before it, and the head, which is changed with
//! every entry, carries the last one's.

use std::sync::Arc;

use secrecy::zeroize::Zeroizing;

use super::StoreError;
use super::engine::{Row, Sql, clean, sql};
use super::records::Entry;
use crate::mac::mac;
pub(super) use crate::mac::same;

/// How a head is read.
pub(super) const READ_HEAD: &str = "SELECT seq, mac, seal FROM heads WHERE host = $1";

/// Changes the head, if it is still the one that this process wrote last.
const MOVE_HEAD: &str = "UPDATE heads SET seq = $2, mac = $3, seal = $4 WHERE host = $1 AND seq = $5 AND mac = $6";

/// Adds an entry.
const APPEND: &str = "INSERT INTO audit (host, seq, at, kind, tenant, identifier, detail, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// A head, and the entry that a process knows as the last one, as they are at one moment.
const READ_ON: &str = "SELECT heads.seq, heads.mac, heads.seal, audit.mac
    FROM heads LEFT JOIN audit ON audit.host = heads.host AND audit.seq = $2 WHERE heads.host = $1";

/// The key by which entries are chained and heads sealed.
#[derive(Clone)]
pub(super) struct AuditKey(Arc<Zeroizing<[u8; 32]>>);

/// What an entry says, as it is stored.
pub(super) struct Told<'a> {
    pub(super) host: &'a str,
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) kind: &'a str,
    pub(super) tenant: &'a str,
    pub(super) identifier: &'a str,
    pub(super) detail: &'a str,
}

impl AuditKey {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(key)))
    }

    /// What the first entry of a host follows.
    pub(super) fn beginning(&self, host: &str) -> Vec<u8> {
        self.mac(b"beginning", &[host.as_bytes()])
    }

    /// An entry's mac, after the one before it.
    pub(super) fn entry(&self, before: &[u8], told: &Told<'_>) -> Vec<u8> {
        let (seq, at) = (told.seq.to_le_bytes(), told.at.to_le_bytes());
        let texts = [told.kind, told.tenant, told.identifier, told.detail].map(str::as_bytes);
        self.mac(b"entry", &[before, told.host.as_bytes(), &seq, &at, texts[0], texts[1], texts[2], texts[3]])
    }

    /// A head's seal.
    pub(super) fn seal(&self, host: &str, seq: i64, mac: &[u8]) -> Vec<u8> {
        self.mac(b"head", &[host.as_bytes(), &seq.to_le_bytes(), mac])
    }

    fn mac(&self, what: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        mac(&self.0, what, parts).to_vec()
    }
}

/// Where a host's chain ends.
#[derive(Clone)]
pub(super) struct Chain {
    key: AuditKey,
    pub(super) host: Arc<str>,
    pub(super) seq: i64,
    pub(super) mac: Vec<u8>,
}

impl Chain {
    pub(super) fn new(key: AuditKey, host: Arc<str>, seq: i64, mac: Vec<u8>) -> Self {
        Self { key, host, seq, mac }
    }

    /// The statements that append entries, each of which has to touch one row: first the head's, which touches none
    /// when another process has moved it. None where there is no entry.
    pub(super) fn append<'a>(&mut self, entries: impl Iterator<Item = &'a Entry>) -> Vec<Sql> {
        let (seq, mac) = (self.seq, self.mac.clone());
        let mut statements: Vec<Sql> = entries.map(|entry| self.follow(entry)).collect();
        if !statements.is_empty() {
            let seal = self.key.seal(&self.host, self.seq, &self.mac);
            let head = sql(MOVE_HEAD).with(&*self.host).with(self.seq).with(&self.mac).with(&seal);
            statements.insert(0, head.with(seq).with(&mac));
        }
        statements
    }

    /// The statement that finds where the chain ends by now.
    pub(super) fn read_on(&self) -> Sql {
        sql(READ_ON).with(&*self.host).with(self.seq)
    }

    /// Where the chain ends by now, by the row that [`Self::read_on`] found: other processes of this host have gone on with
    /// it. None where somebody did who has not the key, or what this process knows as the chain's end is not in it.
    pub(super) fn gone_on(&self, mut row: Row) -> Result<Option<Self>, StoreError> {
        let (seq, mac, seal, known) = (row.number()?, row.bytes()?, row.bytes()?, row.bytes_or_none()?);
        let sealed = same(&seal, &self.key.seal(&self.host, seq, &mac));
        let is_in_it = match known {
            Some(known) => same(&known, &self.mac),
            None => self.seq == 0,
        };
        Ok((sealed && is_in_it && seq >= self.seq).then(|| Self { seq, mac, ..self.clone() }))
    }

    fn follow(&mut self, entry: &Entry) -> Sql {
        let (tenant, identifier) = (clean(&entry.tenant), clean(&entry.identifier));
        let detail = entry.detail.to_string();
        self.seq += 1;
        let told = Told {
            host: &self.host,
            seq: self.seq,
            at: entry.at,
            kind: entry.kind,
            tenant: &tenant,
            identifier: &identifier,
            detail: &detail,
        };
        self.mac = self.key.entry(&self.mac, &told);
        let told = sql(APPEND).with(&*self.host).with(self.seq).with(entry.at).with(entry.kind);
        told.with(&tenant).with(&identifier).with(&detail).with(&self.mac)
    }
}
