//! Attacks by name.

use std::fmt::Display;

use crate::bindings::freshdesk::tools::types::{Error, Surprise};
use crate::tools::Tool;
use crate::{bodies, destinations, headers, lies, requests, routes, space, time, world};

/// What an attack got of the helpdesk's answer, as text, or what it met instead.
pub(crate) type Loot = Result<String, Error>;

/// An attack: it runs in place of a tool, with what it is to be tried with.
pub(crate) type Attack = fn(&Tool, &str) -> Loot;

/// All attacks, by topic.
const ATTACKS: [&[(&str, Attack)]; 9] = [
    &destinations::ATTACKS,
    &routes::ATTACKS,
    &headers::ATTACKS,
    &bodies::ATTACKS,
    &requests::ATTACKS,
    &time::ATTACKS,
    &space::ATTACKS,
    &world::ATTACKS,
    &lies::ATTACKS,
];

/// Runs the attack that `text` names; `attacks` tells the names of all.
pub(crate) fn run(tool: &Tool, text: &str) -> Loot {
    let (name, with) = text.split_once(' ').unwrap_or((text, ""));
    if name == "attacks" {
        let names: Vec<_> = ATTACKS.into_iter().flatten().map(|(name, _)| *name).collect();
        return Err(met(names.join(" ")));
    }
    match ATTACKS.into_iter().flatten().find(|(known, _)| *known == name) {
        Some((_, attack)) => attack(tool, with),
        None => Err(met(format_args!("no attack is named {name}"))),
    }
}

/// What an attack met.
pub(crate) fn met(what: impl Display) -> Error {
    Error::Unexpected(Surprise { status: None, detail: what.to_string(), request_id: None })
}
