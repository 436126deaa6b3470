//! An answer while it is shaped: texts know how long they are, and are cut when it is known how much room there is.

use serde_json::{Map, Value};

use super::marks;

/// A part of an answer.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// A number, a flag or a plain word.
    Plain(Value),
    /// A text that others wrote.
    Text(Text),
    /// A list.
    List(Vec<Piece>),
    /// Fields by the names that they are shown by.
    Record(Vec<(String, Piece)>),
}

/// A text that others wrote.
#[derive(Clone, Debug)]
pub(super) struct Text {
    shown: String,
    length: usize,
    unread: usize,
}

/// How many characters more than asked for a text may have: the note that some are missing is as long.
const SLACK: usize = 20;

impl Text {
    /// A text with so many characters after it that were not read. Of a text that is longer than any answer, the
    /// beginning is kept, of so many bytes.
    pub(super) fn new(text: &str, unread: usize, most: usize) -> Self {
        let kept = text.floor_char_boundary(most);
        Self { shown: marks::neutral(&text[..kept]).into_owned(), length: text.chars().count(), unread }
    }

    /// The text with its marks, cut to about so many characters; what is missing is said behind the marks.
    pub(super) fn marked(&self, longest: usize) -> String {
        let cut = if self.length > longest.saturating_add(SLACK) { longest } else { self.length };
        let shown = self.shown.char_indices().nth(cut).map_or(&*self.shown, |(end, _)| &self.shown[..end]);
        let shown_length = if shown.len() == self.shown.len() { shown.chars().count() } else { cut };
        match self.length - shown_length + self.unread {
            0 => marks::marked(shown),
            missing => format!("{} +{missing} characters", marks::marked(shown)),
        }
    }

    fn is_cut(&self, longest: usize) -> bool {
        self.unread > 0 || self.length > longest.saturating_add(SLACK) || self.shown.len() < self.length
    }
}

impl Piece {
    /// An empty record.
    pub(super) fn empty() -> Self {
        Self::Record(Vec::new())
    }

    /// The piece as it is answered, with texts of about so many characters.
    pub(super) fn value(&self, longest: usize) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Text(text) => Value::String(text.marked(longest)),
            Self::List(items) => items.iter().map(|item| item.value(longest)).collect(),
            Self::Record(_) => Value::Object(self.fields(longest)),
        }
    }

    /// The same of the fields of a record.
    pub(super) fn fields(&self, longest: usize) -> Map<String, Value> {
        let Self::Record(fields) = self else { return Map::new() };
        fields.iter().map(|(name, piece)| (name.clone(), piece.value(longest))).collect()
    }

    /// Adds what another piece has of the same record.
    pub(super) fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Record(fields), Self::Record(others)) => {
                for (name, piece) in others {
                    match fields.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, known)) => known.merge(piece),
                        None => fields.push((name, piece)),
                    }
                }
            }
            (Self::List(items), Self::List(others)) => {
                for (item, other) in items.iter_mut().zip(others) {
                    item.merge(other);
                }
            }
            _ => {}
        }
    }

    /// The same with no more than the first so many values.
    pub(super) fn first(&self, left: &mut usize) -> Option<Self> {
        match self {
            _ if *left == 0 => None,
            Self::List(items) if !items.is_empty() => {
                Some(Self::List(items.iter().map_while(|item| item.first(left)).collect()))
            }
            Self::Record(fields) if !fields.is_empty() => {
                let kept = fields.iter().map_while(|(name, piece)| Some((name.clone(), piece.first(left)?)));
                Some(Self::Record(kept.collect()))
            }
            other => {
                *left -= 1;
                Some(other.clone())
            }
        }
    }

    /// How many values are in it.
    pub(super) fn values(&self) -> usize {
        let below = match self {
            Self::List(items) => items.iter().map(Self::values).sum(),
            Self::Record(fields) => fields.iter().map(|(_, piece)| piece.values()).sum(),
            _ => 1,
        };
        below.max(1)
    }

    /// Whether a text in it has several lines.
    pub(super) fn has_lines(&self) -> bool {
        self.any(&|text| text.shown.contains('\n'))
    }

    /// Whether a text in it is cut, if texts have about so many characters.
    pub(super) fn is_cut(&self, longest: usize) -> bool {
        self.any(&|text| text.is_cut(longest))
    }

    /// Whether there is any text in it that others wrote.
    pub(super) fn has_text(&self) -> bool {
        let named = |(name, piece): &(String, Self)| name.starts_with(marks::OPEN) || piece.has_text();
        match self {
            Self::Plain(_) => false,
            Self::Text(_) => true,
            Self::List(items) => items.iter().any(Self::has_text),
            Self::Record(fields) => fields.iter().any(named),
        }
    }

    fn any(&self, is: &dyn Fn(&Text) -> bool) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Text(text) => is(text),
            Self::List(items) => items.iter().any(|item| item.any(is)),
            Self::Record(fields) => fields.iter().any(|(_, piece)| piece.any(is)),
        }
    }
}
