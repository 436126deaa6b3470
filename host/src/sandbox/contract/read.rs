//! JSON into values of the contract. All problems are collected, and each names its field.

use std::fmt;

use serde_json::{Map, Number, Value};
use wasmtime::component::Val;

use super::error::Problem;
use super::shape::{Choice, Field, Integer, Record, Shape, Word};
use super::words;

/// How many problems are told: more would not help the caller to mend the request.
const MOST_PROBLEMS: usize = 100;

/// Reads a request.
pub(super) fn read(record: &Record, input: &Value) -> Result<Val, Vec<Problem>> {
    let mut reader = Reader::default();
    reader.record(record, input, &Path::Root).filter(|_| reader.problems.is_empty()).ok_or(reader.problems)
}

/// One walk over a request. What cannot be read is `None`, and a problem says why.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    /// A value of any shape.
    fn value(&mut self, shape: &Shape, value: &Value, at: &Path<'_>) -> Option<Val> {
        match (shape, value) {
            (Shape::Bool, Value::Bool(flag)) => Some(Val::Bool(*flag)),
            (Shape::Text, Value::String(text)) => Some(Val::String(text.clone())),
            (Shape::Json, _) => Some(Val::String(value.to_string())),
            (Shape::Decimal, Value::Number(number)) => number.as_f64().map(Val::Float64),
            (Shape::Integer(width), Value::Number(number)) => match integer(*width, number) {
                None => self.wrong(shape, value, at),
                read => read,
            },
            (Shape::Option(inner), _) => self.option(inner, value, at),
            (Shape::List(item), Value::Array(items)) => self.list(item, items, at),
            (Shape::List(item), Value::String(text)) => match list_of_words(item, text) {
                None => self.wrong(shape, value, at),
                read => read,
            },
            (Shape::Map(inner), Value::Object(entries)) => self.map(inner, entries, at),
            (Shape::Record(record), _) => self.record(record, value, at),
            (Shape::Choice(choice), _) => self.choice(shape, choice, value, at),
            _ => self.wrong(shape, value, at),
        }
    }

    /// Null is none, or the inner none where there are two.
    fn option(&mut self, inner: &Shape, value: &Value, at: &Path<'_>) -> Option<Val> {
        let inner = match (value, inner) {
            (Value::Null, Shape::Option(_)) => Some(Val::Option(None)),
            (Value::Null, _) => None,
            _ => Some(self.value(inner, value, at)?),
        };
        Some(Val::Option(inner.map(Box::new)))
    }

    /// An array, item by item.
    fn list(&mut self, item: &Shape, items: &[Value], at: &Path<'_>) -> Option<Val> {
        let read = items.iter().enumerate().map(|(i, value)| self.value(item, value, &Path::Item(at, i)));
        let read: Vec<_> = read.collect();
        read.into_iter().collect::<Option<_>>().map(Val::List)
    }

    /// An object with keys of the caller's choice.
    fn map(&mut self, inner: &Shape, entries: &Map<String, Value>, at: &Path<'_>) -> Option<Val> {
        let read = entries.iter().map(|(key, value)| {
            let read = self.value(inner, value, &Path::Key(at, key))?;
            Some(Val::Tuple(vec![Val::String(key.clone()), read]))
        });
        let read: Vec<_> = read.collect();
        read.into_iter().collect::<Option<_>>().map(Val::List)
    }

    /// An object with the record's fields and no others.
    fn record(&mut self, record: &Record, value: &Value, at: &Path<'_>) -> Option<Val> {
        let Value::Object(object) = value else {
            return self.problem(at, format!("must be an object, not {}", told(value)));
        };
        let names: Vec<_> = record.fields.iter().map(|field| field.name.as_str()).collect();
        for key in object.keys().filter(|key| !names.contains(&key.as_str())).take(MOST_PROBLEMS) {
            self.unknown(key, &names, at);
        }
        let fields = record.fields.iter().map(|field| Some((field.wit.clone(), self.field(field, object, at)?)));
        let fields: Vec<_> = fields.collect();
        fields.into_iter().collect::<Option<_>>().map(Val::Record)
    }

    /// A field of an object, which may be absent if it is optional.
    fn field(&mut self, field: &Field, object: &Map<String, Value>, at: &Path<'_>) -> Option<Val> {
        let at = Path::Key(at, &field.name);
        match object.get(&field.name) {
            Some(value) => self.value(&field.shape, value, &at),
            None if field.optional() => Some(Val::Option(None)),
            None => self.problem(&at, format!("is missing; must be {}", expected(&field.shape))),
        }
    }

    /// A word, Freshdesk's number of one, or the first payload that takes this kind of JSON.
    fn choice(&mut self, shape: &Shape, choice: &Choice, value: &Value, at: &Path<'_>) -> Option<Val> {
        if let Some(word) = word(&choice.words, value) {
            return Some(named(choice, word));
        }
        match choice.payloads.iter().find(|(_, payload)| takes(payload, value)) {
            Some((case, payload)) => {
                let read = self.value(payload, value, at)?;
                Some(Val::Variant(case.clone(), Some(Box::new(read))))
            }
            None => self.wrong(shape, value, at),
        }
    }

    /// Notes that a value is not of its shape.
    fn wrong(&mut self, shape: &Shape, value: &Value, at: &Path<'_>) -> Option<Val> {
        self.problem(at, format!("must be {}, not {}", expected(shape), told(value)))
    }

    /// Notes that there is no such field, and which there are.
    fn unknown(&mut self, key: &str, names: &[&str], at: &Path<'_>) {
        let meant = words::nearest(key, names).map_or(".".into(), |name| format!("; did you mean {name}?"));
        self.problem(&Path::Key(at, key), format!("is unknown{meant} Known are: {}", names.join(", ")));
    }

    /// Notes a problem.
    fn problem(&mut self, at: &Path<'_>, message: String) -> Option<Val> {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { field: at.to_string(), message });
        }
        None
    }
}

/// Where a value is in the request. It is spelt only when a problem is told, and long keys not in full: the caller
/// chooses them.
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

/// How much of a key is told, in characters.
const KEY: usize = 60;

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => write!(f, "{key:.KEY$}"),
            Self::Key(above, key) => write!(f, "{above}.{key:.KEY$}"),
            Self::Item(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}

/// The value of a case without a payload.
fn named(choice: &Choice, word: &Word) -> Val {
    match choice.variant {
        true => Val::Variant(word.wit.clone(), None),
        false => Val::Enum(word.wit.clone()),
    }
}

/// The word that a string spells or that a number stands for.
fn word<'a>(words: &'a [Word], value: &Value) -> Option<&'a Word> {
    match value {
        Value::String(text) => words.iter().find(|word| word.name == *text),
        Value::Number(number) => {
            let number = whole(number)?;
            words.iter().find(|word| word.number.map(i128::from) == Some(number))
        }
        _ => None,
    }
}

/// A list of words from a string of them with commas between.
fn list_of_words(item: &Shape, text: &str) -> Option<Val> {
    let (Shape::Choice(choice), Some(words)) = (item, item.words()) else { return None };
    let spelt = text.split(',').map(|part| part.trim_matches(' '));
    let read = spelt.map(|part| words.iter().find(|word| word.name == part).map(|word| named(choice, word)));
    read.collect::<Option<_>>().map(Val::List)
}

/// Whether a payload of an untagged variant is of the same kind as a value.
fn takes(payload: &Shape, value: &Value) -> bool {
    match (payload, value) {
        (Shape::Integer(width), Value::Number(number)) => integer(*width, number).is_some(),
        (Shape::Bool, Value::Bool(_))
        | (Shape::Text, Value::String(_))
        | (Shape::Decimal, Value::Number(_))
        | (Shape::List(_), Value::Array(_))
        | (Shape::Map(_) | Shape::Record(_), Value::Object(_)) => true,
        _ => false,
    }
}

/// A whole number in the range of its width.
fn integer(width: Integer, number: &Number) -> Option<Val> {
    let number = whole(number).filter(|number| width.holds(*number))?;
    match width {
        Integer::U8 => number.try_into().ok().map(Val::U8),
        Integer::U16 => number.try_into().ok().map(Val::U16),
        Integer::U32 => number.try_into().ok().map(Val::U32),
        Integer::U64 => number.try_into().ok().map(Val::U64),
        Integer::S64 => number.try_into().ok().map(Val::S64),
    }
}

/// The greatest whole number up to which a decimal one is exact.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// A number without a fraction, however it is written: 2.0 is whole. One that is written with a point or an exponent and
/// is too great to be exact is not, because it could be the neighbour of the id that was meant.
fn whole(number: &Number) -> Option<i128> {
    let whole = number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from));
    let exact = |float: &f64| float.fract() == 0.0 && float.abs() <= EXACT;
    whole.or_else(|| number.as_f64().filter(exact).map(|float| float as i128))
}

/// What a value of a shape must be, as a message says it.
fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Bool => "true or false".into(),
        Shape::Integer(width) => format!("a whole number from {} to {}", width.min(), width.max()),
        Shape::Decimal => "a number".into(),
        Shape::Text => "a string".into(),
        Shape::Json => "any value".into(),
        Shape::Option(inner) => expected(inner),
        Shape::List(item) => match item.words() {
            Some(_) => format!("a list, or a string with commas, of {}", expected(item)),
            None => "a list".into(),
        },
        Shape::Map(_) | Shape::Record(_) => "an object".into(),
        Shape::Choice(choice) => {
            let told = |word: &Word| match word.number {
                Some(number) => format!("{} ({number})", word.name),
                None => word.name.clone(),
            };
            let words = choice.words.iter().map(told).collect::<Vec<_>>().join(", ");
            let words = (!words.is_empty()).then(|| format!("one of {words}"));
            let payloads = choice.payloads.iter().map(|(_, payload)| expected(payload));
            words.into_iter().chain(payloads).collect::<Vec<_>>().join(", or ")
        }
    }
}

/// A value as a message names it: itself when it is short, or else its kind.
fn told(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) if text.len() > 40 => "a string".into(),
        other => other.to_string(),
    }
}
