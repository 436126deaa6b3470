//! Headers that are not a plugin's to send.

use wasip2::http::types::{Fields, HeaderError};

use crate::attack::{Attack, Loot, met};
use crate::tools::Tool;
use crate::wire::Request;

pub(crate) const ATTACKS: [(&str, Attack); 4] =
    [("header", header), ("header-later", header_later), ("long-header", long_header), ("trailer", trailer)];

/// The tool's own request with one more header, given as `name=value`.
fn header(tool: &Tool, header: &str) -> Loot {
    let (name, value) = header.split_once('=').unwrap_or((header, ""));
    Request::own(tool)?.with(name, value).send()?.loot()
}

/// The same, by the methods that change headers one by one: all of them, until one is not refused.
fn header_later(tool: &Tool, header: &str) -> Loot {
    let (name, value) = header.split_once('=').unwrap_or((header, ""));
    let (name, value) = (name.to_owned(), value.as_bytes().to_vec());
    let fields = Fields::new();
    let refused = |result: Result<(), HeaderError>| result.err().map(|why| met(format_args!("{why:?}")));
    let appended = refused(fields.append(&name, &value));
    let set = refused(fields.set(&name, std::slice::from_ref(&value)));
    // Of headers that are already with a request there is only a copy to be had, and that is immutable.
    let given = Request::own(tool)?.build()?.headers();
    let changed = refused(given.append(&name, &value));
    match (appended, set, changed) {
        (Some(_), Some(why), Some(_)) => Err(why),
        _ => Err(met(format_args!("{name} is set"))),
    }
}

/// The tool's own request with one header of this many bytes.
fn long_header(tool: &Tool, length: &str) -> Loot {
    let value = "x".repeat(length.parse().unwrap_or_default());
    Request::own(tool)?.with("user-agent", &value).send()?.loot()
}

/// The tool's own request with a trailer, given as `name=value`.
fn trailer(tool: &Tool, trailer: &str) -> Loot {
    let (name, value) = trailer.split_once('=').unwrap_or((trailer, ""));
    let own = Request::own(tool)?;
    Request { trailers: vec![(name.to_owned(), value.into())], ..own }.send()?.loot()
}
