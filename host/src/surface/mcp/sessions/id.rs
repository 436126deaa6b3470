//! The id of a session: what it was begun with, sealed for its caller by a key that all hosts have. So each of them can go
//! on with it, also after a restart, and no host keeps anything for the others.
//!
//! ```text
//! format (1 byte) ‖ nonce (24) ‖ sealed: begun at (8), links (1), revision (at most 32) ‖ tag (16), in base64
//! ```

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use serde_json::{Value, json};

use super::Owner;
use crate::mac::mac;

/// The format that is written, and the only one that is read.
const FORMAT: u8 = 1;

const NONCE: usize = 24;
const TAG: usize = 16;

/// Longest name of a revision; the names of all there are have ten characters.
const REVISION: usize = 32;

/// Longest id, in bytes before they are encoded.
const LONGEST: usize = 1 + NONCE + 8 + 1 + REVISION + TAG;

/// Time after which a session ends, in milliseconds. Its client is told that there is none, and begins another.
pub(super) const LIFE: i64 = 24 * 3600 * 1000;

/// What a client began a session with, as far as it matters for what it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::surface::mcp) struct Begins {
    /// The revision that it asked for.
    pub(super) revision: String,
    /// Whether it can have its user open a link.
    pub(super) links: bool,
}

/// An id that was opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) begins: Begins,
    /// What it is known by when it is ended.
    pub(super) nonce: String,
    /// When it ends by itself, in milliseconds since 1970.
    pub(super) end: i64,
}

/// Makes and opens ids, on all hosts alike.
pub(super) struct Ids(XChaCha20Poly1305);

impl Begins {
    /// What the message that begins a session says; none of any other message.
    pub(in crate::surface::mcp) fn of(message: &Value) -> Option<Self> {
        if message["method"] != "initialize" {
            return None;
        }
        let params = &message["params"];
        let revision = params["protocolVersion"].as_str().filter(|revision| revision.len() <= REVISION)?;
        let links = params["capabilities"]["elicitation"]["url"].is_object();
        Some(Self { revision: revision.to_owned(), links })
    }

    /// The parameters by which the session is begun again at another host.
    pub(super) fn params(&self) -> Value {
        let capabilities = if self.links { json!({"elicitation": {"url": {}}}) } else { json!({}) };
        let client = json!({"name": "a client of another host", "version": "0"});
        json!({"protocolVersion": self.revision, "capabilities": capabilities, "clientInfo": client})
    }
}

impl Ids {
    /// By a key that is made of the page's, which all hosts share.
    pub(super) fn new(shared_key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&mac(shared_key, b"mcp session", &[]).into()))
    }

    /// A new id. None where the system has no randomness.
    pub(super) fn seal(&self, owner: &Owner, begins: &Begins, now: i64) -> Option<String> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let mut text = [&now.to_le_bytes()[..], &[u8::from(begins.links)], begins.revision.as_bytes()].concat();
        let tag = self.0.encrypt_inout_detached((&nonce).into(), &bound(owner), text.as_mut_slice().into()).ok()?;
        Some(BASE64_URL_SAFE_NO_PAD.encode([&[FORMAT][..], &nonce, &text, &tag].concat()))
    }

    /// Opens an id; none when it is not this caller's, was changed, is no id of ours, or its session has ended by itself.
    pub(super) fn open(&self, id: &str, owner: &Owner, now: i64) -> Option<Opened> {
        let mut bytes = [0; LONGEST];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(id, &mut bytes).ok()?;
        let (format, rest) = bytes[..length].split_first()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
        let (sealed, tag) = rest.split_last_chunk::<TAG>()?;
        if *format != FORMAT {
            return None;
        }
        let mut text = sealed.to_vec();
        self.0.decrypt_inout_detached(nonce.into(), &bound(owner), text.as_mut_slice().into(), tag.into()).ok()?;
        let (begun_at, rest) = text.split_first_chunk::<8>()?;
        let (links, revision) = rest.split_first()?;
        let begins = Begins { revision: String::from_utf8(revision.to_vec()).ok()?, links: *links == 1 };
        let end = i64::from_le_bytes(*begun_at).saturating_add(LIFE);
        (end > now).then(|| Opened { begins, nonce: BASE64_URL_SAFE_NO_PAD.encode(nonce), end })
    }
}

/// Whom an id is bound to: each part after its length, so that no two callers look alike.
fn bound(Owner(parts): &Owner) -> Vec<u8> {
    let mut bound = vec![FORMAT];
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn owner(parts: [&str; 3]) -> Owner {
        Owner(parts.map(str::to_owned))
    }

    #[test]
    fn an_id_says_at_any_host_what_its_session_was_begun_with_until_it_ends() {
        let owner = owner(["app", "alice", "tok_1"]);
        for (revision, links) in [("2025-11-25", true), ("2024-11-05", false), ("", true), (&"x".repeat(32), false)] {
            let begins = Begins { revision: revision.to_owned(), links };
            let id = Ids::new(&[7; 32]).seal(&owner, &begins, NOW).unwrap();
            let opened = Ids::new(&[7; 32]).open(&id, &owner, NOW + LIFE - 1).unwrap();
            assert_eq!((&opened.begins, opened.end), (&begins, NOW + LIFE));
            assert_eq!(Ids::new(&[7; 32]).open(&id, &owner, NOW + LIFE), None);
            assert_eq!(Ids::new(&[8; 32]).open(&id, &owner, NOW), None);
            assert!(id.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn it_is_good_for_nobody_else_and_cannot_be_changed() {
        let ids = Ids::new(&[7; 32]);
        let begins = Begins { revision: "2025-11-25".to_owned(), links: false };
        let id = ids.seal(&owner(["app", "alice", "tok_1"]), &begins, NOW).unwrap();
        for other in [["app", "alice", "tok_2"], ["app", "bob", "tok_1"], ["ap", "palice", "tok_1"], ["", "", ""]] {
            assert_eq!(ids.open(&id, &owner(other), NOW), None, "{other:?}");
        }
        let own = owner(["app", "alice", "tok_1"]);
        for at in 0..id.len() {
            let mut changed = id.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(ids.open(&String::from_utf8(changed).unwrap(), &own, NOW), None, "byte {at}");
        }
        for text in ["", "AQ", "00000000-0000-4000-8000-000000000000", &id[1..], &"A".repeat(500), &format!("{id}A")] {
            assert_eq!(ids.open(text, &own, NOW), None, "{text}");
        }
        assert!(ids.open(&id, &own, NOW).is_some());
    }

    #[test]
    fn only_what_begins_a_session_is_read() {
        let message = |method: &str, revision: &str, can: Value| json!({"method": method, "params": {"protocolVersion": revision, "capabilities": can}});
        let begins = |revision: &str, links| Some(Begins { revision: revision.to_owned(), links });
        let can = json!({"elicitation": {"url": {}}});
        assert_eq!(Begins::of(&message("initialize", "2025-11-25", can)), begins("2025-11-25", true));
        assert_eq!(Begins::of(&message("initialize", "x", json!({"elicitation": {}}))), begins("x", false));
        assert_eq!(Begins::of(&message("tools/list", "2025-11-25", json!({}))), None);
        assert_eq!(Begins::of(&message("initialize", &"x".repeat(33), json!({}))), None);
        assert_eq!(Begins::of(&json!({"method": "initialize", "params": 3})), None);
    }
}
