//! The redactor: nothing of a key is left in what Freshdesk answers, in whatever encoding it came.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::draw::Draw;
use crate::egress::redact::Redactor;

/// What base64 writes for 62 and for 63: in its two alphabets, and to who reads either.
const ALPHABETS: [&[&[u8; 2]]; 2] = [&[b"+/"], &[b"-_"]];
const EITHER: &[&[u8; 2]] = &[b"+/", b"-_"];

/// Checks what these bytes decide: a key, and an answer that has it in it in some ways, between other things.
pub fn redactor(data: &[u8]) {
    let mut draw = Draw::new(data);
    let key = key(&mut draw);
    let redactor = Redactor::new(&key);
    let answer = answer(&mut draw, &key);
    let (clean, changed) = redacted(&redactor, &answer);
    // Once is enough, and nothing is changed without a reason.
    assert!(!redactor.finds(&clean), "{key:?} is found in {}", shown(&clean));
    assert_eq!(changed, redactor.finds(&answer), "{key:?} in {}", shown(&answer));
    // Who decodes what is left in any way finds no key.
    assert_eq!(found(&clean, &key, &ALPHABETS), None, "{key:?} is left in {} of {}", shown(&clean), shown(&answer));
    let (before, after) = answer.split_at(data.len() % (answer.len() + 1));
    if !answer.iter().any(|byte| b"%\\".contains(byte)) {
        // What has no escapes is changed only if somebody could find the key in it.
        assert!(!changed || found(&answer, &key, &[EITHER]).is_some(), "no {key:?} is in {}", shown(&answer));
        // What stands around a key does not hide it.
        assert!(changed || !redactor.finds(before) && !redactor.finds(after), "{key:?} in {}", shown(&answer));
    }
    json_stays_json(&redactor, &key, &answer);
    headers_are_as_bodies(&redactor, &[before, after, &answer]);
}

/// A key: a word of eight characters or more.
fn key(draw: &mut Draw<'_>) -> String {
    let letter = |draw: &mut Draw<'_>| match char::from(b'!' + draw.byte() % 94) {
        ':' => '~',
        letter => letter,
    };
    let length = 8 + draw.below(25);
    (0..length).map(|_| letter(draw)).collect()
}

/// An answer made of pieces.
fn answer(draw: &mut Draw<'_>, key: &str) -> Vec<u8> {
    let mut answer = Vec::new();
    while !draw.is_done() && answer.len() < 2000 {
        match draw.below(4) {
            0 => answer.extend_from_slice(draw.bytes(40)),
            1 => answer
                .extend_from_slice(draw.one_of(&["\\", "%", "\"", "=", "[", ":X", "\\u00", "%25", " "]).as_bytes()),
            2 => {
                // A part of the key, in the hope that what follows makes it whole.
                let (start, length) = (draw.below(key.len()), 1 + draw.below(key.len()));
                let part = key.as_bytes().iter().skip(start).take(length).copied();
                answer.extend(part);
            }
            _ => {
                let text = encoded(draw, key);
                answer.extend(escaped(draw, &text).into_bytes());
            }
        }
    }
    answer
}

/// The key, as somebody could have encoded it.
fn encoded(draw: &mut Draw<'_>, key: &str) -> String {
    let within = |draw: &mut Draw<'_>| [draw.bytes(4), key.as_bytes(), draw.bytes(4)].concat();
    match draw.below(6) {
        0 | 1 => key.to_owned(),
        2 => key.bytes().map(|byte| format!("{byte:02x}")).collect(),
        3 => key.bytes().map(|byte| format!("{byte:02X}")).collect(),
        4 => BASE64_STANDARD.encode(within(draw)),
        _ => BASE64_URL_SAFE_NO_PAD.encode(within(draw)),
    }
}

/// A text, of whose characters some are escaped, and all that begin an escape themselves.
fn escaped(draw: &mut Draw<'_>, text: &str) -> String {
    let ways = draw.bytes(8);
    let mut turns = ways.iter().cycle();
    let letter = |byte: u8| match (turns.next().map_or(5, |way| way % 6), byte) {
        (0, _) => format!("%{byte:02X}"),
        (1, _) => format!("%{byte:02x}"),
        (2, _) => format!("\\u{byte:04x}"),
        (3, _) => format!("\\u{byte:04X}"),
        (4, b'"' | b'\\' | b'/') if !ways.is_empty() => format!("\\{}", char::from(byte)),
        (_, b'%') if !ways.is_empty() => "%25".to_owned(),
        (_, b'\\') if !ways.is_empty() => r"\\".to_owned(),
        _ => char::from(byte).to_string(),
    };
    text.bytes().map(letter).collect()
}

/// What the redactor makes of a body, and whether it changed it.
fn redacted(redactor: &Redactor, body: &[u8]) -> (Bytes, bool) {
    let body = Bytes::copy_from_slice(body);
    let clean = redactor.body(body.clone());
    let changed = clean != body;
    (clean, changed)
}

/// How the key is found by somebody who decodes what is there: as it is and with its escapes read, each as it stands, as
/// hexadecimal digits, and as base64.
///
/// Who reads escapes of one kind alone is left out where the key has what begins one of the other: the redactor says that it
/// misses that.
fn found(bytes: &[u8], key: &str, alphabets: &[&[&[u8; 2]]]) -> Option<&'static str> {
    let mut read = vec![bytes.to_vec(), unescaped(bytes, true, true)];
    if !key.contains(['%', '\\']) {
        read.extend([unescaped(bytes, true, false), unescaped(bytes, false, true)]);
    }
    read.iter().find_map(|bytes| {
        let is_in = |bytes: &[u8]| bytes.windows(key.len()).any(|part| part == key.as_bytes());
        if is_in(bytes) {
            return Some("as it is");
        }
        if hexadecimal(bytes).iter().any(|bytes| is_in(bytes)) {
            return Some("in hexadecimal digits");
        }
        let in_base64 = |last: &&[&[u8; 2]]| base64(bytes, last).iter().any(|bytes| is_in(bytes));
        alphabets.iter().any(in_base64).then_some("in base64")
    })
}

/// The bytes with their escapes read, from the left to the right.
fn unescaped(bytes: &[u8], percent: bool, json: bool) -> Vec<u8> {
    let digits = |digits: &[u8]| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
    let mut read = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (byte, length) = match rest {
            [] => return read,
            [b'%', a, b, ..] if percent && a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => (digits(&rest[1..3]), 3),
            [b'\\', b'u', b'0', b'0', a, b, ..] if json && a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                (digits(&rest[4..6]), 6)
            }
            [b'\\', short @ (b'"' | b'\\' | b'/'), ..] if json => (Some(*short), 2),
            [byte, ..] => (Some(*byte), 1),
        };
        read.extend(byte);
        rest = &rest[length..];
    }
}

/// What runs of hexadecimal digits stand for, from their first digit on and from their second.
fn hexadecimal(bytes: &[u8]) -> Vec<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let runs = bytes.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 2);
    runs.flat_map(|run| [run, &run[1..]])
        .map(|run| {
            let pairs = run.chunks_exact(2);
            pairs.filter_map(|pair| u8::try_from(16 * digit(&pair[0])? + digit(&pair[1])?).ok()).collect()
        })
        .collect()
}

/// What runs of base64 stand for, from each of their first four characters on.
fn base64(bytes: &[u8], last: &[&[u8; 2]]) -> Vec<Vec<u8>> {
    let bits = |byte: &u8| match *byte {
        letter @ b'A'..=b'Z' => Some(u32::from(letter - b'A')),
        letter @ b'a'..=b'z' => Some(u32::from(letter - b'a') + 26),
        digit @ b'0'..=b'9' => Some(u32::from(digit - b'0') + 52),
        sign => last.iter().find_map(|[plus, slash]| match sign {
            sign if sign == *plus => Some(62),
            sign if sign == *slash => Some(63),
            _ => None,
        }),
    };
    let runs = bytes.split(|byte| bits(byte).is_none()).filter(|run| run.len() >= 8);
    runs.flat_map(|run| (0..4).map(move |from| &run[from..]))
        .map(|run| {
            let (mut held, mut count, mut bytes) = (0_u32, 0, Vec::new());
            for sextet in run.iter().filter_map(bits) {
                held = (held << 6) | sextet;
                count += 6;
                if count >= 8 {
                    count -= 8;
                    bytes.push((held >> count) as u8);
                    held &= (1 << count) - 1;
                }
            }
            bytes
        })
        .collect()
}

/// JSON that has the key in its strings stays JSON, and its numbers and names of fields stay what they are.
fn json_stays_json(redactor: &Redactor, key: &str, answer: &[u8]) {
    let text = String::from_utf8_lossy(answer);
    let json = serde_json::json!({ "id": 7, "said": [text], "end": null }).to_string();
    // Such a key could begin in a string and end outside of it.
    if key.contains('"') {
        return;
    }
    let (clean, _) = redacted(redactor, json.as_bytes());
    let read = serde_json::from_slice::<Value>(&clean);
    let read = read.unwrap_or_else(|error| panic!("{error}: {} of {json} without {key:?}", shown(&clean)));
    assert_eq!(
        (&read["id"], read["said"].as_array().map(Vec::len), read.get("end")),
        (&7.into(), Some(1), Some(&Value::Null))
    );
}

/// The values of headers lose what a body loses, though all of them are searched at once.
fn headers_are_as_bodies(redactor: &Redactor, values: &[&[u8]]) {
    let values = values.iter().filter_map(|value| HeaderValue::from_bytes(value).ok());
    let before: HeaderMap = values.map(|value| (HeaderName::from_static("x-said"), value)).collect();
    let mut after = before.clone();
    redactor.headers(&mut after);
    let expected: Vec<_> = before.values().map(|value| redacted(redactor, value.as_bytes()).0).collect();
    let read: Vec<_> = after.values().map(|value| Bytes::copy_from_slice(value.as_bytes())).collect();
    assert_eq!(read, expected, "{after:?} of {before:?}");
}

/// Bytes for a message.
fn shown(bytes: &[u8]) -> String {
    format!("{:?}", bytes.escape_ascii().to_string())
}
