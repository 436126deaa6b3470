//! What a description says, in words: fields, kinds of values, examples, paragraphs.

use serde_json::Value;

/// Something with a name: a parameter, a field, an answer.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) about: Vec<Prose>,
}

/// A paragraph, in pieces.
pub(super) type Prose = Vec<Piece>;

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Plain(String),
    Strong(String),
    Code(String),
}

/// The fields of an object's schema, those of objects in it below them.
pub(super) fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolved(document, schema);
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut found = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        // What may be left out may be null as well.
        let optional = match (required.contains(&name.as_str()), may_be_null(property)) {
            (true, true) => " or null",
            (true, false) => "",
            (false, _) => ", optional",
        };
        let kind = format!("{}{optional}", kind(document, property));
        found.push(Field { name: name.clone(), kind, about: prose(about(document, property)) });
        let (list, inner) = property.get("items").map_or(("", property), |items| ("[]", items));
        let below = fields(document, inner).into_iter();
        found.extend(below.map(|field| Field { name: format!("{name}{list}.{}", field.name), ..field }));
    }
    found
}

/// What kind of value a schema is of, in words.
pub(super) fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let words: Vec<_> = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let bounds = match (&schema["minimum"], &schema["maximum"], &schema["maxLength"]) {
        (Value::Number(least), Value::Number(most), _) => format!(", {least} to {most}"),
        (_, _, Value::Number(longest)) => format!(", at most {longest} characters"),
        _ => String::new(),
    };
    let plain = match kinds(schema).into_iter().find(|kind| *kind != "null").unwrap_or_default() {
        "integer" => "whole number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "string" if !words.is_empty() => format!("one of {}", words.join(", ")),
        "string" if schema["format"] == "date-time" => "time".to_owned(),
        "string" => "text".to_owned(),
        "array" if kinds(resolved(document, &schema["items"])) == ["string"] => "list of texts".to_owned(),
        "array" => "list of objects".to_owned(),
        _ => "object".to_owned(),
    };
    let default = match &schema["default"] {
        Value::Null => String::new(),
        default => format!(", {} by default", shown(default)),
    };
    format!("{plain}{bounds}{default}")
}

/// The operation as a command line.
pub(super) fn curl(path: &str, method: &str, operation: &Value, body: &Value) -> String {
    let (mut path, mut lines) = (path.to_owned(), Vec::new());
    if operation.get("security").is_none() {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, example) = (text(&parameter["name"]), &parameter["example"]);
        match text(&parameter["in"]) {
            _ if example.is_null() => {}
            "path" => path = path.replace(&format!("{{{name}}}"), &shown(example)),
            "header" => lines.push(format!("-H '{name}: {}'", shown(example))),
            _ => path.push_str(&format!("{}{name}={}", if path.contains('?') { '&' } else { '?' }, shown(example))),
        }
    }
    if !body.is_null() {
        lines.push(format!("--json '{body}'"));
    }
    let verb = if matches!(method, "get" | "post") { String::new() } else { format!("-X {} ", method.to_uppercase()) };
    let lines: String = lines.into_iter().map(|line| format!(" \\\n  {line}")).collect();
    format!("curl {verb}\"$HOST{path}\"{lines}")
}

/// Paragraphs of Markdown, of which the page knows code and what is strong.
pub(super) fn prose(text: &str) -> Vec<Prose> {
    text.split("\n\n").map(pieces).filter(|paragraph| !paragraph.is_empty()).collect()
}

fn pieces(paragraph: &str) -> Prose {
    let mut pieces = Vec::new();
    for (at, part) in paragraph.trim().replace('\n', " ").split('`').enumerate() {
        match at % 2 {
            1 => pieces.push(Piece::Code(part.to_owned())),
            _ => pieces.extend(part.split("**").enumerate().map(|(at, part)| match at % 2 {
                1 => Piece::Strong(part.to_owned()),
                _ => Piece::Plain(part.to_owned()),
            })),
        }
    }
    pieces.retain(|piece| !matches!(piece, Piece::Plain(text) if text.is_empty()));
    pieces
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A schema, or the one that it refers to; of one that may be null, what it is else.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return resolved(document, &document["components"]["schemas"][name]);
    }
    not_null(schema).map_or(schema, |only| resolved(document, only))
}

/// The one alternative of a schema beside null.
fn not_null(schema: &Value) -> Option<&Value> {
    let others = schema["oneOf"].as_array()?.iter().filter(|one| !is_null(one));
    match others.collect::<Vec<_>>()[..] {
        [only] => Some(only),
        _ => None,
    }
}

fn may_be_null(schema: &Value) -> bool {
    kinds(schema).contains(&"null") || schema["oneOf"].as_array().is_some_and(|all| all.iter().any(is_null))
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    }
}

/// What a schema says of itself, before what the one says that it refers to.
fn about<'a>(document: &'a Value, schema: &'a Value) -> &'a str {
    let places = [Some(schema), not_null(schema), Some(resolved(document, schema))];
    places
        .into_iter()
        .flatten()
        .map(|place| text(&place["description"]))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// A value as it is written on a command line.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_told_in_pieces() {
        let plain = |text: &str| Piece::Plain(text.to_owned());
        let expected = vec![
            vec![
                plain("A "),
                Piece::Strong("tenant".to_owned()),
                plain(" has "),
                Piece::Code("a**b**".to_owned()),
                plain("."),
            ],
            vec![plain("Two lines.")],
        ];
        assert_eq!(prose("A **tenant** has `a**b**`.\n\nTwo\nlines.\n\n"), expected);
    }
}
