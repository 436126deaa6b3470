//! What root keys look like, and what is refused.

use super::*;

fn ids(text: &str) -> Result<Vec<String>, VaultError> {
    let ring = Ring::read(text.as_bytes(), &RootKeys::Variable("RING".to_owned()))?;
    Ok(ring.ids().map(|id| id.to_string()).collect())
}

fn flaw(text: &str) -> (usize, Flaw) {
    match refused(ids(text)) {
        VaultError::BrokenLine { whence, line, flaw } if whence == "the variable RING" => (line, flaw),
        other => panic!("{other}"),
    }
}

#[test]
fn the_first_line_is_the_primary_and_comments_and_blank_lines_are_left_out() {
    let [a, b, c] = [line("0000000a", 1), line("deadbeef", 2), line("12345678", 3)];
    let text = format!("# comment\n\n  # {a}\r\n{b}\t\n  {}  {}\r\n{}", &a[..8], a[8..].trim(), c.trim());
    assert_eq!(ids(&text).unwrap(), ["deadbeef", "0000000a", "12345678"]);
}

#[test]
fn without_a_key_there_is_no_ring() {
    for text in ["", "\n\n", "# 0000000a\n"] {
        assert_eq!(refused(ids(text)), VaultError::NoRootKey("the variable RING".to_owned()));
    }
}

#[test]
fn a_broken_line_is_named_by_its_number() {
    let (good, key) = (line("0000000a", 1), BASE64_STANDARD.encode([2; 32]));
    let bad = |text: &str| flaw(&format!("# head\n{good}{text}\n"));
    for text in ["x", "0000000b", &key, &format!("0000000b {key} x"), &format!("0000000b:{key}")] {
        assert_eq!(bad(text), (3, Flaw::Form), "{text}");
    }
    for id in ["0000000B", "000000b", "0000000bb", "0000000g", "ключ", "0x00000b"] {
        assert_eq!(bad(&format!("{id} {key}")), (3, Flaw::Id), "{id}");
    }
    let other = |length| BASE64_STANDARD.encode(vec![2; length]);
    let unpadded = key.trim_end_matches('=').to_owned();
    let trailing = key.replace("I=", "J=");
    for key in [other(31), other(33), other(16), other(64), unpadded, trailing, "-_".repeat(22), "=".to_owned()] {
        assert_eq!(bad(&format!("0000000b {key}")), (3, Flaw::Key), "{key}");
    }
    assert_eq!(bad(line("0000000b", 0).trim()), (3, Flaw::Zeros));
    let binary = [b"0000000b \xff\xfe".as_slice(), key.as_bytes()].concat();
    let from = RootKeys::Variable("RING".to_owned());
    assert!(Ring::read(&binary, &from).is_err());
}

#[test]
fn no_id_and_no_key_comes_twice() {
    let (a, b) = (line("0000000a", 1), line("0000000b", 2));
    assert_eq!(flaw(&format!("{a}{b}{}", line("0000000a", 3))), (3, Flaw::SameId));
    assert_eq!(flaw(&format!("{a}{b}{a}")), (3, Flaw::SameId));
    assert_eq!(flaw(&format!("{a}{b}{}", line("0000000c", 1))), (3, Flaw::SameKey));
}
