//! Bodies that are too long, never whole, or something else than they are said to be; and all of an answer's body.

use serde_json::{Map, Value};
use wasip2::http::outgoing_handler;
use wasip2::http::types::OutgoingBody;

use crate::attack::{Attack, Loot, met};
use crate::tools::Tool;
use crate::wire::{self, Answer, Request};

pub(crate) const ATTACKS: [(&str, Attack); 11] = [
    ("says", says),
    ("says-as", says_as),
    ("adds", adds),
    ("drops", drops),
    ("long-body", long_body),
    ("endless-body", endless_body),
    ("unfinished-body", unfinished_body),
    ("dropped-body", dropped_body),
    ("zeroes", zeroes),
    ("content-length", content_length),
    ("everything", everything),
];

/// The tool's own request with another body.
fn says(tool: &Tool, body: &str) -> Loot {
    Request { body: Some(body.into()), ..Request::own(tool)? }.send()?.loot()
}

/// The tool's own request with another body of another type, given as `type|body`.
fn says_as(tool: &Tool, what: &str) -> Loot {
    let (content_type, body) = what.split_once('|').unwrap_or((what, ""));
    let own = Request { body: Some(body.into()), headers: Vec::new(), ..Request::own(tool)? };
    own.with("content-type", content_type).send()?.loot()
}

/// The tool's own request, in which these fields of JSON are added or replaced.
fn adds(tool: &Tool, more: &str) -> Loot {
    let (mut own, more) = (fields(tool.body.as_deref().unwrap_or_default()), fields(more));
    own.extend(more);
    says(tool, &Value::Object(own).to_string())
}

/// The tool's own request without this field.
fn drops(tool: &Tool, field: &str) -> Loot {
    let mut own = fields(tool.body.as_deref().unwrap_or_default());
    own.remove(field);
    says(tool, &Value::Object(own).to_string())
}

fn fields(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The tool's own request with a body of this many bytes.
fn long_body(tool: &Tool, length: &str) -> Loot {
    let text = "x".repeat(length.parse().unwrap_or_default());
    says(tool, &format!(r#"{{"subject":"{text}"}}"#))
}

/// A body that goes on for as long as the host takes it.
fn endless_body(tool: &Tool, _: &str) -> Loot {
    let request = Request::own(tool)?.build()?;
    let body = request.body().map_err(|()| met("no such body"))?;
    let coming = outgoing_handler::handle(request, None).map_err(wire::code)?;
    let stream = body.write().map_err(|()| met("no stream"))?;
    let piece = vec![b' '; 4096];
    while stream.blocking_write_and_flush(&piece).is_ok() {}
    drop((stream, body));
    Answer::wait(&coming)?.loot()
}

/// A body that never ends, although nothing more comes of it.
fn unfinished_body(tool: &Tool, _: &str) -> Loot {
    let request = Request::own(tool)?.build()?;
    let body = request.body().map_err(|()| met("no such body"))?;
    let coming = outgoing_handler::handle(request, None).map_err(wire::code)?;
    let _ = wire::write(&body, tool.body.as_deref().unwrap_or_default().as_bytes());
    let answer = Answer::wait(&coming)?;
    drop(body);
    answer.loot()
}

/// A body that is whole JSON, and then is not finished but dropped.
fn dropped_body(tool: &Tool, _: &str) -> Loot {
    let request = Request::own(tool)?.build()?;
    let body = request.body().map_err(|()| met("no such body"))?;
    let coming = outgoing_handler::handle(request, None).map_err(wire::code)?;
    let _ = wire::write(&body, tool.body.as_deref().unwrap_or_default().as_bytes());
    drop(body);
    Answer::wait(&coming)?.loot()
}

/// As many zeros as can be counted, written by the host itself.
fn zeroes(tool: &Tool, _: &str) -> Loot {
    let request = Request::own(tool)?.build()?;
    let body = request.body().map_err(|()| met("no such body"))?;
    let stream = body.write().map_err(|()| met("no stream"))?;
    match stream.write_zeroes(u64::MAX) {
        Ok(()) => Err(met("zeros without end")),
        Err(why) => Err(met(format_args!("{why:?}"))),
    }
}

/// The tool's own request, whose body is longer or shorter than its header says.
fn content_length(tool: &Tool, length: &str) -> Loot {
    let request = Request::own(tool)?.with("content-length", length).build()?;
    let body = request.body().map_err(|()| met("no such body"))?;
    let coming = outgoing_handler::handle(request, None).map_err(wire::code)?;
    let _ = wire::write(&body, tool.body.as_deref().unwrap_or_default().as_bytes());
    let _ = OutgoingBody::finish(body, None);
    Answer::wait(&coming)?.loot()
}

/// All that the helpdesk answers to the tool's own request.
fn everything(tool: &Tool, _: &str) -> Loot {
    Request::own(tool)?.send()?.loot()
}
