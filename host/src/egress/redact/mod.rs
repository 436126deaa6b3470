//! Takes the key out of what comes in: a server that repeats a request would hand it to the plugin otherwise.

mod escape;
mod pattern;
#[cfg(test)]
mod tests;

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use memchr::memchr2_iter;
use secrecy::zeroize::Zeroizing;

use self::escape::{escape, escape_around};
use self::pattern::{Form, Hits, Pattern};

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
        // One search for all of them, since most answers have the key in none.
        let all: Vec<_> = headers.values().map(HeaderValue::as_bytes).collect();
        if !self.finds(&all.join(&b'\n')) {
            return;
        }
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

/// The bit of an ASCII character; none for other bytes.
fn bit(letter: u8) -> u128 {
    1_u128.checked_shl(letter.into()).unwrap_or_default()
}
