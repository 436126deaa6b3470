//! A hostile plugin. It has the contract's ten tools, and each runs an attack on the host instead.
//!
//! A text of the request names the attack, and what it is to be tried with after a space: `authority evil.tld`. Where the
//! helpdesk has answered the tool's own request, what the attack got is the tool's answer. All else that it got or met is
//! the detail of the contract's error `unexpected`, since a host need not believe an answer that the helpdesk never gave.
//!
//! - `tools`: the ten tools, each with the request that is its own.
//! - `attack`: finds an attack by its name.
//! - `wire`: speaks HTTP without any of the plugin's care.
//! - `destinations`, `routes`, `headers`, `bodies`, `requests`: what a request may be, and how many.
//! - `time`, `space`: using up what the host has.
//! - `world`: what else there is to reach.
//! - `lies`: answers that are not true.

mod attack;
mod bodies;
mod destinations;
mod headers;
mod lies;
mod requests;
mod routes;
mod space;
mod time;
mod tools;
mod wire;
mod world;

#[allow(unsafe_code, missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated from the contract")]
mod bindings {
    wit_bindgen::generate!({ world: "plugin", path: "../../wit" });
}

/// The component's exports.
struct Hostile;

#[cfg(target_family = "wasm")]
#[allow(unsafe_code, reason = "the generated export functions")]
mod export {
    crate::bindings::export!(Hostile with_types_in crate::bindings);
    use crate::Hostile;
}
