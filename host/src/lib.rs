//! The reference host of the Freshdesk plugin: it runs the plugin in a sandbox and holds the keys outside of it.
//!
//! In the order of a call:
//!
//! - [`host`]: takes "this account, this tool, these arguments" and answers.
//! - [`account`]: one support agent's connection to one helpdesk, key included.
//! - [`sandbox`]: a fresh instance of the plugin for every call, and the contract it is called by.
//! - [`egress`]: the one way out; checks each request and attaches the key to it.
//! - [`error`]: why a call was not carried out, sorted by who can put it right.
//!
//! The command `freshdesk-host` is [`cli`] on top of this.
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

pub mod account;
#[cfg(feature = "command")]
pub mod cli;
#[cfg(feature = "command")]
mod demo;
pub mod egress;
pub mod error;
pub mod host;
pub mod sandbox;

pub use account::{Account, ApiKey, Label};
pub use egress::Development;
pub use error::{Blame, CallError};
pub use host::{Host, Settings, SetupError};
pub use sandbox::contract::{Tool, ToolError};
