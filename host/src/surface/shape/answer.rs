//! An answer in both copies: a page of a list with its records, or one record.

use serde_json::{Map, Value};

use super::budget::{self, Place};
use super::hints::{Hints, Paging};
use super::parameters::{Detail, Parameters};
use super::picker::Picker;
use super::piece::Piece;
use super::table::{self, Layout};
use super::{Shaped, marks, summary};

/// What says where a page stands in its list.
pub(super) const HAS_MORE: &str = "has_more";
pub(super) const NEXT_PAGE: &str = "next_page";

/// Bytes of what MCP puts around the two copies.
const AROUND: usize = 128;

/// Longest text of a page beside its records, in characters.
const LONGEST: usize = 200;

/// The part of an answer that what is above its records may take.
const HEADER: usize = 10;

/// Shapes an answer.
pub(super) fn shaped(answer: &Map<String, Value>, by: &Parameters) -> Shaped {
    let is_page = answer.get(HAS_MORE).is_some_and(Value::is_boolean);
    // A list of the contract's is named by a word.
    let list = answer.iter().find_map(|(name, value)| Some((name, value.as_array()?)));
    match list.filter(|(name, _)| is_page && marks::name(name) == **name) {
        Some((name, records)) => page(answer, name, records, by),
        None => one(answer, by),
    }
}

/// A page of a list.
fn page(answer: &Map<String, Value>, list: &str, records: &[Value], by: &Parameters) -> Shaped {
    let brief = by.detail == Detail::Summary && by.fields.is_none();
    let mut picker = Picker::new(by, brief);
    let mut hints = Hints::new(by.max_bytes);
    // There is no room for more than these.
    let some = &records[..records.len().min(by.max_bytes / budget::LEAST)];
    let (pieces, longest) = listed(list, some, by, &mut picker, &mut hints);
    let (frame, said) = framed(answer, list, by, &mut picker);
    let marked = said.contains(marks::OPEN) || pieces.iter().any(Piece::has_text);

    let shortest: Vec<_> = pieces.iter().map(|piece| piece.value(0)).collect();
    let layout = Layout::of(shortest.iter(), pieces.iter().any(Piece::has_lines), by.max_bytes / HEADER);
    let above = |count: usize| format!("{said}{list}: {count}\n{}", layout.header());
    let fixed = table::json(&Value::Object(frame.clone())) + list.len() + 8 + table::escaped(&above(records.len()));
    let room = hints.room(by.max_bytes - AROUND, fixed);
    let fitted = budget::fit(&pieces, &Place::List(&layout), longest, room);
    hints.fitted(&fitted, records.len());
    hints.paging(&Paging::of(answer));
    let text = above(fitted.values.len()) + &fitted.text;
    let mut structured = Map::from_iter([(list.to_owned(), Value::Array(fitted.values))]);
    structured.extend(frame);
    hints.put(structured, text, marked)
}

/// What a page says beside its records, and as text. How the list goes on is said by the hint.
fn framed(
    answer: &Map<String, Value>,
    list: &str,
    by: &Parameters,
    picker: &mut Picker,
) -> (Map<String, Value>, String) {
    let paging = |name: &str, value: &Value| match name {
        HAS_MORE => value.is_boolean(),
        NEXT_PAGE => value.is_u64(),
        _ => false,
    };
    let (paging, others): (Vec<_>, Vec<_>) =
        answer.iter().filter(|(name, _)| *name != list).partition(|(name, value)| paging(name, value));
    let mut frame: Map<_, _> = paging.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut said = String::new();
    if by.detail == Detail::Full && by.fields.is_none() {
        let others = others.into_iter().map(|(name, value)| (marks::name(name), picker.all(value)));
        let others = Value::Object(Piece::Record(others.collect()).fields(LONGEST));
        table::lines(&others, "", &mut said);
        match others {
            Value::Object(others) if table::escaped(&said) <= by.max_bytes / HEADER => frame.extend(others),
            _ => said.clear(),
        }
    }
    (frame, said)
}

/// The records of a page, and how long their texts may be.
fn listed(
    list: &str,
    records: &[Value],
    by: &Parameters,
    picker: &mut Picker,
    hints: &mut Hints,
) -> (Vec<Piece>, usize) {
    match (&by.fields, by.detail) {
        (Some(fields), _) => {
            let prefix = format!("{list}.");
            let fields: Vec<_> = fields.iter().map(|field| field.strip_prefix(&prefix).unwrap_or(field)).collect();
            (chosen(records, &fields, picker, hints), by.max_bytes)
        }
        (None, Detail::Summary) => {
            let (pieces, left_out) = summary::of_list(records, picker);
            hints.brief(&left_out);
            (pieces, summary::LONGEST_IN_LIST)
        }
        (None, Detail::Full) => (records.iter().map(|record| picker.all(record)).collect(), by.max_bytes),
    }
}

/// One record.
fn one(record: &Map<String, Value>, by: &Parameters) -> Shaped {
    let mut picker = Picker::new(by, false);
    let mut hints = Hints::new(by.max_bytes);
    let record = [Value::Object(record.clone())];
    let (pieces, longest) = match (&by.fields, by.detail) {
        (Some(fields), _) => {
            let fields: Vec<_> = fields.iter().map(String::as_str).collect();
            (chosen(&record, &fields, &mut picker, &mut hints), by.max_bytes)
        }
        (None, Detail::Summary) => (vec![summary::of_one(&record[0], &mut picker)], summary::LONGEST),
        (None, Detail::Full) => (vec![picker.all(&record[0])], by.max_bytes),
    };
    let room = hints.room(by.max_bytes - AROUND, 0);
    let fitted = budget::fit(&pieces, &Place::Whole, longest, room);
    hints.fitted(&fitted, 1);
    let fields = match fitted.values.into_iter().next() {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    hints.put(fields, fitted.text, pieces.iter().any(Piece::has_text))
}

/// Records with the fields that were asked for, and their ids.
fn chosen(records: &[Value], fields: &[&str], picker: &mut Picker, hints: &mut Hints) -> Vec<Piece> {
    let mut pieces: Vec<_> =
        records.iter().map(|record| picker.field(record, "id").unwrap_or_else(Piece::empty)).collect();
    for field in fields {
        let mut there = false;
        for (piece, record) in pieces.iter_mut().zip(records) {
            if let Some(field) = picker.field(record, field) {
                there = true;
                piece.merge(field);
            }
        }
        if !there {
            hints.unknown(field);
        }
    }
    pieces
}
