//! Supplies the plugin's credentials import from the environment, for hosts that cannot supply it themselves.
//!
//! | variable | what |
//! |---|---|
//! | `FRESHDESK_DOMAIN` | the helpdesk: `acme`, or `acme.freshdesk.com` |
//! | `FRESHDESK_API_KEY` | the support agent's API key |
//! | `FRESHDESK_BASE_URL` | instead of the domain: a simulator on this machine, `http://127.0.0.1:8080` |
//!
//! Composed with this adapter, the key does pass through the sandbox: see SECURITY.md.

mod target;

use base64::prelude::{BASE64_STANDARD, Engine};
use bindings::exports::freshdesk::tools::credentials::{Authorization, Guest, Helpdesk};
use bindings::freshdesk::tools::types::Error;

#[allow(unsafe_code, missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated from the contract")]
mod bindings {
    wit_bindgen::generate!({ world: "credentials-adapter", path: "../../wit" });
}

struct Adapter;

impl Guest for Adapter {
    fn get() -> Result<Helpdesk, Error> {
        let base_url = target::base_url(&variable("FRESHDESK_DOMAIN"), &variable("FRESHDESK_BASE_URL"))
            .map_err(Error::NotConnected)?;
        let key = variable("FRESHDESK_API_KEY");
        // A colon or a space would end the user name that the key is in HTTP Basic authentication.
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
            return Err(Error::NotConnected("set FRESHDESK_API_KEY to the API key of a support agent".to_owned()));
        }
        let authorization = Authorization::Header(format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:X"))));
        Ok(Helpdesk { base_url, authorization })
    }
}

/// A variable's value, trimmed; empty when it is not set, because some hosts set what was left empty.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default().trim().to_owned()
}

#[cfg(target_family = "wasm")]
#[allow(unsafe_code, reason = "the generated export functions")]
mod export {
    use crate::Adapter;
    crate::bindings::export!(Adapter with_types_in crate::bindings);
}
