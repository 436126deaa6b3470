//! What was deleted is gone: nothing that is left in the files opens any more.

use std::collections::BTreeSet;
use std::fs;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use freshdesk_simulator::seed;
use serde_json::json;

use crate::office::{Office, TENANT, user};

/// Length of a wrapped data key: format, id of the root key, nonce, key, tag.
const WRAPPED: usize = 1 + 8 + 24 + 32 + 16;

/// A root key, as its file has it.
struct RootKey {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl RootKey {
    fn of(office: &Office) -> Self {
        let ring = fs::read_to_string(office.root_keys()).unwrap();
        let (id, key) = ring.lines().find(|line| !line.starts_with('#')).unwrap().split_once(' ').unwrap();
        let key = BASE64_STANDARD.decode(key.trim()).unwrap();
        Self { id: id.to_owned(), cipher: XChaCha20Poly1305::new_from_slice(&key).unwrap() }
    }

    /// Whether these bytes are a wrapped data key of an account's key.
    fn opens(&self, bytes: &[u8], identifier: &str, version: i64) -> bool {
        let head = [&[1], self.id.as_bytes()].concat();
        let Some(rest) = bytes.strip_prefix(head.as_slice()) else { return false };
        let (nonce, rest) = rest.split_first_chunk::<24>().unwrap();
        let (sealed, tag) = rest.split_last_chunk::<16>().unwrap();
        let version = version.to_le_bytes();
        let texts = ["data-key", "account", TENANT, identifier].map(str::as_bytes);
        let fields = [&[1_u8][..]].into_iter().chain(texts).chain([&version[..], self.id.as_bytes()]);
        let bound: Vec<u8> =
            fields.flat_map(|field| [&(field.len() as u32).to_le_bytes()[..], field].concat()).collect();
        let mut opened = sealed.to_vec();
        self.cipher.decrypt_inout_detached(nonce.into(), &bound, opened.as_mut_slice().into(), tag.into()).is_ok()
    }
}

/// Those of these keys, by identifier and version, of which a wrapped data key is anywhere in the store's files.
fn left(office: &Office, keys: &[(&'static str, i64)]) -> BTreeSet<(&'static str, i64)> {
    let root = RootKey::of(office);
    let files = office.files().into_iter().filter(|file| file.to_string_lossy().contains("accounts.db"));
    let contents: Vec<_> = files.map(|file| fs::read(file).unwrap()).collect();
    let windows = || contents.iter().flat_map(|bytes| bytes.windows(WRAPPED)).filter(|bytes| bytes[0] == 1);
    let opens =
        |(identifier, version): &(&'static str, i64)| windows().any(|bytes| root.opens(bytes, identifier, *version));
    keys.iter().copied().filter(opens).collect()
}

fn checkpoint(office: &Office) {
    let store = rusqlite::Connection::open(&office.database).unwrap();
    let busy: i64 = store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0)).unwrap();
    assert_eq!(busy, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_disconnected_revoked_or_replaced_opens_nowhere_in_the_files() {
    let office = Office::open().await;
    office.json(&["tenants", "create", TENANT]);
    let root = fs::read(office.root_keys()).unwrap();
    for identifier in ["stays", "disconnected", "revoked", "replaced"] {
        office.connect(&user(identifier), seed::ADMIN_KEY).await;
    }
    let all = [("stays", 1), ("disconnected", 1), ("revoked", 1), ("replaced", 1), ("replaced", 2)];
    let first: BTreeSet<_> = all.into_iter().filter(|(_, version)| *version == 1).collect();
    assert_eq!(left(&office, &all), first, "the scan finds what opens");

    office.connect(&user("replaced"), seed::ADMIN_KEY).await;
    office.json(&["accounts", "disconnect", TENANT, "disconnected"]);
    let accounts = office.another_host("product").await;
    office.reset_key("FAKEkeyOfNobodyAtAll");
    accounts.call(&user("revoked"), "freshdesk_roles_list", &json!({})).await.unwrap_err();
    accounts.close().await;
    checkpoint(&office);
    assert_eq!(left(&office, &all), BTreeSet::from([("stays", 1), ("replaced", 2)]));
    assert_eq!(fs::read(office.root_keys()).unwrap(), root, "the root key is the same");
    office.is_sound();
}

/// Of a link, too, what was sealed with it opens no more once it is used or has expired.
#[tokio::test(flavor = "multi_thread")]
async fn what_links_held_is_zeros() {
    let office = Office::open().await;
    office.json(&["tenants", "create", TENANT]);
    let server = office.serve(&[]);
    for identifier in ["used", "cancelled"] {
        let link = office.json(&["accounts", "connect", TENANT, identifier, "--email", crate::office::EMAIL]);
        let mut visitor = crate::visitor::Visitor::at(&server.url);
        tokio::task::block_in_place(|| {
            let form = visitor.open(link["link"]["url"].as_str().unwrap()).unwrap();
            let shown = visitor.offer(&form, seed::ADMIN_KEY).unwrap();
            if identifier == "used" {
                assert!(visitor.submit(&shown, &[]).unwrap().says_connected());
            }
        });
    }
    // The host's own two keys, the account's, and the one that the second link holds.
    assert_eq!(office.count("data_keys", &format!("wrapped <> {}", zeros())), 4);
    office.json(&["accounts", "disconnect", TENANT, "cancelled"]);
    assert_eq!(office.count("data_keys", &format!("wrapped <> {}", zeros())), 3);
    assert_eq!(office.count("links", "secret IS NOT NULL"), 0);
    assert_eq!(office.count("data_keys", "1 = 1"), 5, "destroyed ones are overwritten in their place");
}

/// A destroyed data key, in SQL.
fn zeros() -> String {
    format!("zeroblob({WRAPPED})")
}
