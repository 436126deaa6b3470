//! Records in so many bytes: long texts are cut first, then records left out from the end, and of a record that is too large
//! by itself, fields.

use serde_json::Value;

use super::piece::Piece;
use super::table::{self, Layout};

/// How short texts are cut, in characters, before records are left out.
const SHORTEST: usize = 60;

/// How many lengths of texts are tried, each a fourth longer than the one before: up to longer than any answer.
const LENGTHS: usize = 48;

/// Records as they are answered.
pub(super) struct Fitted {
    /// For programs.
    pub(super) values: Vec<Value>,
    /// For models.
    pub(super) text: String,
    /// Whether fields of a record are left out.
    pub(super) trimmed: bool,
    /// Whether texts are cut.
    pub(super) cut: bool,
}

/// The fewest bytes of a record, in both copies.
pub(super) const LEAST: usize = 5;

/// Where records are written.
pub(super) enum Place<'a> {
    /// In a list.
    List(&'a Layout),
    /// The answer is the one record.
    Whole,
}

impl Place<'_> {
    /// Records with texts of so many characters, until the bytes of both copies would be more than there are.
    fn write(&self, records: &[Piece], longest: usize, mut room: usize) -> (Vec<Value>, String) {
        let (mut values, mut text) = (Vec::new(), String::new());
        for record in records {
            let (value, begin) = (record.value(longest), text.len());
            match self {
                Self::List(layout) => layout.record(&value, "", &mut text),
                Self::Whole => table::lines(&value, "", &mut text),
            }
            let Some(left) = room.checked_sub(table::json(&value) + 1 + table::escaped(&text[begin..])) else {
                text.truncate(begin);
                break;
            };
            room = left;
            values.push(value);
        }
        (values, text)
    }
}

/// The records that fit, with texts of at most so many characters.
pub(super) fn fit(records: &[Piece], place: &Place<'_>, longest: usize, room: usize) -> Fitted {
    let fits = |length: usize| place.write(records, length, room).0.len() == records.len();
    let lengths = || std::iter::successors(Some(SHORTEST), |length| Some(length + length / 4)).take(LENGTHS);
    let mut lengths: Vec<_> = lengths().filter(|length| *length < longest).collect();
    lengths.push(longest);
    let longest = lengths[lengths.partition_point(|length| fits(*length)).saturating_sub(1)];
    let (values, text) = place.write(records, longest, room);
    if let (Some(first), true) = (records.first(), values.is_empty()) {
        let (values, text) = trimmed(first, place, longest, room);
        return Fitted { values, text, trimmed: true, cut: true };
    }
    let cut = records[..values.len()].iter().any(|record| record.is_cut(longest));
    Fitted { values, text, trimmed: false, cut }
}

/// As much of a record as fits.
fn trimmed(record: &Piece, place: &Place<'_>, longest: usize, room: usize) -> (Vec<Value>, String) {
    let with = |mut count: usize| {
        let part = record.first(&mut count).unwrap_or_else(Piece::empty);
        place.write(&[part], longest, room)
    };
    let fits = |count: usize| !with(count).0.is_empty();
    // What does not fit by far is not tried: it could be a thousand times as much.
    let all = record.values();
    let mut most = 1;
    while most < all && fits(most) {
        most = all.min(most * 2);
    }
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = high - (high - low) / 2;
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    with(low)
}
