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

/// Finds one key in bytes, and takes it out: the key itself, its hexadecimal form, and the base64 of any text that it is
/// in, by either alphabet; and of each of these every spelling that has characters written as `%41`, `\u0041` or `\/`.
///
/// A key is one word of ASCII without a colon. Text that merely resembles it is left alone, given that the key has
/// eight characters or more. A redactor is made for a call, which takes a microsecond. It cannot be printed or copied, and
/// overwrites what it knows when it is dropped.
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
    /// The characters of base64 that the key alone determines.
    Base64 {
        /// Whether the character before them depends on the key in part.
        before: bool,
        /// Whether the character after them does.
        after: bool,
        /// What follows them when the text is `key:X`, as in HTTP Basic.
        rest: Zeroizing<Vec<u8>>,
    },
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

    /// The body without the key; the same bytes, not copied, if it is not in there. Nothing is found in what comes back.
    /// JSON that has the key in its strings stays JSON.
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
    /// One pass is enough: a hit depends on its own bytes only, all of them are replaced, and no new one has a mark's
    /// bytes in it, since [`Self::new`] chose one that no pattern meets and no escape goes on with.
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
            rest = rest.max(end);
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
        let (text, rest) = base64.split_at_checked(end / 6).unwrap_or((base64, b""));
        let text = text.get(start.div_ceil(6)..).unwrap_or_default();
        let rest = if offset == 0 { rest } else { b"" };
        let rest = Zeroizing::new(rest.to_vec());
        let form = Form::Base64 { before: !start.is_multiple_of(6), after: !end.is_multiple_of(6), rest };
        Self { text: Zeroizing::new(text.to_vec()), form }
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

    /// Finds all occurrences that have nothing escaped, also where they overlap.
    fn find(&self, bytes: &[u8], hits: &mut Hits) {
        if let Form::Hex = self.form {
            return self.find_digits(bytes, hits);
        }
        let finder = memmem::Finder::new(self.text.as_slice());
        let mut from = 0;
        while let Some(found) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
            let start = from + found;
            hits.add(self.widened(bytes, start..start + self.text.len()));
            from = start + 1;
        }
    }

    /// Finds digits in any case. Where a byte is no digit, the next one that an occurrence has to cover is its length
    /// further on.
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
                found.for_each(|(_, start)| hits.add(start..start + length));
            }
            at += digits_after + length;
        }
    }

    /// Finds the occurrences whose first escape is the one at `at`, which stands for `letter`: all before it is plain.
    fn find_escaped(&self, bytes: &[u8], at: usize, letter: u8, hits: &mut Hits) {
        for index in memchr_iter(self.folded(letter), &self.text) {
            let (prefix, suffix) = self.text.split_at_checked(index).unwrap_or_default();
            let Some(start) = at.checked_sub(index) else { return };
            let plain = bytes.get(start..at).unwrap_or_default();
            if plain.iter().map(|byte| self.folded(*byte)).eq(prefix.iter().copied())
                && !prefix.last().is_some_and(|last| self.escaped(*last, bytes, at - 1).is_some())
                && let Some(end) = self.spelled(suffix, bytes, at)
            {
                hits.add(self.widened(bytes, start..end));
            }
        }
    }

    /// Where `text` ends that begins at `at`, its characters escaped or not.
    ///
    /// What can be read as an escape is. Thus text is missed in which some characters of a key are escaped, but not
    /// its own `%25` or `\\`; who escapes anything escapes these.
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

    /// A hit with what is around it that depends on the key as well: of base64, a character before and one after, or all
    /// the rest of `key:X`, and the padding.
    fn widened(&self, bytes: &[u8], Range { mut start, mut end }: Range<usize>) -> Range<usize> {
        let Form::Base64 { before, after, rest } = &self.form else { return start..end };
        if *before {
            start = base64_before(bytes, start).unwrap_or(start);
        }
        if let Some(whole) = self.spelled(rest, bytes, end).filter(|_| !rest.is_empty()) {
            end = whole;
        } else if *after {
            end = letter(bytes, end).filter(|(byte, _)| is_base64(*byte)).map_or(end, |(_, end)| end);
        }
        for _ in 0..2 {
            end = letter(bytes, end).filter(|(byte, _)| *byte == b'=').map_or(end, |(_, end)| end);
        }
        start..end
    }
}

/// Where the key is.
#[derive(Default)]
struct Hits(Vec<Range<usize>>);

impl Hits {
    /// Adds a hit; one that begins in the hit before it is joined to that.
    fn add(&mut self, hit: Range<usize>) {
        match self.0.last_mut() {
            Some(last) if last.contains(&hit.start) => last.end = last.end.max(hit.end),
            _ => self.0.push(hit),
        }
    }

    /// All hits in order, none overlapping another.
    fn joined(mut self) -> Vec<Range<usize>> {
        self.0.sort_unstable_by_key(|hit| hit.start);
        let mut joined = Self::default();
        self.0.into_iter().for_each(|hit| joined.add(hit));
        joined.0
    }
}

/// The bit of an ASCII character; none for other bytes.
fn bit(letter: u8) -> u128 {
    1_u128.checked_shl(letter.into()).unwrap_or_default()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
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
fn letter(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    escape(bytes, at).or_else(|| Some((*bytes.get(at)?, at + 1)))
}

/// Where the character of base64 begins that ends at `end`, if there is one.
fn base64_before(bytes: &[u8], end: usize) -> Option<usize> {
    let last = end.checked_sub(1)?;
    let start = escape_around(bytes, last).map_or(last, |escape| escape.start);
    letter(bytes, start).filter(|(byte, its_end)| is_base64(*byte) && *its_end == end).map(|_| start)
}

/// The escape, of whatever character, that lies on both sides of `at`.
fn escape_around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let longest = r"\u0041".len();
    let starts = at.saturating_sub(longest - 1)..at;
    starts.map(|start| start..start + escape_length(bytes, start)).find(|escape| escape.end > at)
}

/// How long the escape is that begins at `start`; zero if none does. A backslash begins one unless it is itself escaped.
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
        [b'\\', _, ..] if begins() => 2,
        _ => 0,
    }
}
