//! The vault: rotate, verify.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use super::accounts::Common;
use super::print;

/// The vault in which the keys are sealed.
#[derive(Debug, Subcommand)]
pub(super) enum Vault {
    /// Put a new root key in front, and wrap everything by it; calls go on meanwhile
    ///
    /// Where root keys do not come from a file, put the new line second everywhere first, then first, then rotate. Exits
    /// with 1 when something could not be wrapped anew, and when there was nothing to do because the source has no new
    /// first line.
    Rotate(Rotate),
    /// Open everything that is sealed, and report what does not open
    ///
    /// Exits with 1 when something does not.
    Verify(Common),
}

#[derive(Args, Debug)]
pub(super) struct Rotate {
    /// Take root keys that wrap nothing any more out of the file: older backups of the store do not open any more
    ///
    /// The root key that sealed until now stays: the next rotation retires it at the earliest. Refused where root keys do
    /// not come from a file.
    #[arg(long)]
    retire: bool,
    #[command(flatten)]
    common: Common,
}

impl Vault {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Rotate(rotate) => rotate.run().await,
            Self::Verify(common) => verify(&common).await,
        }
    }
}

impl Rotate {
    async fn run(self) -> Result<ExitCode> {
        let done = self.common.with(async |accounts| Ok(accounts.vault_rotate(self.retire).await?)).await?;
        if self.common.json {
            print(&json!({
                "primary": done.primary,
                "added": done.added,
                "rewrapped": done.rewrapped,
                "failed": done.failed,
                "retired": done.retired,
                "before": done.before,
                "left": done.left,
            }))?;
        }
        if done.added.is_none() && done.rewrapped == 0 && done.failed.is_empty() {
            anstream::eprintln!(
                "freshdesk-host: nothing was rotated: root key {} wraps everything already. Give the source of the root \
                 keys a new first line, and rotate again",
                done.primary
            );
            return Ok(ExitCode::from(1));
        }
        if self.common.json {
            return Ok(code(&done.failed));
        }
        anstream::println!("root key {} seals now: {} secrets were wrapped anew", done.primary, done.rewrapped);
        for id in &done.retired {
            anstream::println!("root key {id} wrapped nothing any more, and is gone");
        }
        for (id, count) in &done.left {
            anstream::println!("root key {id} is still there, and wraps {count}");
        }
        if let Some(id) = &done.before {
            anstream::println!("root key {id} sealed until now: the next rotation with --retire takes it out");
        }
        failures(&done.failed);
        Ok(code(&done.failed))
    }
}

async fn verify(common: &Common) -> Result<ExitCode> {
    let seen = common.with(async |accounts| Ok(accounts.vault_verify().await?)).await?;
    if common.json {
        print(&json!({"opened": seen.opened, "failed": seen.failed, "by_root_key": seen.by_root_key}))?;
        return Ok(code(&seen.failed));
    }
    anstream::println!("{} secrets open, {} do not", seen.opened, seen.failed.len());
    for (id, count) in &seen.by_root_key {
        anstream::println!("root key {id} wraps {count}");
    }
    failures(&seen.failed);
    Ok(code(&seen.failed))
}

fn failures(failed: &[String]) {
    for failure in failed {
        anstream::eprintln!("freshdesk-host: {failure}");
    }
}

fn code(failed: &[String]) -> ExitCode {
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
