//! Keeps the paths of this machine out of the guests: panics name the files of sources, and their names would make other
//! bytes of the same source wherever it is built.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::guests::{TARGET, tool};

/// The compiler's flags that have paths named alike everywhere: those of the crates, of the standard library's sources if
/// they are installed, of what is built below `target`, and of the workspace.
pub(crate) fn alike(root: &Path, target: &Path) -> Result<Vec<String>> {
    let mut named = vec![(root.to_owned(), "/freshdesk".to_owned()), (target.to_owned(), "/target".to_owned())];
    named.extend(crates(root)?.into_iter().map(|folder| (folder, "/crates".to_owned())));
    let sources = asked(root, &["--print", "sysroot"])?;
    named.push((Path::new(sources.trim()).join("lib/rustlib/src/rust"), format!("/rustc/{}", commit(root)?)));
    // Of several that fit, the compiler takes the last.
    Ok(named.into_iter().map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display())).collect())
}

/// The folders in which the sources of crates of others lie, each in a folder of its own.
fn crates(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let told = tool("CARGO", "cargo")
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET])
        .output()
        .context("cannot run cargo to ask where the crates are")?;
    ensure!(
        told.status.success(),
        "cargo does not tell where the crates are: {}",
        String::from_utf8_lossy(&told.stderr)
    );
    let told: Value = serde_json::from_slice(&told.stdout).context("what cargo tells of the crates is no JSON")?;
    let of_others = told["packages"].as_array().into_iter().flatten().filter(|package| !package["source"].is_null());
    let manifests = of_others.filter_map(|package| package["manifest_path"].as_str());
    Ok(manifests.filter_map(|manifest| Some(Path::new(manifest).parent()?.parent()?.to_owned())).collect())
}

/// The compiler's commit, by which it names its standard library.
fn commit(root: &Path) -> Result<String> {
    let version = asked(root, &["--version", "--verbose"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    Ok(commit.context("rustc does not tell its commit")?.to_owned())
}

fn asked(root: &Path, arguments: &[&str]) -> Result<String> {
    let told = tool("RUSTC", "rustc").current_dir(root).args(arguments).output().context("cannot run rustc")?;
    Ok(String::from_utf8(told.stdout)?)
}
