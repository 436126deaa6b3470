//! Takes the key out of what comes in: a server that repeats a request would hand it to the plugin otherwise.

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use memchr::{memchr_iter, memchr2_iter, memmem};
use secrecy::zeroize::Zeroizing;

/// What stands where the key stood.
const MARK: &str = "[redacted]";

/// Stands there for keys that [`MARK`] could be a part of. Neither a key nor an encoding of one has a colon.
const COLONS: &str = ":::";

/// Finds one key in bytes, and takes it out: the key itself, its hexadecimal form in any case, and the base64, by
/// either alphabet, of any text that it is in; and of each of these every spelling that has characters written as
/// `%41`, `\u0041` or `\/`.
///
/// It does not find what was encoded more often than that, compressed, or broken into lines or pieces. Text that merely
/// resembles the key is left alone. A key is one word of ASCII without a colon; one of fewer than eight characters is
/// found as well, but then also in text that has nothing to do with it.
///
/// A redactor is made for a call, which takes two microseconds. It cannot be printed or copied, and overwrites what it
/// knows when it is dropped.
pub(crate) struct Redactor {
    patterns: Vec<Pattern>,
    /// The characters of all patterns, a bit each.
    letters: Zeroizing<u128>,
    mark: &'static str,
}

/// A text that gives the key away.
struct Pattern {
    text: Zeroizing<Vec<u8>>,
    form: Form,
}

enum Form {
    /// The key.
    Key,
    /// Hexadecimal digits, in any case.
    Hex,
    /// Those characters of base64 that the key alone determines.
    Base64 {
        /// The character before them, if the key determines it in part.
        before: Option<Edge>,
        /// The character after them, likewise.
        after: Option<Edge>,
        /// What follows them, without padding, in the base64 of `key:X`, the text of HTTP Basic.
        rest: Zeroizing<Vec<u8>>,
    },
}

/// A character of base64 of which the key determines the bits in `mask`.
struct Edge {
    bits: Zeroizing<u8>,
    mask: u8,
}

impl Redactor {
    /// A redactor of this key.
    pub(crate) fn new(key: &str) -> Self {
        let key = key.as_bytes();
        let mut patterns = vec![Pattern { text: Zeroizing::new(key.to_vec()), form: Form::Key }, Pattern::hex(key)];
        for offset in 0..3 {
            let mut text = Zeroizing::new(Vec::with_capacity(offset + key.len() + ":X".len()));
            text.resize(offset, 0);
            text.extend_from_slice(key);
            text.extend_from_slice(b":X");
            let standard = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(&text));
            let url_safe = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(&text));
            patterns.push(Pattern::base64(standard.as_bytes(), offset, key.len()));
            if url_safe != standard {
                patterns.push(Pattern::base64(url_safe.as_bytes(), offset, key.len()));
            }
        }
        patterns.retain(|pattern| !pattern.text.is_empty());
        let letters = patterns.iter().flat_map(Pattern::letters).fold(0, |letters, letter| letters | bit(letter));
        let mark = if patterns.iter().any(Pattern::meets_mark) { COLONS } else { MARK };
        Self { patterns, letters: Zeroizing::new(letters), mark }
    }

    /// Whether the key is in there.
    pub(crate) fn finds(&self, bytes: &[u8]) -> bool {
        !self.hits(bytes).is_empty()
    }

    /// The body without the key; the same bytes, not copied, if it is not in there. Nothing is found in what comes
    /// back. JSON that has the key in its strings stays JSON.
    pub(crate) fn body(&self, body: Bytes) -> Bytes {
        self.without(&body).map_or(body, Bytes::from)
    }

    /// Takes the key out of the values. A header whose name has it in it, in any case, goes as a whole.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
        let named: Vec<_> = headers.keys().filter(|name| self.names(name)).cloned().collect();
        named.iter().for_each(|name| drop(headers.remove(name)));
        for value in headers.values_mut() {
            let Some(clean) = self.without(value.as_bytes()) else { continue };
            let sensitive = value.is_sensitive();
            // A value with a mark in it is a value; were it not, the mark is.
            *value = HeaderValue::from_maybe_shared(Bytes::from(clean))
                .unwrap_or_else(|_| HeaderValue::from_static(self.mark));
            value.set_sensitive(sensitive);
        }
    }

    /// Whether the name of a header has the key in it. Names are lower-case, whatever the server sent.
    fn names(&self, name: &HeaderName) -> bool {
        let name = name.as_str().as_bytes();
        let is_in = |text: &[u8]| name.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
        self.patterns.iter().any(|pattern| is_in(&pattern.text))
    }

    /// The bytes with a mark for each hit, if there is any.
    ///
    /// Once is enough. All hits are replaced; what else could become one would have an end of a mark in it, or next to
    /// it where a character of base64 has to be, and [`Self::new`] chose a mark whose ends are in no pattern and no
    /// escape.
    fn without(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let hits = self.hits(bytes);
        if hits.is_empty() {
            return None;
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut rest = 0;
        for hit in hits {
            // No escape is cut in two: half of one would make the text around it something else.
            let start = escape_around(bytes, hit.start).map_or(hit.start, |escape| escape.start);
            let end = escape_around(bytes, hit.end).map_or(hit.end, |escape| escape.end);
            clean.extend_from_slice(bytes.get(rest..start).unwrap_or_default());
            clean.extend_from_slice(self.mark.as_bytes());
            rest = end;
        }
        clean.extend_from_slice(bytes.get(rest..).unwrap_or_default());
        Some(clean)
    }

    /// Where the key is, in order; hits that overlap are one.
    fn hits(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut hits = Hits::default();
        for pattern in &self.patterns {
            pattern.find(bytes, &mut hits);
        }
        for at in memchr2_iter(b'%', b'\\', bytes) {
            let Some((letter, _)) = escape(bytes, at) else { continue };
            if *self.letters & bit(letter) != 0 {
                self.patterns.iter().for_each(|pattern| pattern.find_escaped(bytes, at, letter, &mut hits));
            }
        }
        hits.joined()
    }
}

impl Pattern {
    fn hex(key: &[u8]) -> Self {
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        let mut text = Zeroizing::new(Vec::with_capacity(2 * key.len()));
        text.extend(key.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        Self { text, form: Form::Hex }
    }

    /// `base64` is that of `offset` bytes, the key, and `:X`. A character has six bits, a byte eight.
    fn base64(base64: &[u8], offset: usize, length: usize) -> Self {
        let (start, end) = (8 * offset, 8 * (offset + length));
        let edge = |bit: usize, mask: u8| {
            let bits = base64.get(bit / 6).and_then(|letter| sextet(*letter)).unwrap_or_default();
            (!bit.is_multiple_of(6)).then(|| Edge { bits: Zeroizing::new(bits & mask), mask })
        };
        let (before, after) = (edge(start, 63 >> (start % 6)), edge(end, 63 ^ (63 >> (end % 6))));
        let text = base64.get(start.div_ceil(6)..end / 6).unwrap_or_default().to_vec();
        let rest = if offset == 0 { base64.get(end / 6..).unwrap_or_default() } else { b"" };
        let form = Form::Base64 { before, after, rest: Zeroizing::new(rest.to_vec()) };
        Self { text: Zeroizing::new(text), form }
    }

    /// Whether the key, redacted, could be found again: in the mark, or across one of its ends.
    fn meets_mark(&self) -> bool {
        let inner = MARK.trim_matches(['[', ']']);
        self.text.iter().any(|letter| b"[]".contains(letter)) || memmem::find(inner.as_bytes(), &self.text).is_some()
    }

    fn letters(&self) -> impl Iterator<Item = u8> {
        let other = |letter: u8| if matches!(self.form, Form::Hex) { letter.to_ascii_uppercase() } else { letter };
        self.text.iter().flat_map(move |letter| [*letter, other(*letter)])
    }

    /// A byte as the pattern would have it.
    fn folded(&self, byte: u8) -> u8 {
        if matches!(self.form, Form::Hex) { byte.to_ascii_lowercase() } else { byte }
    }

    /// Finds all occurrences that have nothing escaped, also those that overlap.
    fn find(&self, bytes: &[u8], hits: &mut Hits) {
        if let Form::Hex = self.form {
            return self.find_digits(bytes, hits);
        }
        let finder = memmem::Finder::new(self.text.as_slice());
        let mut from = 0;
        while let Some(found) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
            let start = from + found;
            hits.extend(self.whole(bytes, start..start + self.text.len()));
            from = start + 1;
        }
    }

    /// Finds digits in any case. It looks at one byte in as many as the pattern is long, since an occurrence covers one
    /// of these, and at all around it if it is a digit.
    fn find_digits(&self, bytes: &[u8], hits: &mut Hits) {
        let length = self.text.len();
        let mut at = length - 1;
        while let Some((before, after)) = bytes.split_at_checked(at).filter(|(_, after)| !after.is_empty()) {
            let digits_after = after.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            if digits_after > 0 {
                let digits = before.iter().rev().take(length - 1).take_while(|byte| byte.is_ascii_hexdigit()).count();
                let (start, end) = (at - digits, at + digits_after);
                let windows = bytes.get(start..end).unwrap_or_default().windows(length);
                let found = windows.zip(start..).filter(|(window, _)| window.eq_ignore_ascii_case(&self.text));
                hits.extend(found.map(|(_, start)| start..start + length));
            }
            at += digits_after + length;
        }
    }

    /// Finds the occurrences whose first escape is the one at `at`, which stands for `letter`: all before it is plain.
    /// That the byte before begins no escape that would have been read keeps long runs of backslashes cheap.
    fn find_escaped(&self, bytes: &[u8], at: usize, letter: u8, hits: &mut Hits) {
        for index in memchr_iter(self.folded(letter), &self.text) {
            let (prefix, suffix) = self.text.split_at_checked(index).unwrap_or_default();
            let Some(start) = at.checked_sub(index) else { return };
            let plain = bytes.get(start..at).unwrap_or_default().iter().map(|byte| self.folded(*byte));
            let is_first = prefix.last().is_none_or(|last| self.escaped(*last, bytes, at - 1).is_none());
            if is_first
                && plain.eq(prefix.iter().copied())
                && let Some(end) = self.spelled(suffix, bytes, at)
            {
                hits.extend(self.whole(bytes, start..end));
            }
        }
    }

    /// Where `text`, if it begins at `at`, ends, its characters escaped or not.
    ///
    /// What can be read as an escape is read as one. A key with `%25` or `\\` in itself is therefore missed where other
    /// characters of it are escaped and these are not; but who escapes anything escapes these.
    fn spelled(&self, text: &[u8], bytes: &[u8], at: usize) -> Option<usize> {
        text.iter().try_fold(at, |at, letter| {
            let plain = || bytes.get(at).filter(|byte| self.folded(**byte) == *letter).map(|_| at + 1);
            self.escaped(*letter, bytes, at).or_else(plain)
        })
    }

    /// Where the escape ends that begins at `at` and stands for `letter`.
    fn escaped(&self, letter: u8, bytes: &[u8], at: usize) -> Option<usize> {
        escape(bytes, at).filter(|(byte, _)| self.folded(*byte) == letter).map(|(_, end)| end)
    }

    /// The hit with what is around it and depends on the key as well: of base64, the character before and the one
    /// after, or all the rest of `key:X`, and the padding. `None` if one of these does not fit, so that it is no hit.
    fn whole(&self, bytes: &[u8], Range { mut start, mut end }: Range<usize>) -> Option<Range<usize>> {
        let Form::Base64 { before, after, rest } = &self.form else { return Some(start..end) };
        if let Some(edge) = before {
            start = read_before(bytes, start).filter(|(byte, _)| edge.fits(*byte))?.1;
        }
        if let Some(rest_end) = self.spelled(rest, bytes, end).filter(|_| !rest.is_empty()) {
            end = rest_end;
        } else if let Some(edge) = after {
            end = read(bytes, end).filter(|(byte, _)| edge.fits(*byte))?.1;
        }
        while let Some((b'=', next)) = read(bytes, end) {
            end = next;
        }
        Some(start..end)
    }
}

impl Edge {
    fn fits(&self, letter: u8) -> bool {
        sextet(letter).is_some_and(|bits| bits & self.mask == *self.bits)
    }
}

/// Where the key is.
#[derive(Default)]
struct Hits(Vec<Range<usize>>);

impl Hits {
    /// Adds hits; one that begins in the hit before it is joined to that.
    fn extend(&mut self, hits: impl IntoIterator<Item = Range<usize>>) {
        for hit in hits {
            match self.0.last_mut() {
                Some(last) if last.contains(&hit.start) => last.end = last.end.max(hit.end),
                _ => self.0.push(hit),
            }
        }
    }

    /// All hits in order, none overlapping another.
    fn joined(mut self) -> Vec<Range<usize>> {
        self.0.sort_unstable_by_key(|hit| hit.start);
        let mut joined = Self::default();
        joined.extend(self.0);
        joined.0
    }
}

/// The bit of an ASCII character; none for other bytes.
fn bit(letter: u8) -> u128 {
    1_u128.checked_shl(letter.into()).unwrap_or_default()
}

/// What a character of base64 stands for, in either alphabet.
fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The byte that an escape at `at` stands for, and where it ends.
fn escape(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    match bytes.get(at..)? {
        [b'%', high, low, ..] => Some((nibbles(*high, *low)?, at + 3)),
        [b'\\', b'u', b'0', b'0', high, low, ..] => Some((nibbles(*high, *low)?, at + 6)),
        [b'\\', short @ (b'"' | b'\\' | b'/'), ..] => Some((*short, at + 2)),
        _ => None,
    }
}

fn nibbles(high: u8, low: u8) -> Option<u8> {
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(16 * nibble(high)? + nibble(low)?).ok()
}

/// The character at `at`, escaped or not, and where it ends.
fn read(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    escape(bytes, at).or_else(|| Some((*bytes.get(at)?, at + 1)))
}

/// The character that ends at `end`, escaped or not, and where it begins.
fn read_before(bytes: &[u8], end: usize) -> Option<(u8, usize)> {
    let last = end.checked_sub(1)?;
    let start = escape_around(bytes, last).map_or(last, |escape| escape.start);
    read(bytes, start).filter(|(_, its_end)| *its_end == end).map(|(byte, _)| (byte, start))
}

/// The escape, of whatever character, that lies on both sides of `at`.
fn escape_around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let longest = r"\u0041".len();
    let starts = at.saturating_sub(longest - 1)..at;
    starts.map(|start| start..start + escape_length(bytes, start)).find(|escape| escape.end > at)
}

/// How long the escape is that begins at `start`; zero if none does. A backslash begins one unless it is itself
/// escaped.
fn escape_length(bytes: &[u8], start: usize) -> usize {
    let (before, after) = bytes.split_at_checked(start).unwrap_or_default();
    let are_digits = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    let begins = || before.iter().rev().take_while(|byte| **byte == b'\\').count().is_multiple_of(2);
    match after {
        [b'%', digits @ ..] if digits.first_chunk::<2>().is_some_and(|digits| are_digits(digits)) => 3,
        [b'\\', b'u', digits @ ..]
            if digits.first_chunk::<4>().is_some_and(|digits| are_digits(digits)) && begins() =>
        {
            6
        }
        [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] if begins() => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
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
                let around =
                    [("", ""), ("", " after"), ("before ", ""), ("before ", " after"), ("'", "'"), ("{:", "}")];
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
}
