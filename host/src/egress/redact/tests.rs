//! What is found, what is replaced, and what is left alone.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use proptest::prelude::*;

use super::*;

const KEY: &str = "p4XkYt7Qm2Zs9LbVw3Rj";

/// Keys that have in them what is escaped, what escapes, and what base64 writes with `+` and `/`.
const ODD_KEYS: [&str; 7] =
    [r#"a"b\c/d%e+f"#, r"\\\\\\\\", r"ends-in-\", "%25%41%%", r"/u0041\u0041", "~~~???>>>", "'<&>'{}=,;"];

fn redacted(key: &str, text: &str) -> String {
    let redactor = Redactor::new(key);
    let clean = redactor.body(Bytes::copy_from_slice(text.as_bytes()));
    assert!(!redactor.finds(&clean), "{key} is still in {clean:?}");
    assert_eq!(redactor.finds(text.as_bytes()), clean != text);
    String::from_utf8(clean.to_vec()).unwrap()
}

fn escaped(text: &str, escape: impl FnMut(u8) -> String) -> String {
    text.bytes().map(escape).collect()
}

fn percent(byte: u8) -> String {
    format!("%{byte:02X}")
}

fn json(byte: u8) -> String {
    format!("\\u{byte:04x}")
}

/// As JSON is written most often: what can be written by a short escape, and nothing else.
fn short(byte: u8) -> String {
    let backslash = if br#""\/"#.contains(&byte) { "\\" } else { "" };
    format!("{backslash}{}", char::from(byte))
}

/// All ways to write a key that a mark replaces whole.
fn spellings(key: &str) -> Vec<String> {
    let pair = format!("{key}:X");
    let hex = escaped(key, |byte| format!("{byte:02x}"));
    let encodings = [
        key.to_owned(),
        hex.to_uppercase(),
        escaped(key, |byte| format!("{:x}{:X}", byte >> 4, byte & 15)),
        hex,
        BASE64_STANDARD.encode(key),
        BASE64_STANDARD.encode(&pair),
        BASE64_STANDARD_NO_PAD.encode(&pair),
        BASE64_URL_SAFE.encode(&pair),
        BASE64_URL_SAFE_NO_PAD.encode(pair),
    ];
    let each = |text: &String| {
        let in_turn = |each: &[fn(u8) -> String]| {
            let mut turns = each.iter().cycle();
            escaped(text, |byte| turns.next().map_or_else(String::new, |escape| escape(byte)))
        };
        let lower = escaped(text, |byte| format!("%{byte:02x}"));
        let upper = escaped(text, |byte| format!("\\u{byte:04X}"));
        let mixed = [in_turn(&[short, percent]), in_turn(&[json, short, percent]), in_turn(&[short, short, json])];
        let whole = [text.clone(), lower, upper, in_turn(&[percent]), in_turn(&[json]), in_turn(&[short])];
        whole.into_iter().chain(mixed)
    };
    encodings.iter().flat_map(each).collect()
}

#[test]
fn every_spelling_is_replaced_whole_wherever_it_stands() {
    for key in ODD_KEYS.into_iter().chain([KEY, "12345678", "abcdefghi"]) {
        for text in spellings(key) {
            let around = [("", ""), ("", " after"), ("before ", ""), ("before ", " after"), ("'", "'"), ("{:", "}")];
            for (before, after) in around {
                let clean = redacted(key, &format!("{before}{text}{after}"));
                assert_eq!(clean, format!("{before}[redacted]{after}"), "{text}");
            }
        }
    }
}

#[test]
fn adjacent_and_overlapping_keys_are_replaced() {
    assert_eq!(redacted(KEY, &format!("{KEY}{KEY}")), "[redacted][redacted]");
    assert_eq!(redacted("abcabcabc", "<abcabcabcabcabc>"), "<[redacted]>");
    assert_eq!(redacted("abcabcabc", "<%61bcabcabcabc%61bc>"), "<[redacted]>");
    assert_eq!(redacted("aaaaaaaa", &"a".repeat(1000)), "[redacted]");
    assert_eq!(redacted("abcdefg%", "<abcdefg%25%41>"), "<[redacted]%41>");
    let pair = BASE64_STANDARD.encode(format!("{KEY}:X"));
    assert_eq!(redacted(KEY, &format!("{pair}{KEY}{pair}")), "[redacted][redacted][redacted]");
}

/// The mark of such keys is one that they cannot be a part of.
#[test]
fn a_key_that_resembles_the_mark_does_not_come_back() {
    for key in ["redacted", "[redacted]", "x[redact", "acted]yz", "]x[redac", "x[re%64a"] {
        assert_eq!(redacted(key, &format!("x{key}yz")), "x:::yz");
    }
    assert_eq!(redacted("acted]yz", "acted]yzyz"), ":::yz");
}

#[test]
fn what_resembles_the_key_stays_as_it_is() {
    let (start, end) = KEY.split_at(19);
    let lower = KEY.to_lowercase();
    let off =
        [format!("{start}k"), format!("{start}-{end}"), lower, KEY.replace('7', "8"), KEY.chars().rev().collect()];
    for other in off.iter().map(String::as_str).chain([start, "q7XkYt7Qm2Zs9LbVw3Rj", "p4XkYt7Q"]) {
        for text in spellings(other) {
            let body = Bytes::from(format!("<{text}>"));
            let clean = Redactor::new(KEY).body(body.clone());
            assert_eq!((clean.as_ptr(), clean.len()), (body.as_ptr(), body.len()), "{text}");
        }
    }
}

#[test]
fn a_clean_body_is_not_copied() {
    for text in ["", "x", "{}", r#"{"a":"\u0070\"\/%70%","b":"\\"}"#, "%", "%7", r"\u007", "\\"] {
        let body = Bytes::from(format!("{text}{}", "ab".repeat(500)));
        assert_eq!(Redactor::new(KEY).body(body.clone()).as_ptr(), body.as_ptr());
        assert!(!Redactor::new(KEY).finds(text.as_bytes()));
    }
}

#[test]
fn two_keys_do_not_disturb_each_other() {
    let other = "Zs9LbVw3Rjp4XkYt7Qm2";
    for (one, two) in spellings(KEY).into_iter().zip(spellings(other)) {
        let text = format!("{one} {two}");
        assert_eq!(redacted(KEY, &text), format!("[redacted] {two}"));
        assert_eq!(redacted(other, &text), format!("{one} [redacted]"));
        assert_eq!(redacted(other, &redacted(KEY, &text)), "[redacted] [redacted]");
    }
}

#[test]
fn no_escape_is_cut_in_two() {
    assert_eq!(redacted("n1234567", r#"["\n1234567"]"#), r#"["[redacted]"]"#);
    assert_eq!(redacted("e9123456", r#"["\u00e9123456"]"#), r#"["[redacted]"]"#);
    assert_eq!(redacted(r"1234567\", r#"["1234567\""]"#), r#"["[redacted]"]"#);
    assert_eq!(redacted("u0041234", r#"["\\u0041234"]"#), r#"["\\[redacted]"]"#);
    assert_eq!(redacted("A1234567", r#"["\\u00411234567"]"#), r#"["[redacted]"]"#);
    assert_eq!(redacted("41234567", "%41234567"), "[redacted]");
}

/// Base64 may begin with digits that look like the rest of an escape.
#[test]
fn what_stands_before_base64_does_not_hide_it() {
    for before in ["\u{17}", "\u{10}\u{10}"] {
        let text = BASE64_STANDARD_NO_PAD.encode(format!("{before}{KEY}:X"));
        for sign in ["%", r"\u00", r"\u0"] {
            let clean = redacted(KEY, &format!("{sign}{text}"));
            assert!(clean.contains("[redacted]"), "{clean}");
        }
    }
}

#[test]
fn values_are_redacted_and_names_with_the_key_go() {
    let mut headers = HeaderMap::new();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{KEY}:X")));
    for (name, value) in [
        ("x-echo", basic.as_str()),
        ("x-echo", "clean"),
        ("link", &format!("<https://a.b/?k={KEY}>; rel=\"next\"")),
        ("date", "today"),
        (&format!("x-{}", KEY.to_lowercase()), "1"),
        (&escaped(KEY, |byte| format!("{byte:02x}")), "2"),
    ] {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers.get_mut("x-echo").unwrap().set_sensitive(true);
    Redactor::new(KEY).headers(&mut headers);
    assert_eq!(headers.get_all("x-echo").iter().collect::<Vec<_>>(), ["Basic [redacted]", "clean"]);
    assert_eq!(headers["link"], "<https://a.b/?k=[redacted]>; rel=\"next\"");
    assert_eq!(headers["date"], "today");
    assert!(headers["x-echo"].is_sensitive() && !headers["link"].is_sensitive());
    assert_eq!(headers.keys_len(), 3);
}

/// Writes each character in the way that its turn of `ways` says. What begins escapes is always escaped itself.
fn in_ways(text: &str, ways: &[u8]) -> String {
    let mut ways = ways.iter().cycle();
    escaped(text, |byte| match ways.next() {
        Some(0) => percent(byte),
        Some(1) => percent(byte).to_lowercase(),
        Some(2) => json(byte),
        Some(3) => json(byte).to_uppercase().replace('U', "u"),
        _ if byte == b'%' => percent(byte),
        _ => short(byte),
    })
}

proptest! {
    #[test]
    fn keys_are_found_in_any_mixture_of_escapes(
        key in "[!-9;-Z^-~]{8,60}",
        hex in any::<bool>(),
        ways in prop::collection::vec(0_u8..9, 1..50),
    ) {
        let text = if hex { escaped(&key, |byte| format!("{byte:02x}")) } else { key.clone() };
        prop_assert_eq!(redacted(&key, &format!("< {} >", in_ways(&text, &ways))), "< [redacted] >");
    }

    /// The characters of base64 that have bits of the key in them, reckoned from the other end.
    #[test]
    fn base64_loses_the_characters_that_have_bits_of_the_key(
        key in "[!-9;-Z^-~]{8,60}",
        before in prop::collection::vec(any::<u8>(), 0..20),
        after in prop::collection::vec(any::<u8>(), 3..20),
        url_safe in any::<bool>(),
        ways in prop::collection::vec(0_u8..9, 1..50),
    ) {
        prop_assume!(!after.starts_with(b":"));
        let whole = [&before, key.as_bytes(), &after].concat();
        let text = if url_safe { BASE64_URL_SAFE.encode(whole) } else { BASE64_STANDARD.encode(whole) };
        let first = before.len() * 8 / 6;
        let last = ((before.len() + key.len()) * 8).div_ceil(6);
        let expected = format!("{}[redacted]{}", &text[..first], &text[last..]);
        prop_assert_eq!(redacted(&key, &text), expected);
        let parts = [&text[..first], &text[first..last], &text[last..]].map(|part| in_ways(part, &ways));
        prop_assert_eq!(redacted(&key, &parts.concat()), format!("{}[redacted]{}", parts[0], parts[2]));
    }

    #[test]
    fn json_stays_json(
        key in r"[\\/%nu0041a-d]{8}",
        around in prop::array::uniform2(r#"[\\/%nu0041a-d"ä\n]{0,12}"#),
        ways in prop::collection::vec(2_u8..9, 1..50),
    ) {
        let [before, after] = around;
        let plain = serde_json::to_string(&[&before, &key, &after]).unwrap();
        let joined = serde_json::to_string(&[format!("{before}{key}{after}")]).unwrap();
        let in_json = |byte| if byte == b'%' { json(byte) } else { in_ways(&char::from(byte).to_string(), &ways) };
        let escaped_key = escaped(&key, in_json);
        let quoted = serde_json::to_string(&before).unwrap();
        let escaped = format!("{}{escaped_key}\"", &quoted[..quoted.len() - 1]);
        for text in [plain, joined, escaped] {
            let clean = redacted(&key, &text);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{} of {}", clean, text);
        }
    }

    /// Also where hits touch each other and what merely resembles one.
    #[test]
    fn nothing_is_found_in_what_is_redacted(
        key in "[!-9;-~]{8,20}|[a\\\\%\\[\\]5u0-2]{8,12}|[redacted\\[\\]]{8,10}",
        parts in prop::collection::vec((0_usize..12, "[%\\\\/u0-9a-f\"=+]{0,6}", any::<bool>()), 0..8),
        ways in prop::collection::vec(0_u8..9, 1..50),
    ) {
        let before = |offset| format!("{}{key}:Xyz", &"abc"[..offset]);
        let base64: Vec<_> = (0..3).map(|offset| BASE64_STANDARD.encode(before(offset))).collect();
        let hex = escaped(&key, |byte| format!("{byte:02x}"));
        let mut text = String::new();
        for (index, noise, in_all_ways) in parts {
            let part: &str = match index {
                0 | 1 => &key,
                2..5 => &base64[index - 2],
                5 => &hex,
                6..9 => &base64[index - 6][1..key.len() + 5],
                9 => &base64[0][..8 * key.len() / 6],
                _ => &key[2..],
            };
            text += &if in_all_ways { in_ways(part, &ways) } else { part.to_owned() };
            text += &noise;
        }
        redacted(&key, &text);
    }

    #[test]
    fn any_key_and_any_bytes_are_taken(key in ".{0,12}", text in "[%\\\\/u0-9a-f\"=+]{0,60}") {
        let text = format!("{text}{key}{text}");
        let clean = Redactor::new(&key).body(Bytes::from(text.clone()));
        prop_assert_eq!(clean == text, key.is_empty());
    }
}
