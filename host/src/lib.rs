//! The reference host of the Freshdesk plugin: it runs the plugin in a sandbox and holds the keys outside of it.
//!
//! In the order of a call:
//!
//! - `host`: takes "this account, this tool, these arguments" and answers.
//! - `account`: one support agent's connection to one helpdesk, key included.
//! - `sandbox`: a fresh instance of the plugin for every call, and the contract it is called by.
//! - `egress`: the one way out; checks each request and attaches the key to it.
//! - `witness`: is shown what a guest can see; `verify` looks for a key there.
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
mod host;
mod sandbox;
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

pub use account::{Account, ApiKey, InvalidKey, Person};
pub use egress::{Development, EgressError};
pub use error::{Blame, CallError};
pub use freshdesk_label::{InvalidLabel, Label};
pub use host::{Host, Settings, SetupError};
pub use sandbox::SandboxError;
pub use sandbox::contract::{self, Tool, ToolError};
pub use witness::Witness;
