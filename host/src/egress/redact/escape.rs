//! Characters as percent-encoding and JSON write them.

use std::ops::Range;

/// The byte that an escape at `at` stands for, and where it ends.
pub(super) fn escape(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
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
pub(super) fn read(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    escape(bytes, at).or_else(|| Some((*bytes.get(at)?, at + 1)))
}

/// The character that ends at `end`, escaped or not, and where it begins.
pub(super) fn read_before(bytes: &[u8], end: usize) -> Option<(u8, usize)> {
    let last = end.checked_sub(1)?;
    let start = escape_around(bytes, last).map_or(last, |escape| escape.start);
    read(bytes, start).filter(|(_, its_end)| *its_end == end).map(|(byte, _)| (byte, start))
}

/// The escape, of whatever character, that lies on both sides of `at`.
pub(super) fn escape_around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
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
