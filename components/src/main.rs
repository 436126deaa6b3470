//! Writes `freshdesk.wasm` and `freshdesk-env.wasm`, and prints what the plugin is made of.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};

/// Where the files go unless a directory is named.
const DIRECTORY: &str = "target/components";

fn main() -> Result<()> {
    let directory = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| DIRECTORY.into()));
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    for (name, bytes, digest) in [
        ("freshdesk.wasm", freshdesk_components::PLUGIN, freshdesk_components::PLUGIN_DIGEST),
        ("freshdesk-env.wasm", freshdesk_components::PLUGIN_WITH_ENV, freshdesk_components::PLUGIN_WITH_ENV_DIGEST),
    ] {
        let path = directory.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{:>9} bytes  {digest}  {}", bytes.len(), path.display());
    }
    println!("\nfreshdesk.wasm:\n{}", freshdesk_components::report()?);
    Ok(())
}
