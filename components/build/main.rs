//! Builds the guests for `wasm32-wasip2` with a cargo of their own, and makes the two artefacts of them.

mod compose;
mod docs;
mod guests;
mod paths;
mod sections;

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let guests = guests::build(&out)?;
    let docs = docs::read()?;

    let plugin = sections::without_names(&guests.plugin)?;
    let adapter = sections::without_names(&guests.adapter)?;
    let composed = compose::plug(&adapter, &plugin)?;

    let plugin = docs.attach_for_decoders(plugin)?;
    let composed = docs.attach_for_wassette(composed)?;
    println!("cargo::rustc-env=FRESHDESK_DIGEST={}", digest(&plugin));
    println!("cargo::rustc-env=FRESHDESK_ENV_DIGEST={}", digest(&composed));
    fs::write(out.join("freshdesk.wasm"), plugin)?;
    fs::write(out.join("freshdesk-env.wasm"), composed)?;
    // Kept for the report of sizes, which needs the names.
    fs::write(out.join("freshdesk-with-names.wasm"), guests.plugin)?;
    Ok(())
}

/// What an artefact is known by.
fn digest(artefact: &[u8]) -> String {
    let digits: String = Sha256::digest(artefact).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
