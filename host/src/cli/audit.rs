//! The trail: list, verify.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::accounts::{Common, counted, shown};
use super::{moment, print};
use crate::store::records::TrailRow;

/// The trail of what was done with accounts and keys.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// List what was done, newest first
    List(List),
    /// Read the whole trail, and report what was edited, removed, moved or cut off
    ///
    /// Prints how many entries each host has: note the numbers elsewhere, since nobody can tell from the store alone that all
    /// of it was put back to an older copy. Exits with 1 when something is wrong.
    Verify(Common),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only what concerns this tenant
    #[arg(long)]
    tenant: Option<String>,
    /// How many entries
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    last: u32,
    #[command(flatten)]
    common: Common,
}

impl Audit {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await.map(|()| ExitCode::SUCCESS),
            Self::Verify(common) => verify(&common).await,
        }
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let (tenant, last) = (self.tenant.as_deref(), i64::from(self.last));
        let read = async |accounts: &crate::Accounts| {
            if let Some(tenant) = tenant {
                accounts.tenant(tenant).await?;
            }
            Ok(accounts.trail(tenant, None, last).await?)
        };
        let rows = self.common.with(read).await?;
        if self.common.json {
            return print(&Value::Array(rows.iter().map(to_json).collect()));
        }
        for row in &rows {
            anstream::println!("{}", line(row));
        }
        anstream::println!("{}", counted(rows.len(), "entry", "entries"));
        Ok(())
    }
}

async fn verify(common: &Common) -> Result<ExitCode> {
    let report = common.with(async |accounts| Ok(accounts.verify_trail().await?)).await?;
    if common.json {
        let chains: Value = report.chains.iter().map(|(host, count)| (host.clone(), json!(count))).collect();
        print(&json!({"entries": chains, "faults": report.faults}))?;
    } else {
        for (host, count) in &report.chains {
            anstream::println!("{count:>10} entries of {}", shown(host));
        }
        match report.faults.as_slice() {
            [] => anstream::println!("Nothing was edited, removed, moved or cut off."),
            faults => faults.iter().for_each(|fault| anstream::println!("  ✗ {}", shown(fault))),
        }
    }
    Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// An entry as one JSON object.
fn to_json(row: &TrailRow) -> Value {
    json!({
        "host": row.host,
        "seq": row.seq,
        "at": moment(row.at),
        "kind": row.kind,
        "tenant": row.tenant,
        "identifier": row.identifier,
        "detail": row.detail,
    })
}

/// An entry in a line: when, what, whose, and what else there is to say.
fn line(row: &TrailRow) -> String {
    let whose = [row.tenant.as_str(), row.identifier.as_str()].into_iter().filter(|part| !part.is_empty());
    let whose = whose.collect::<Vec<_>>().join("/");
    let detail = row.detail.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let detail = detail
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    let detail = detail.collect::<Vec<_>>().join(" ");
    shown(format!("{}  {:<22} {whose:<32} {detail}", moment(row.at), row.kind).trim_end())
}
