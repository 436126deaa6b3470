//! The texts in an answer: what customers wrote is made plain and marked.

use serde_json::{Map, Value};

use super::html::{self, Reader, Seen};
use super::invisible::visible;
use super::marks;
use super::parameters::Detail;

/// Fields that hold HTML, whether it looks so or not.
const HTML: [&str; 3] = ["description", "body", "signature"];

/// Longest text of a summary, in characters: a long mail. There is `detail` full for more.
const LONGEST: usize = 4000;

/// Marks all texts of an answer. In a summary HTML becomes the text that a person sees of it, and what nobody sees is left out.
pub(super) fn mark(answer: Map<String, Value>, detail: Detail) -> Map<String, Value> {
    let mut reader = Reader::default();
    fields(answer, detail, &mut reader)
}

fn fields(fields: Map<String, Value>, detail: Detail, reader: &mut Reader) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (marks::name(&name), value_of(&name, value, detail, reader))).collect()
}

fn value_of(name: &str, value: Value, detail: Detail, reader: &mut Reader) -> Value {
    match value {
        Value::String(text) => Value::String(text_of(name, text, detail, reader)),
        Value::Array(items) => items.into_iter().map(|item| value_of(name, item, detail, reader)).collect(),
        Value::Object(of) => Value::Object(fields(of, detail, reader)),
        other => other,
    }
}

fn text_of(name: &str, text: String, detail: Detail, reader: &mut Reader) -> String {
    if marks::plain(name, &text) {
        return text;
    }
    if detail == Detail::Full {
        return marks::marked(&text);
    }
    let text = if HTML.contains(&name) || html::is(&text) { seen(&reader.read(&text)) } else { text };
    marks::marked(&cut(visible(&text).trim(), LONGEST))
}

/// What a person sees of HTML, and how much of it was not looked at.
fn seen(seen: &Seen) -> String {
    match seen.unread {
        0 => seen.text.clone(),
        unread => format!("{}… ({unread} more characters of HTML)", seen.text),
    }
}

/// A text of at most so many characters, which says how much is missing.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}… ({} more characters)", &text[..end], text[end..].chars().count()),
        None => text.to_owned(),
    }
}

/// A marked text of at most so many characters between its marks.
pub(super) fn cut_marked(text: &str, longest: usize) -> String {
    match text.strip_prefix(marks::OPEN).and_then(|rest| rest.strip_suffix(marks::CLOSE)) {
        Some(inner) => marks::marked(&cut(inner, longest)),
        None => text.to_owned(),
    }
}
