//! Connected accounts as an operator and a user meet them: the real command, a real store, a real browser.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod browser;
mod canary;
mod client;
mod commands;
mod core_file;
mod gone;
mod hosts;
mod keeping;
mod kept;
mod killed;
mod mcp;
mod office;
mod operated;
mod output;
mod postgres;
mod receiver;
mod revoked;
mod server;
mod store;
mod telemetry;
mod visitor;
