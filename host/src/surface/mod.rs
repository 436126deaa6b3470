//! Where callers come in. A surface decodes, calls, and translates what comes back once.
//!
//! - `page` is for the users who connect; `mcp` and `api` are for agents and the applications that run them.
//! - `caller` finds out who calls, `calls` runs a tool for an agent, `shape` makes of its answer what is fit for a model,
//!   `metrics` counts, and `health` tells who operates the host how it is.
//! - `listen` is the server, which bears clients that are slow or many, and `rate` counts them; `whole` reads bodies within bounds, and
//!   `headers` is what browsers are told.

pub(crate) mod api;
pub(crate) mod caller;
pub(crate) mod calls;
mod headers;
pub(crate) mod health;
pub(crate) mod listen;
pub(crate) mod mcp;
pub(crate) mod metrics;
pub(crate) mod page;
pub(crate) mod rate;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
pub(crate) mod whole;
