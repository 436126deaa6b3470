//! Finds one text that gives the key away, in every spelling of it.

use std::ops::Range;

use memchr::{memchr_iter, memmem};
use secrecy::zeroize::Zeroizing;

use super::MARK;
use super::escape::{escape, read, read_before};

/// A text that gives the key away.
pub(super) struct Pattern {
    pub(super) text: Zeroizing<Vec<u8>>,
    pub(super) form: Form,
}

pub(super) enum Form {
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
pub(super) struct Edge {
    bits: Zeroizing<u8>,
    mask: u8,
}

impl Pattern {
    pub(super) fn hex(key: &[u8]) -> Self {
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        let mut text = Zeroizing::new(Vec::with_capacity(2 * key.len()));
        text.extend(key.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        Self { text, form: Form::Hex }
    }

    /// `base64` is that of `offset` bytes, the key, and `:X`. A character has six bits, a byte eight.
    pub(super) fn base64(base64: &[u8], offset: usize, length: usize) -> Self {
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
    pub(super) fn meets_mark(&self) -> bool {
        let inner = MARK.trim_matches(['[', ']']);
        self.text.iter().any(|letter| b"[]".contains(letter)) || memmem::find(inner.as_bytes(), &self.text).is_some()
    }

    pub(super) fn letters(&self) -> impl Iterator<Item = u8> {
        let other = |letter: u8| if matches!(self.form, Form::Hex) { letter.to_ascii_uppercase() } else { letter };
        self.text.iter().flat_map(move |letter| [*letter, other(*letter)])
    }

    /// A byte as the pattern would have it.
    fn folded(&self, byte: u8) -> u8 {
        if matches!(self.form, Form::Hex) { byte.to_ascii_lowercase() } else { byte }
    }

    /// Finds all occurrences that have nothing escaped, also those that overlap.
    pub(super) fn find(&self, bytes: &[u8], hits: &mut Hits) {
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
    pub(super) fn find_escaped(&self, bytes: &[u8], at: usize, letter: u8, hits: &mut Hits) {
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
            // It may be the end of what looks like an escape, as in `%` and base64 that begins with two hexadecimal digits.
            let plain = || Some((*bytes.get(start.checked_sub(1)?)?, start - 1));
            let fits = |(byte, _): &(u8, usize)| edge.fits(*byte);
            start = read_before(bytes, start).filter(fits).or_else(|| plain().filter(fits))?.1;
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
pub(super) struct Hits(Vec<Range<usize>>);

impl Hits {
    /// Adds hits; one that begins in the hit before it is joined to that.
    pub(super) fn extend(&mut self, hits: impl IntoIterator<Item = Range<usize>>) {
        for hit in hits {
            match self.0.last_mut() {
                Some(last) if last.contains(&hit.start) => last.end = last.end.max(hit.end),
                _ => self.0.push(hit),
            }
        }
    }

    /// All hits in order, none overlapping another.
    pub(super) fn joined(mut self) -> Vec<Range<usize>> {
        self.0.sort_unstable_by_key(|hit| hit.start);
        let mut joined = Self::default();
        joined.extend(self.0);
        joined.0
    }
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
