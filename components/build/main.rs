//! Builds the guests for `wasm32-wasip2` with a cargo of their own, and makes the two artefacts of them.

mod compose;
mod docs;
mod guests;
mod sections;

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let guests = guests::build(&out)?;
    let docs = docs::read()?;

    let plugin = sections::without_names(&guests.plugin)?;
    let adapter = sections::without_names(&guests.adapter)?;
    let composed = compose::plug(&adapter, &plugin)?;

    fs::write(out.join("freshdesk.wasm"), docs.attach_for_decoders(plugin)?)?;
    fs::write(out.join("freshdesk-env.wasm"), docs.attach_for_wassette(composed)?)?;
    // Kept for the report of sizes, which needs the names.
    fs::write(out.join("freshdesk-with-names.wasm"), guests.plugin)?;
    Ok(())
}
