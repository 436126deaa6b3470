//! What an answer says about itself: what is not in it and how to get it, and what the marks mean.

use serde_json::{Map, Value};

use super::answer::{HAS_MORE, NEXT_PAGE};
use super::budget::Fitted;
use super::{Shaped, marks, table};

/// Bytes of the hint in one copy, at most; it takes an eighth of a small answer.
const LONGEST: usize = 400;

/// How many bytes the fields for the hint and the meaning of the marks take beside what is in them.
const FIELDS: usize = 40;

/// The hints of an answer, the most pressing ones first.
pub(super) struct Hints {
    longest: usize,
    left_out: Vec<String>,
    paging: Option<String>,
    cut: bool,
    brief: Option<String>,
    unknown: Vec<String>,
}

/// Where a page stands in its list.
pub(super) enum Paging {
    /// Nothing follows.
    Last,
    /// More follows, on the page of this number.
    Next(u64),
    /// More exists, which Freshdesk does not list.
    Wall,
}

impl Paging {
    /// Where an answer says that it stands.
    pub(super) fn of(answer: &Map<String, Value>) -> Self {
        match (answer.get(HAS_MORE), answer.get(NEXT_PAGE).and_then(Value::as_u64)) {
            (Some(Value::Bool(true)), Some(page)) => Self::Next(page),
            (Some(Value::Bool(true)), None) => Self::Wall,
            _ => Self::Last,
        }
    }
}

impl Hints {
    /// No hints yet, of an answer with so many bytes.
    pub(super) fn new(max_bytes: usize) -> Self {
        let longest = LONGEST.min(max_bytes / 8);
        Self { longest, left_out: Vec::new(), paging: None, cut: false, brief: None, unknown: Vec::new() }
    }

    /// What room is left of so many bytes beside the hints, the meaning of the marks and what is fixed.
    pub(super) fn room(&self, bytes: usize, fixed: usize) -> usize {
        bytes.saturating_sub(2 * (self.longest + marks::MEANING.len()) + FIELDS + fixed)
    }

    /// Says what did not fit, of so many records.
    pub(super) fn fitted(&mut self, fitted: &Fitted, records: usize) {
        let kept = fitted.values.len();
        if kept < records {
            let (left, kept) = (records - kept, kept.max(1));
            self.left_out.push(format!(
                "{left} of {records} left out: use per_page {kept}, fewer fields or a larger max_bytes."
            ));
        }
        if fitted.trimmed {
            self.left_out.push("Fields are left out: choose by fields, or raise max_bytes.".to_owned());
        }
        self.cut = fitted.cut;
    }

    /// Says how a list goes on.
    pub(super) fn paging(&mut self, paging: &Paging) {
        self.paging = match paging {
            Paging::Last => None,
            Paging::Next(page) => Some(format!("More follows: call again with page {page}.")),
            Paging::Wall => Some("More exists, but Freshdesk lists no further: narrow the list.".to_owned()),
        };
    }

    /// Says which fields a summary leaves out.
    pub(super) fn brief(&mut self, names: &[&str]) {
        self.brief = (!names.is_empty()).then(|| format!("More by fields: {}.", names.join(", ")));
    }

    /// Says that nothing has a field that was asked for.
    pub(super) fn unknown(&mut self, field: &str) {
        self.unknown.push(marks::name(field));
    }

    /// An answer with its hints in both copies.
    pub(super) fn put(self, fields: Map<String, Value>, text: String, marked: bool) -> Shaped {
        let cut =
            self.cut.then(|| "Texts with +N characters are cut: choose them by fields, or raise max_bytes.".to_owned());
        let unknown = (!self.unknown.is_empty()).then(|| format!("Not there: {}.", self.unknown.join(", ")));
        let mut hint = String::new();
        for said in self.left_out.into_iter().chain(self.paging).chain(cut).chain(self.brief).chain(unknown) {
            let space = usize::from(!hint.is_empty());
            if table::escaped(&hint) + space + table::escaped(&said) <= self.longest {
                hint.push_str(&" ".repeat(space));
                hint.push_str(&said);
            }
        }
        let mut structured = Map::new();
        let mut above = String::new();
        let meaning = marked.then_some((marks::UNTRUSTED, marks::MEANING));
        let hint = (!hint.is_empty()).then_some((marks::HINT, hint.as_str()));
        for (name, said) in meaning.into_iter().chain(hint) {
            structured.insert(name.to_owned(), said.into());
            above.push_str(said);
            above.push('\n');
        }
        structured.extend(fields);
        let text = above + text.trim_end_matches('\n');
        Shaped { structured: Value::Object(structured), text }
    }
}
