//! Builds the hostile component for `wasm32-wasip2` with a cargo of its own, as the plugin is built.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "guest";

fn main() -> Result<()> {
    for source in ["hostile", "../wit", "../Cargo.toml", "build.rs"] {
        println!("cargo::rerun-if-changed={source}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("cargo sets CARGO_MANIFEST_DIR")?).join("..");
    // Where and how the plugin was built: most of what the hostile component is made of is there already.
    let target = env::var_os("DEP_FRESHDESK_GUESTS_TARGET").map_or_else(|| out.join("guests"), PathBuf::from);
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What the outer cargo set for the crate that it builds now.
    for inherited in [
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
        "TARGET",
        "HOST",
    ] {
        cargo.env_remove(inherited);
    }
    if let Some(flags) = env::var_os("DEP_FRESHDESK_GUESTS_FLAGS") {
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
    }
    let built = cargo
        .current_dir(&root)
        .args(["build", "--package", "freshdesk-hostile", "--target", TARGET, "--profile", PROFILE])
        .args(["--locked", "--target-dir"])
        .arg(&target)
        .status()
        .context("cannot run cargo for the hostile component")?;
    ensure!(built.success(), "the hostile component does not build for {TARGET}: see above");
    let component = target.join(TARGET).join(PROFILE).join("freshdesk_hostile.wasm");
    fs::copy(&component, out.join("hostile.wasm")).with_context(|| format!("cannot read {}", component.display()))?;
    Ok(())
}
