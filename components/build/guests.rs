//! Runs cargo for the guests: another target, another profile, and a target directory of their own, because the outer
//! cargo holds the lock of its own one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::paths;

pub(crate) const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "guest";

/// A heap of 1 MiB from the start, which is enough for all but long lists. A memory that grows is made larger page by page of
/// 64 kB, by a system call each, which stops all threads of the host, and another when it is used again.
const HEAP: &str = "-Clink-arg=--initial-heap=1048576";

/// What separates flags in the variable that overrules all other settings of them.
const BETWEEN: &str = "\x1f";

/// The guests as components, names included.
pub(crate) struct Guests {
    pub(crate) plugin: Vec<u8>,
    pub(crate) adapter: Vec<u8>,
}

/// Builds both guests, below `out`.
pub(crate) fn build(out: &Path) -> Result<Guests> {
    for source in ["../label", "../plugin", "../adapters", "../wit", "../Cargo.toml", "build"] {
        println!("cargo::rerun-if-changed={source}");
    }
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("cargo sets CARGO_MANIFEST_DIR")?);
    let root = own.parent().context("this crate lies in the workspace")?.to_owned();
    let target = out.join("guests");
    install_target(&root)?;
    let flags = [vec![HEAP.to_owned()], paths::alike(&root, &target)?].concat().join(BETWEEN);
    // For who builds more guests: most of what they are made of is there then.
    println!("cargo::metadata=guests_target={}", target.display());
    println!("cargo::metadata=guests_flags={flags}");
    let built = tool("CARGO", "cargo")
        .current_dir(&root)
        .args(["build", "--package", "freshdesk-plugin", "--package", "env-credentials"])
        .args(["--target", TARGET, "--profile", PROFILE, "--locked", "--target-dir"])
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags)
        .status()
        .context("cannot run cargo for the guests")?;
    ensure!(built.success(), "the guests do not build for {TARGET}: see above");

    let read = |name: &str| {
        let path = target.join(TARGET).join(PROFILE).join(name);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    Ok(Guests { plugin: read("freshdesk_plugin.wasm")?, adapter: read("env_credentials.wasm")? })
}

/// Adds the target's standard library where it is missing.
fn install_target(root: &Path) -> Result<()> {
    if has_target(root)? {
        return Ok(());
    }
    println!("cargo::warning=adding the target {TARGET} with rustup");
    let added = tool("", "rustup").current_dir(root).args(["target", "add", TARGET]).status();
    if !matches!(added, Ok(status) if status.success()) || !has_target(root)? {
        bail!("the target {TARGET} is not installed and could not be added: run `rustup target add {TARGET}`");
    }
    Ok(())
}

fn has_target(root: &Path) -> Result<bool> {
    let asked = tool("RUSTC", "rustc")
        .current_dir(root)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .context("cannot run rustc")?;
    let directory = String::from_utf8_lossy(&asked.stdout);
    Ok(asked.status.success() && Path::new(directory.trim()).is_dir())
}

/// A program of the toolchain, without what the outer cargo set for the crate it builds now, and without what would have the
/// guests built otherwise than elsewhere.
pub(crate) fn tool(variable: &str, name: &str) -> Command {
    let mut command = Command::new(env::var_os(variable).unwrap_or_else(|| name.into()));
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
        command.env_remove(inherited);
    }
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PROFILE_") {
            command.env_remove(name);
        }
    }
    command
}
