//! An answer in so many bytes: long texts are cut first, then records left out from the end, and the answer says so.

use serde_json::{Map, Value};

use super::parameters::Parameters;
use super::select::list_of;
use super::table;
use super::texts::cut_marked;
use super::{Shaped, marks};

/// Longest texts that are tried one after the other, in characters.
const LENGTHS: [usize; 6] = [2000, 1000, 400, 150, 60, 20];

/// An answer in both copies, which together have at most the bytes that were asked for.
pub(super) fn fit(answer: Map<String, Value>, by: &Parameters) -> Shaped {
    let all = copies(&answer, None);
    if all.bytes() <= by.max_bytes {
        return all;
    }
    let mut short = answer;
    for longest in LENGTHS {
        short = object_cut(short, longest);
        let shaped = copies(&short, Some("Long texts are cut: call again with a larger max_bytes, or choose fields."));
        if shaped.bytes() <= by.max_bytes {
            return shaped;
        }
    }
    fewer(&short, by.max_bytes)
}

/// The same with as many records, or fields, as there is room for.
fn fewer(answer: &Map<String, Value>, most: usize) -> Shaped {
    let list = list_of(answer).or_else(|| longest_list(answer));
    let records = list.as_ref().and_then(|name| answer[name].as_array()).map_or(0, Vec::len);
    let with = |count: usize| {
        let mut part = answer.clone();
        let name = list.as_deref().unwrap_or_default();
        if let Some(Value::Array(items)) = part.get_mut(name) {
            items.truncate(count);
        }
        let left = records - count;
        let hint = format!(
            "{left} of {records} in {name} are left out: call again with per_page {}, a larger max_bytes, or fewer fields.",
            count.max(1)
        );
        copies(&part, Some(&hint))
    };
    if let Some(count) = greatest(records, |count| with(count).bytes() <= most) {
        return with(count);
    }
    let with = |count: usize| {
        let part = answer.iter().filter(|(_, value)| !value.is_array()).take(count);
        let part = part.map(|(name, value)| (name.clone(), value.clone())).collect();
        copies(&part, Some("Most is left out: call again with a larger max_bytes, or choose fields."))
    };
    with(greatest(answer.len(), |count| with(count).bytes() <= most).unwrap_or(0))
}

/// The greatest number up to `most` that fits, if any does; what is larger than one that does not fit, does not.
fn greatest(most: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut low, mut high) = (0, most + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle.min(most)) { low = middle + 1 } else { high = middle }
    }
    low.checked_sub(1).map(|greatest| greatest.min(most))
}

fn longest_list(answer: &Map<String, Value>) -> Option<String> {
    let lists = answer.iter().filter_map(|(name, value)| Some((name, value.as_array()?.len())));
    lists.max_by_key(|(_, length)| *length).map(|(name, _)| name.clone())
}

/// Both copies, with the hints: where the list goes on, what was left out, and what the marks mean.
fn copies(answer: &Map<String, Value>, left_out: Option<&str>) -> Shaped {
    let mut answer = answer.clone();
    let more = answer.get("has_more").and_then(Value::as_bool) == Some(true);
    let more = more.then(|| match answer.get("next_page").and_then(Value::as_u64) {
        Some(page) => format!("More follows: call again with page {page}."),
        None => "More exists, but Freshdesk lists no further: narrow the list.".to_owned(),
    });
    let hint: Vec<&str> = left_out.into_iter().chain(more.as_deref()).collect();
    let hint = hint.join(" ");
    if !hint.is_empty() {
        answer.insert(marks::HINT.to_owned(), hint.clone().into());
    }
    let mut text = table::text(&answer);
    if text.contains(marks::OPEN) {
        text = format!("{}\n{text}", marks::MEANING);
        answer.insert(marks::UNTRUSTED.to_owned(), marks::MEANING.into());
    }
    let structured = Value::Object(answer);
    Shaped { structured, text }
}

impl Shaped {
    /// The bytes of both copies.
    pub(super) fn bytes(&self) -> usize {
        self.structured.to_string().len() + self.text.len()
    }
}

fn object_cut(fields: Map<String, Value>, longest: usize) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name, value_cut(value, longest))).collect()
}

fn value_cut(value: Value, longest: usize) -> Value {
    match value {
        Value::String(text) if text.len() > longest => Value::String(cut_marked(&text, longest)),
        Value::Array(items) => items.into_iter().map(|item| value_cut(item, longest)).collect(),
        Value::Object(fields) => Value::Object(object_cut(fields, longest)),
        other => other,
    }
}
