//! The plugin: ten Freshdesk tools in a component that holds no key.
//!
//! In the order of a call:
//!
//! - `tickets`, `contacts`, `agents`: one file per interface of the contract, one function per tool.
//! - `check`: refuses what Freshdesk would refuse, before it costs a request.
//! - `freshdesk`: speaks HTTP; the only file that knows how a request leaves.
//! - `request`, `answer`: what a request is made of, and what came back.
//! - `refusal`: reads what Freshdesk says when it says no.
//! - `object`, `words`: read its objects without ever failing on them, and turn its numbers into words.
//! - `fuzz`: what must hold of `refusal` and `answer`, whatever they are given.

mod agents;
mod answer;
mod check;
mod contacts;
mod freshdesk;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod object;
mod refusal;
mod request;
mod tickets;
mod words;

#[allow(unsafe_code, missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated from the contract")]
mod bindings {
    wit_bindgen::generate!({ world: "plugin", path: "../wit" });
}

/// The component's exports.
struct Plugin;

#[cfg(target_family = "wasm")]
#[allow(unsafe_code, reason = "the generated export functions")]
mod export {
    crate::bindings::export!(Plugin with_types_in crate::bindings);
    use crate::Plugin;
}
