//! What a client brings back when it repeats a call: sealed, good for one user, tool, arguments and token, for half an
//! hour, and once.
//!
//! ```text
//! format (1 byte) ‖ nonce (24) ‖ sealed end (8) ‖ tag (16), in base64
//! ```
//!
//! What it is good for is not in it but bound to it: it opens nowhere else.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::mac::mac;

/// The format that is written, and the only one that is read.
const FORMAT: u8 = 1;

const NONCE: usize = 24;
const END: usize = 8;
const TAG: usize = 16;

/// Time that a state is good for, in milliseconds: as long as a link.
pub(super) const LIFE: i64 = 30 * 60 * 1000;

/// Seals states, on all hosts alike.
pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
    ids: [u8; 32],
}

/// What a state is good for.
pub(super) struct Purpose<'a> {
    pub(super) tenant: &'a str,
    pub(super) identifier: &'a str,
    /// The id of the caller's token.
    pub(super) token: &'a str,
    pub(super) tool: &'a str,
    pub(super) arguments: &'a Map<String, Value>,
}

/// A state that was opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// What it is known by, so that it is used once.
    pub(super) nonce: String,
    /// When it ends, in milliseconds since 1970.
    pub(super) end: i64,
}

impl Seal {
    /// By keys that are made of the page's, which all hosts share.
    pub(super) fn new(shared_key: &[u8; 32]) -> Self {
        let cipher = XChaCha20Poly1305::new(&mac(shared_key, b"mcp request state", &[]).into());
        Self { cipher, ids: mac(shared_key, b"mcp elicitation", &[]) }
    }

    /// A new state. None where the system has no randomness.
    pub(super) fn seal(&self, purpose: &Purpose<'_>, now: i64) -> Option<String> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let mut end = now.saturating_add(LIFE).to_le_bytes();
        let bound = purpose.bound();
        let tag = self.cipher.encrypt_inout_detached((&nonce).into(), &bound, end.as_mut_slice().into()).ok()?;
        let parts = [&[FORMAT][..], &nonce, &end, &tag];
        Some(BASE64_URL_SAFE_NO_PAD.encode(parts.concat()))
    }

    /// Opens a state; none when it was not made for this, was changed, or has ended.
    pub(super) fn open(&self, state: &str, purpose: &Purpose<'_>, now: i64) -> Option<Opened> {
        let mut bytes = [0; 1 + NONCE + END + TAG];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(state, &mut bytes).ok()?;
        let (format, rest) = bytes[..length].split_first()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
        let (sealed, tag) = rest.split_first_chunk::<END>()?;
        let tag: &[u8; TAG] = tag.try_into().ok()?;
        if *format != FORMAT {
            return None;
        }
        let mut end = *sealed;
        let bound = purpose.bound();
        self.cipher.decrypt_inout_detached(nonce.into(), &bound, end.as_mut_slice().into(), tag.into()).ok()?;
        let end = i64::from_le_bytes(end);
        (end > now).then(|| Opened { nonce: BASE64_URL_SAFE_NO_PAD.encode(nonce), end })
    }

    /// The id by which a client knows that it was asked to open this link before.
    pub(super) fn id(&self, link: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&mac(&self.ids, b"link", &[link.as_bytes()])[..16])
    }
}

impl Purpose<'_> {
    /// What a state is bound to: each part after its length, so that no two purposes look alike.
    fn bound(&self) -> Vec<u8> {
        let arguments = digest(self.arguments);
        let texts = [self.tenant, self.identifier, self.token, self.tool].map(str::as_bytes);
        let mut bound = vec![FORMAT];
        for part in texts.into_iter().chain([arguments.as_slice()]) {
            bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }
}

/// The SHA-256 of arguments, in whatever order a client writes their names.
fn digest(arguments: &Map<String, Value>) -> [u8; 32] {
    let mut arguments = Value::Object(arguments.clone());
    arguments.sort_all_objects();
    Sha256::digest(arguments.to_string()).into()
}
