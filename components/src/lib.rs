//! The two artefacts, as bytes: built for `wasm32-wasip2` by this crate's build script.
//!
//! `cargo run -p freshdesk-components` writes them to files and prints what they are made of. One source makes one digest,
//! wherever it is built: `packaging/twice` shows it.

/// `freshdesk.wasm`: the plugin, which imports its credentials from the host.
pub const PLUGIN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/freshdesk.wasm"));

/// The digest of [`PLUGIN`], by which a host knows it again: `sha256:` and hexadecimal digits.
pub const PLUGIN_DIGEST: &str = env!("FRESHDESK_DIGEST");

/// `freshdesk-env.wasm`: the plugin composed with the adapter that reads credentials from environment variables.
pub const PLUGIN_WITH_ENV: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/freshdesk-env.wasm"));

/// The digest of [`PLUGIN_WITH_ENV`].
pub const PLUGIN_WITH_ENV_DIGEST: &str = env!("FRESHDESK_ENV_DIGEST");

/// The plugin with the names of its functions, for [`report`].
const PLUGIN_WITH_NAMES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/freshdesk-with-names.wasm"));

pub mod report;

/// The report on the plugin.
///
/// # Errors
///
/// Fails when the built component is no valid WebAssembly, which the build would have noticed.
pub fn report() -> anyhow::Result<report::Report> {
    report::Report::of(PLUGIN, PLUGIN_WITH_NAMES)
}
