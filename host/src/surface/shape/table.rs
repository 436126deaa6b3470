//! The copy for models: a list of flat records as a table, all else as lines of names and values.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::invisible::folded;
use super::marks;

/// An answer as text.
pub(super) fn text(answer: &Map<String, Value>) -> String {
    let mut lines = Vec::new();
    for (name, value) in answer {
        match value {
            Value::Array(items) if records(items) => {
                lines.push(format!("{}: {}", label(name), items.len()));
                table(items, &mut lines);
            }
            Value::Object(fields) => record(&label(name), fields, &mut lines),
            // Paging is said by the hint.
            _ if matches!(name.as_str(), "has_more" | "next_page") => {}
            Value::String(hint) if name == marks::HINT => lines.push(hint.clone()),
            other => lines.push(format!("{}: {}", label(name), cell(other))),
        }
    }
    lines.join("\n")
}

fn records(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(Value::is_object)
}

/// A record within a record, its fields named by their path.
fn record(path: &str, fields: &Map<String, Value>, lines: &mut Vec<String>) {
    for (name, value) in fields {
        let path = format!("{path}.{}", label(name));
        match value {
            Value::Object(inner) => record(&path, inner, lines),
            other => lines.push(format!("{path}: {}", cell(other))),
        }
    }
}

/// A header and a line a record. Fields within records have columns of their own.
fn table(items: &[Value], lines: &mut Vec<String>) {
    let flat: Vec<Map<String, Value>> = items.iter().map(flattened).collect();
    let mut columns: Vec<&str> = Vec::new();
    let mut known = HashSet::new();
    for name in flat.iter().flat_map(Map::keys) {
        if known.insert(name.as_str()) {
            columns.push(name);
        }
    }
    lines.push(columns.iter().map(|column| label(column)).collect::<Vec<_>>().join("|"));
    for record in &flat {
        let cells = columns.iter().map(|column| record.get(*column).map_or(String::new(), cell));
        lines.push(cells.collect::<Vec<_>>().join("|"));
    }
}

fn flattened(item: &Value) -> Map<String, Value> {
    let mut flat = Map::new();
    let mut ahead: Vec<(String, &Value)> = vec![(String::new(), item)];
    while let Some((path, value)) = ahead.pop() {
        match value {
            Value::Object(fields) => {
                let below = |name: &String| if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                ahead.extend(fields.iter().rev().map(|(name, value)| (below(name), value)));
            }
            other => drop(flat.insert(path, other.clone())),
        }
    }
    flat
}

/// A name on one line that begins no other cell.
fn label(name: &str) -> String {
    folded(name).replace('|', "¦")
}

/// A value on one line that begins no other cell.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::String(text) => folded(text),
        Value::Null => String::new(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(cell).collect::<Vec<_>>().join(",")
        }
        other => folded(&other.to_string()),
    };
    if text.contains('|') { text.replace('|', "¦") } else { text }
}
