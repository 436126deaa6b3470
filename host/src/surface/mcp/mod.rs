//! The tools over MCP, for all its revisions from one handler.
//!
//! - `handler` answers, for the user whom `seat` finds; `listed` is what the tools look like, `outcome` what a call's
//!   end looks like.
//! - `follow` tells how long a call waits for its turn, and calls it off when nobody waits for it any more.
//! - `connect` offers a link to a user who has not connected; `state` seals what comes back with the repeated call.
//! - `web` serves any handler: `gate` knows from where, `door` finds out who, `body` reads what; `sessions` has any
//!   host go on with the sessions of older revisions, and `ending` ends their streams with the server.
//! - `stdio` serves one user, over standard input and output.
//!
//! The crate that speaks MCP, `rmcp`, logs whole messages, with links and tickets in them: logs have to leave it out.

mod body;
mod connect;
mod door;
mod ending;
mod follow;
mod gate;
mod handler;
mod listed;
mod outcome;
mod seat;
mod sessions;
mod state;
mod stdio;
#[cfg(test)]
mod tests;
mod web;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use http::Uri;
use tokio::sync::watch;

use super::caller::Callers;
use super::calls::Calls;
use crate::accounts::Accounts;
use door::Door;
use handler::Handler;
use seat::{Place, Toolbox};
use sessions::Shared;

pub(crate) use seat::Opened;
pub(crate) use stdio::serve as stdio;
pub use web::service;

/// How MCP is served.
#[derive(Clone, Debug)]
pub struct McpSettings {
    /// Origins of web pages that may call it, such as `https://app.example.com`. Programs send none.
    pub origins: Vec<String>,
    /// Names by which it may be called, with a port or without; those of this machine are understood.
    pub hosts: Vec<String>,
    /// What says that the server is to end, by its other side being dropped: streams that answer no request end then.
    pub stopped: Option<watch::Receiver<()>>,
    /// Proxies of ours in front of it: so many addresses of `X-Forwarded-For` are believed.
    pub proxies: u8,
    /// Whether tools are listed with the schemas of their answers: some clients check by them, and all pay for them.
    pub output_schemas: bool,
    /// Sessions of older revisions in memory at a time, in all; each takes about 60 kB. Above it, one makes way of who has
    /// the most. With accounts it comes back when it is used.
    pub sessions: usize,
    /// Sessions of one caller in memory. Of who makes more, the one makes way that was not used for the longest time.
    pub sessions_each: usize,
}

impl Default for McpSettings {
    /// No web pages, this machine's names, no proxies, with schemas; 4,096 sessions, 2,048 of them one caller's.
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            hosts: Vec::new(),
            stopped: None,
            proxies: 0,
            output_schemas: true,
            sessions: 4096,
            sessions_each: 2048,
        }
    }
}

/// The tools at `/mcp`, for who shows a token. Our own public URL names it, and its pages may call.
pub(crate) fn router(
    calls: Arc<Calls>,
    accounts: Arc<Accounts>,
    callers: Arc<Callers>,
    settings: &McpSettings,
) -> Router {
    let own: Option<Uri> = accounts.public_url().parse().ok();
    let mut settings = settings.clone();
    settings.hosts.extend(own.iter().filter_map(Uri::authority).map(ToString::to_string));
    settings.origins.push(accounts.public_url().to_owned());
    let toolbox = Arc::new(Toolbox::new(calls, Some(Arc::clone(&accounts)), &settings));
    let shared = Arc::new(Shared::new(Arc::clone(&accounts)));
    let handler = Arc::new(Handler::new(Place::Web(toolbox, accounts)));
    let door = Arc::new(Door::new(callers, settings.proxies));
    let make = move || Arc::clone(&handler);
    web::guarded(make, &settings, Some(shared), |routes| routes.layer(from_fn_with_state(door, door::enter)))
}
