//! The reference host of the Freshdesk plugin: it runs the plugin in a sandbox and holds the keys outside of it.
//!
//! In the order of a call:
//!
//! - `surface`: where callers come in; `serve` has it listen.
//! - `accounts`: whose Freshdesk a call is for: many users' accounts, and how they connect.
//! - `host`: takes "this account, this tool, these arguments" and answers.
//! - `account`: one support agent's connection to one helpdesk, for as long as it is in memory.
//! - `vault` seals the keys, and `store` keeps them and the trail of their use.
//! - `sandbox`: a fresh instance of the plugin for every call, and the contract it is called by.
//! - `egress`: the one way out; checks each request and attaches the key to it.
//! - `witness`: is shown what a guest can see; `verify` looks for a key there.
//! - `webhooks`: tells tenants of what changed.
//! - `stage`: how far a call has come.
//! - `office`: the set-up that tests share.
//! - `error`: why a call was not carried out, sorted by who can put it right.
//!
//! The command `freshdesk-host` is `cli` on top of this. Hosts that drive wasmtime themselves can use [`contract`] alone.
//!
//! ```no_run
//! use std::sync::Arc;
//! use freshdesk_host::{Account, ApiKey, Host, Label, Settings};
//!
//! # async fn run(component: &[u8], key: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::new(component, &Settings::default())?;
//! let account = Arc::new(Account::new(Label::parse("acme.freshdesk.com")?, ApiKey::new(key)?));
//! let ticket = host.call(&account, "freshdesk_ticket_get", &serde_json::json!({"ticket_id": 42817})).await?;
//! println!("{}", ticket["subject"]);
//! # Ok(())
//! # }
//! ```

mod account;
#[cfg(feature = "accounts")]
mod accounts;
#[cfg(feature = "command")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "command")]
mod demo;
mod egress;
mod error;
#[cfg(all(test, feature = "accounts"))]
#[expect(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    reason = "they are properties, which the crate of the fuzzers shows"
)]
mod fuzz;
mod host;
#[cfg(feature = "accounts")]
mod mac;
#[cfg(test)]
#[cfg(feature = "accounts")]
mod office;
mod sandbox;
#[cfg(feature = "accounts")]
pub mod serve;
mod stage;
#[cfg(feature = "accounts")]
mod store;
#[cfg(feature = "accounts")]
mod surface;
#[cfg(feature = "accounts")]
mod vault;
#[cfg(feature = "command")]
pub mod verify;
#[cfg(feature = "accounts")]
mod webhooks;
mod witness;

/// MCP for other handlers than ours, for the official conformance suite.
#[cfg(feature = "command")]
#[doc(hidden)]
pub mod mcp {
    pub use crate::surface::mcp::{McpSettings, service};
}

pub use account::{Account, ApiKey, InvalidKey, Person};
#[cfg(feature = "command")]
#[doc(hidden)]
pub use accounts::Times;
#[cfg(feature = "accounts")]
pub use accounts::{
    Accounts, AccountsError, Caller, Event, InvalidUser, Keeping, LinkWish, NewLink, Record, Rotation, State, Tenant,
    TenantWish, Token, TokenWish, User, Verification, Wish,
};
pub use egress::{Development, EgressError};
pub use error::{Blame, CallError};
pub use freshdesk_label::{InvalidLabel, Label};
pub use host::{Host, Settings, SetupError};
pub use sandbox::contract::{self, Tool, ToolError};
pub use sandbox::{Digest, InvalidDigest, SandboxError};
pub use stage::{Stage, Stages};
#[cfg(feature = "accounts")]
pub use store::{Database, StoreError};
#[cfg(feature = "accounts")]
pub use vault::{RootKeys, VaultError, create_root_keys};
pub use witness::Witness;
