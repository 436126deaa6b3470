//! Picks fields out of a record, and makes pieces of them. In a summary HTML becomes the text that a person sees of it, what
//! nobody sees is left out, and what says nothing too.

use serde_json::{Map, Value};

use super::html::{self, Reader};
use super::invisible::{folded, visible};
use super::marks;
use super::parameters::{Detail, Parameters};
use super::piece::{Piece, Text};

/// Fields that hold HTML.
const HTML: [&str; 3] = ["description", "body", "signature"];

/// What the name of a field ends in that has the text of another one's HTML. Freshdesk's own text has in it what the HTML
/// hides from people.
const TEXT_OF: &str = "_text";

/// Picks for one answer.
pub(super) struct Picker {
    summary: bool,
    one_line: bool,
    longest: usize,
    reader: Reader,
}

impl Picker {
    /// Picks as the caller asked for; with texts on one line each, where they are cells of a summary's table.
    pub(super) fn new(by: &Parameters, one_line: bool) -> Self {
        Self { summary: by.detail == Detail::Summary, one_line, longest: by.max_bytes, reader: Reader::default() }
    }

    /// All of a record.
    pub(super) fn all(&mut self, record: &Value) -> Piece {
        self.value("", record).unwrap_or_else(Piece::empty)
    }

    /// The field at a path such as `requester.email`, in a record of its own. Of the records in a list it has each one's.
    pub(super) fn field(&mut self, record: &Value, path: &str) -> Option<Piece> {
        let Value::Object(fields) = record else { return None };
        let (name, below) = path.split_once('.').map_or((path, None), |(name, below)| (name, Some(below)));
        let piece = match (below, fields.get(name)?) {
            (None, _) => self.named(name, fields)?,
            (Some(below), Value::Array(items)) => {
                let items: Vec<_> = items.iter().map(|item| self.field_of_each(item, below)).collect();
                items.iter().any(Option::is_some).then_some(())?;
                Piece::List(items.into_iter().map(|item| item.unwrap_or_else(Piece::empty)).collect())
            }
            (Some(below), record) => self.field(record, below)?,
        };
        Some(Piece::Record(vec![(marks::name(name), piece)]))
    }

    /// The same of a record in a list, which has its id beside it.
    fn field_of_each(&mut self, item: &Value, path: &str) -> Option<Piece> {
        let field = self.field(item, path)?;
        let mut record = self.field(item, "id").unwrap_or_else(Piece::empty);
        record.merge(field);
        Some(record)
    }

    /// A field of a record.
    fn named(&mut self, name: &str, fields: &Map<String, Value>) -> Option<Piece> {
        let html = name.strip_suffix(TEXT_OF).filter(|_| self.summary).and_then(|html| fields.get(html)?.as_str());
        match html {
            Some(html) => self.html(name, html),
            None => self.value(name, fields.get(name)?),
        }
    }

    /// A value. In a summary, one that says nothing is nothing.
    fn value(&mut self, name: &str, value: &Value) -> Option<Piece> {
        let piece = match value {
            Value::String(text) => return self.text(name, text),
            Value::Array(items) => Piece::List(items.iter().filter_map(|item| self.value(name, item)).collect()),
            Value::Object(fields) => {
                let twice = |name: &str| self.summary && fields.contains_key(&format!("{name}{TEXT_OF}"));
                let names: Vec<_> = fields.keys().filter(|name| !twice(name)).collect();
                let pieces = names.into_iter().filter_map(|name| Some((marks::name(name), self.named(name, fields)?)));
                Piece::Record(pieces.collect())
            }
            other => Piece::Plain(other.clone()),
        };
        let says = match &piece {
            Piece::List(items) => !items.is_empty(),
            Piece::Record(fields) => !fields.is_empty(),
            Piece::Plain(value) => !value.is_null(),
            Piece::Text(_) => true,
        };
        (says || !self.summary).then_some(piece)
    }

    /// A text.
    fn text(&mut self, name: &str, text: &str) -> Option<Piece> {
        if !self.summary {
            return Some(self.seen(name, text, 0));
        }
        if HTML.contains(&name) && html::is(text) {
            return self.html(name, text);
        }
        self.cleaned(name, &visible(text), 0)
    }

    /// The text of HTML.
    fn html(&mut self, name: &str, html: &str) -> Option<Piece> {
        let seen = self.reader.read(html);
        self.cleaned(name, &seen.text, seen.unread)
    }

    /// A text of a summary, unless nothing is in it.
    fn cleaned(&self, name: &str, text: &str, unread: usize) -> Option<Piece> {
        let folded = self.one_line.then(|| folded(text));
        let text = folded.as_deref().unwrap_or(text).trim();
        (!text.is_empty() || unread > 0).then(|| self.seen(name, text, unread))
    }

    fn seen(&self, name: &str, text: &str, unread: usize) -> Piece {
        match unread == 0 && marks::plain(name, text) {
            true => Piece::Plain(text.into()),
            false => Piece::Text(Text::new(text, unread, self.longest)),
        }
    }
}
