//! Sealed rows: nothing opens but what was sealed, where it was sealed, and why it does not is told by its form.

use std::sync::LazyLock;

use base64::prelude::{BASE64_STANDARD, Engine};
use secrecy::SecretString;

use super::draw::Draw;
use crate::vault::{Place, RootKeys, Sealed, Vault, WRAPPED};

/// Two root keys that everybody may know, of which the first seals.
const RING: &str = "printf '0000000a %s\\n0000000b %s\\n' AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

/// A row that another program sealed, from what `vault/seal.rs` says of the format: a data key under the first root key.
const FIRST: &[u8] = b"\x010000000annnnnnnnnnnnnnnnnnnnnnnn\
    \x52\x4b\xad\xaf\x88\x1d\x8b\xa1\xa6\x9e\xa0\xe8\xc2\x36\x32\x86\x27\xea\x47\xc0\xfb\xd3\x02\x88\
    \xe2\x96\x74\x7b\xc8\xca\x48\x7b\xcd\x23\x38\x0d\xbe\xa3\x9a\x4a\x84\xc4\xbb\xcb\xbd\x02\xe4\xdf";

/// The same data key under the second.
const SECOND: &[u8] = b"\x010000000bnnnnnnnnnnnnnnnnnnnnnnnn\
    \x10\xf6\xf1\x54\x9b\x60\x27\x2b\xa8\x50\xcc\x34\x62\xe5\x56\x83\x8a\xcd\x5c\xa5\x4c\x89\xc3\x08\
    \xf7\x4c\x8e\xaa\x6f\x1f\xa0\xfa\xb2\xbc\x05\x06\x67\x54\x2f\xbc\x8e\xb3\xeb\x73\x71\x8e\x91\xb2";

/// The secret under it.
const SECRET: &[u8] = b"\x01mmmmmmmmmmmmmmmmmmmmmmmm\
    \xe9\x05\x45\x30\xc9\xea\x1e\x18\x53\x03\x4b\x9a\xb2\x0b\xd1\x24\x6f\x91\x8c\xc0\x25\xe8\x15\x1e\
    \x00\x7c\x3a\xec\x1f\xe8\x5c\x9d\x61\x4f\x2b\xe3";

/// What it is.
const PLAIN: &str = "FAKEkeyOfJaneDoe0001";

/// The vault over the root keys.
static VAULT: LazyLock<Vault> =
    LazyLock::new(|| Vault::load(&RootKeys::Command(RING.to_owned())).expect("the root keys are sound"));

/// Checks the row that these bytes are, and what they decide about one that is sound.
pub fn sealed(data: &[u8]) {
    let mut draw = Draw::new(data);
    if draw.below(2) == 0 {
        noise(&mut draw);
    } else {
        changed(&mut draw);
    }
}

/// Bytes open only if they are the row that was sealed, and the reason tells their form alone.
fn noise(draw: &mut Draw<'_>) {
    let split = draw.below(128);
    let rest = draw.rest();
    let (data_key, secret) = rest.split_at(split.min(rest.len()));
    let row = Sealed { data_key: data_key.to_vec(), secret: secret.to_vec() };
    let here = Place { purpose: "account", tenant: "acme", identifier: "jane", version: 1 };
    let is_key = [FIRST, SECOND].contains(&data_key);
    let opened = VAULT.open_text(&here, &row).map(|text| text.to_string());
    assert_eq!(VAULT.open(&here, &row).is_ok(), opened.is_ok());
    let why = match opened {
        Ok(text) => {
            assert!(is_key && secret == SECRET && text == PLAIN, "noise opens");
            String::new()
        }
        Err(error) => {
            assert!(!is_key || secret != SECRET, "a row that was sealed does not open: {error}");
            error.to_string()
        }
    };
    assert!(VAULT.open_key(&here, &row).is_err());
    // It is a data key by its form: the format, an id, and what is sealed.
    let hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let named = data_key.get(1..9).filter(|id| data_key.len() == WRAPPED && data_key[0] == 1 && id.iter().all(hex));
    let rewrapped = VAULT.rewrap(&here, data_key);
    match (Vault::root_key_of(data_key), named) {
        (Ok(id), Some(named)) => {
            assert_eq!(id.as_bytes(), named);
            assert!(is_key || why.contains(&id), "{why}");
            match id.as_str() {
                // That it is under the first already is told by its form; one under the second has to open.
                "0000000a" => assert_eq!(rewrapped, Ok(None)),
                _ => assert_eq!(rewrapped.is_ok_and(|data_key| data_key.is_some()), data_key == SECOND),
            }
        }
        (Err(error), None) => assert_eq!((error.to_string(), rewrapped.is_err()), (why, true)),
        (read, named) => panic!("{read:?} of {named:?}"),
    }
}

/// A row that was sealed opens as it was, in its place; with anything else about it, it does not.
fn changed(draw: &mut Draw<'_>) {
    let (secret, tenant, identifier) = (draw.text(60), draw.text(6), draw.text(6));
    let here = Place {
        purpose: draw.one_of(&["account", "link", "answer"]),
        tenant: &tenant,
        identifier: &identifier,
        version: draw.number().cast_signed(),
    };
    let row = VAULT.seal(&here, &SecretString::from(secret.as_str())).expect("it is not sealed");
    assert_eq!(VAULT.open_text(&here, &row).map(|text| text.to_string()), Ok(secret.clone()));
    let is_key = BASE64_STANDARD.decode(&secret).is_ok_and(|key| key.len() == 32);
    assert_eq!(VAULT.open_key(&here, &row).is_ok(), is_key, "{secret:?}");
    assert_eq!(VAULT.rewrap(&here, &row.data_key), Ok(None));
    let (there, texts) = (here, (draw.text(6), draw.text(6)));
    let there = match draw.below(8) {
        0 => Place { purpose: "webhook", ..there },
        1 => Place { tenant: &texts.0, ..there },
        2 => Place { identifier: &texts.0, ..there },
        3 => Place { version: draw.number().cast_signed(), ..there },
        // The same letters, cut elsewhere.
        4 => Place { tenant: &identifier, identifier: &tenant, ..there },
        5 => Place { tenant: &texts.0, identifier: &texts.1, ..there },
        _ => there,
    };
    let mut other = row.clone();
    match draw.below(6) {
        0 => flip(draw, &mut other.data_key),
        1 => flip(draw, &mut other.secret),
        2 => other.secret.truncate(draw.below(256)),
        3 => other.data_key.truncate(draw.below(256)),
        4 => other.secret.extend(draw.bytes(20)),
        _ => other.data_key.extend(draw.bytes(20)),
    }
    let same = (here.purpose, here.tenant, here.identifier, here.version)
        == (there.purpose, there.tenant, there.identifier, there.version);
    let opened = VAULT.open_text(&there, &other);
    assert_eq!(opened.is_ok(), same && other == row, "{here:?} {there:?}");
}

/// Changes some bits of a byte, or none.
fn flip(draw: &mut Draw<'_>, bytes: &mut [u8]) {
    let (at, bits) = (draw.below(bytes.len()), draw.byte());
    bytes[at] ^= bits;
}
