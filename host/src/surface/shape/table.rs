//! The copy for models: records as lines of names and values, or, in a list of flat ones, as lines of a table. What
//! others wrote begins no line and no cell.

use std::collections::HashMap;
use std::fmt::Write;
use std::io;

use serde_json::{Map, Value};

use super::invisible::folded;

/// The most columns of a table.
const COLUMNS: usize = 40;

/// The longest header of a table within a record, in bytes.
const HEADER: usize = 1000;

/// How the records of a list are written.
pub(super) enum Layout {
    /// A line each, with these columns.
    Table(HashMap<String, usize>),
    /// A line for each of their values.
    Lines,
}

impl Layout {
    /// The layout of a list; of lines, where a text of it has several, or there would be many columns, or a header of more
    /// than so many bytes.
    pub(super) fn of<'a>(records: impl Iterator<Item = &'a Value>, has_lines: bool, most: usize) -> Self {
        let mut columns = HashMap::new();
        let mut names = 0;
        for record in records {
            let mut flat = !has_lines;
            walk(record, &mut String::new(), &mut |path, value| {
                flat &= !is_records(value);
                if flat && !columns.contains_key(path) {
                    names += escaped(&cell(path)) + 1;
                    flat = columns.len() < COLUMNS && names <= most;
                    columns.insert(path.to_owned(), columns.len());
                }
            });
            if !flat {
                return Self::Lines;
            }
        }
        Self::Table(columns)
    }

    /// The line above a table.
    pub(super) fn header(&self) -> String {
        let Self::Table(columns) = self else { return String::new() };
        let mut names = vec![String::new(); columns.len()];
        for (name, at) in columns {
            names[*at] = cell(name);
        }
        names.join("|") + "\n"
    }

    /// Writes a record, whose lines begin with so much space.
    pub(super) fn record(&self, record: &Value, indent: &str, to: &mut String) {
        match self {
            Self::Table(columns) => {
                let mut cells = vec![String::new(); columns.len()];
                walk(record, &mut String::new(), &mut |path, value| {
                    if let Some(at) = columns.get(path) {
                        cells[*at] = cell(&plain(value));
                    }
                });
                to.push_str(indent);
                to.push_str(&cells.join("|"));
                to.push('\n');
            }
            Self::Lines => {
                let begin = to.len() + indent.len();
                lines(record, &format!("{indent}  "), to);
                // The first line of a record begins with a dash.
                if to.get(begin..begin + 2) == Some("  ") {
                    to.replace_range(begin..begin + 2, "- ");
                }
            }
        }
    }
}

/// Writes a record as lines that begin with so much space.
pub(super) fn lines(record: &Value, indent: &str, to: &mut String) {
    walk(record, &mut String::new(), &mut |path, value| {
        let path = folded(path);
        match value {
            Value::Array(items) if is_records(value) => {
                let _ = writeln!(to, "{indent}{path}: {}", items.len());
                let layout = Layout::of(items.iter(), items.iter().any(has_lines), HEADER);
                let header = layout.header();
                if !header.is_empty() {
                    let _ = write!(to, "{indent}{header}");
                }
                items.iter().for_each(|item| layout.record(item, indent, to));
            }
            other => {
                let below = format!("\n{indent}  ");
                let text = plain(other).replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
                let _ = writeln!(to, "{indent}{path}: {}", text.replace('\n', &below));
            }
        }
    });
}

/// The bytes of a field in both copies: as JSON among other fields, and as cells.
pub(super) fn bytes(field: &Value) -> usize {
    let mut cells = 0;
    walk(field, &mut String::new(), &mut |_, value| cells += escaped(&cell(&plain(value))) + 1);
    json(field) + cells
}

/// The bytes of a value as JSON.
pub(super) fn json(value: &Value) -> usize {
    let mut count = Count(0);
    // A count does not fail.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// The bytes of a text in a text of JSON.
pub(super) fn escaped(text: &str) -> usize {
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
        0..32 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

/// Comes to each value of a record by its path; records in it are walked through.
fn walk(value: &Value, path: &mut String, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) if !fields.is_empty() => walk_fields(fields, path, visit),
        Value::Object(_) if path.is_empty() => {}
        other => visit(path, other),
    }
}

fn walk_fields(fields: &Map<String, Value>, path: &mut String, visit: &mut dyn FnMut(&str, &Value)) {
    let length = path.len();
    for (name, value) in fields {
        if length > 0 {
            path.push('.');
        }
        path.push_str(name);
        walk(value, path, visit);
        path.truncate(length);
    }
}

/// Whether a value is a list with records in it.
fn is_records(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(Value::is_object))
}

fn has_lines(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\n'),
        Value::Array(items) => items.iter().any(has_lines),
        Value::Object(fields) => fields.values().any(has_lines),
        _ => false,
    }
}

/// A value as text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// A text on one line that begins no other cell.
fn cell(text: &str) -> String {
    let line = folded(text);
    if line.contains('|') { line.replace('|', "¦") } else { line }
}

/// Counts bytes.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
