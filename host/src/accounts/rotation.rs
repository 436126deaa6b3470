//! Changing root keys while calls go on, and looking whether all that is sealed opens.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::task::JoinSet;
use tracing::info;

use super::{Accounts, AccountsError};
use crate::store::Store;
use crate::store::records::{Entry, SealedRow};
use crate::vault::{Place, RootKeys, Vault};

/// Secrets of a page.
const PAGE: i64 = 500;

/// How often all is gone through: hosts that have not read the new ring yet seal by the old key for a second.
const PASSES: u32 = 10;

/// Time between two passes that found something: other hosts read the ring again after a second.
const BETWEEN_PASSES: std::time::Duration = std::time::Duration::from_millis(1500);

/// What is wrong with a secret of no known purpose.
const UNKNOWN: &str = "nobody knows what it is for";

/// What a rotation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// The root key that seals now.
    pub primary: String,
    /// The root key that was added to the file; none where the keys come from elsewhere, and the operator adds it
    /// there.
    pub added: Option<String>,
    /// Secrets that were wrapped anew.
    pub rewrapped: u64,
    /// Secrets that could not be, each with the reason.
    pub failed: Vec<String>,
    /// Root keys that wrap nothing any more and were taken out of the file.
    pub retired: Vec<String>,
    /// The root key that sealed until now, where another does since. Who began to seal by it a moment ago may end only
    /// now: it is retired by the next rotation at the earliest.
    pub before: Option<String>,
    /// Root keys besides the primary that are still there, and how many secrets each wraps.
    pub left: BTreeMap<String, u64>,
}

/// What looking at all that is sealed showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Root keys and how many secrets each wraps.
    pub by_root_key: BTreeMap<String, u64>,
    /// Secrets that open.
    pub opened: u64,
    /// Secrets that do not, each with the reason.
    pub failed: Vec<String>,
}

impl Accounts {
    /// Puts a new root key in front, where keys are in a file, and wraps everything by it; calls go on meanwhile. With
    /// `retire`, root keys that wrap nothing any more are taken out of the file, but for the one that sealed until now:
    /// then backups that were made before open no more. Can be broken off and done again.
    ///
    /// # Errors
    ///
    /// Fails when a new key cannot be added or the store does not answer: what it did until then stands. Fails with
    /// `retire` where keys are not in a file, before it does anything.
    pub async fn vault_rotate(&self, retire: bool) -> Result<Rotation, AccountsError> {
        let in_file = matches!(self.root_keys, RootKeys::File(_));
        if retire && !in_file {
            return Err(AccountsError::refused(format!(
                "root keys are retired from a file only: take them out of {} yourself, once `vault verify` shows \
                 nothing of them",
                self.root_keys
            )));
        }
        let mut known = self.vault.known()?.into_iter();
        let sealed_by = known.next();
        let added = if in_file { Some(self.vault.add_root_key()?) } else { None };
        let primary = self.vault.primary()?;
        self.tell("vault.rotating", json!({"primary": primary, "added": added})).await?;
        let before = sealed_by.filter(|before| *before != primary);
        let mut rotation = Rotation { primary: primary.clone(), added, before, ..Rotation::default() };
        for pass in 0..PASSES {
            if pass > 0 {
                tokio::time::sleep(BETWEEN_PASSES).await;
            }
            rotation.failed.clear();
            let rewrapped = self.rewrap_all(&mut rotation).await?;
            rotation.rewrapped += rewrapped;
            if rewrapped == 0 && pass > 0 {
                break;
            }
        }
        rotation.left = self.others(&primary).await?;
        if retire && rotation.failed.is_empty() {
            for id in known.filter(|id| rotation.left.get(id) == Some(&0)).collect::<Vec<_>>() {
                self.vault.retire_root_key(&id)?;
                rotation.left.remove(&id);
                rotation.retired.push(id);
            }
        }
        let detail = json!({
            "primary": primary,
            "rewrapped": rotation.rewrapped,
            "failed": rotation.failed.len(),
            "retired": rotation.retired,
        });
        self.tell("vault.rotated", detail).await?;
        info!(primary, rewrapped = rotation.rewrapped, failed = rotation.failed.len(), "root keys were rotated");
        Ok(rotation)
    }

    /// Opens everything that is sealed, and forgets it at once.
    ///
    /// # Errors
    ///
    /// Fails when the store does not answer. Secrets that do not open are in the answer.
    pub async fn vault_verify(&self) -> Result<Verification, AccountsError> {
        self.tell("vault.verifying", json!({})).await?;
        let mut seen = Verification::default();
        let mut pages = self.pages();
        while let Some(rows) = pages.next().await? {
            for row in &rows {
                let id = Vault::root_key_of(&row.sealed.data_key).unwrap_or_else(|_| "unreadable".to_owned());
                *seen.by_root_key.entry(id).or_default() += 1;
                match place(row).map(|place| self.vault.open(&place, &row.sealed)) {
                    Some(Ok(_)) => seen.opened += 1,
                    Some(Err(why)) => seen.failed.push(format!("{}: {why}", label(row))),
                    None => seen.failed.push(format!("{}: {UNKNOWN}", label(row))),
                }
            }
            tokio::task::yield_now().await;
        }
        self.tell("vault.verified", json!({"opened": seen.opened, "failed": seen.failed.len()})).await?;
        Ok(seen)
    }

    /// Wraps by the primary root key what is wrapped by another. Tells how many.
    async fn rewrap_all(&self, rotation: &mut Rotation) -> Result<u64, AccountsError> {
        let (mut rewrapped, mut pages) = (0, self.pages());
        while let Some(rows) = pages.next().await? {
            // All of a page at the same time, which makes one group of changes.
            let mut changes = JoinSet::new();
            for row in &rows {
                match place(row).map(|place| self.vault.rewrap(&place, &row.sealed.data_key)) {
                    Some(Ok(None)) => {}
                    Some(Ok(Some(wrapped))) => {
                        let (store, row) = (self.store.clone(), row.clone());
                        changes.spawn(async move { store.rewrap(&row, &wrapped).await });
                    }
                    Some(Err(why)) => rotation.failed.push(format!("{}: {why}", label(row))),
                    None => rotation.failed.push(format!("{}: {UNKNOWN}", label(row))),
                }
            }
            // One that changed in between is wrapped by the primary already, or found by the next pass.
            while let Some(changed) = changes.join_next().await {
                match changed {
                    Ok(changed) => rewrapped += u64::from(changed?),
                    Err(_) => rotation.failed.push("a secret: wrapping it anew broke off".to_owned()),
                }
            }
        }
        Ok(rewrapped)
    }

    /// The root keys other than the primary, and how many secrets each wraps.
    async fn others(&self, primary: &str) -> Result<BTreeMap<String, u64>, AccountsError> {
        let mut others: BTreeMap<_, _> = self.vault.known()?.into_iter().map(|id| (id, 0)).collect();
        let mut pages = self.pages();
        while let Some(rows) = pages.next().await? {
            for row in &rows {
                if let Ok(id) = Vault::root_key_of(&row.sealed.data_key) {
                    *others.entry(id).or_default() += 1;
                }
            }
        }
        others.remove(primary);
        Ok(others)
    }

    /// All that is sealed.
    fn pages(&self) -> Pages<'_> {
        Pages { store: &self.store, after: None }
    }

    /// Writes an entry about the host itself.
    async fn tell(&self, kind: &'static str, detail: serde_json::Value) -> Result<(), AccountsError> {
        let (tenant, identifier) = (String::new(), String::new());
        Ok(self.store.write(Entry { at: self.now(), kind, tenant, identifier, detail }).await?)
    }
}

/// All that is sealed, page by page.
struct Pages<'a> {
    store: &'a Store,
    after: Option<SealedRow>,
}

impl Pages<'_> {
    /// The next page; none after the last.
    async fn next(&mut self) -> Result<Option<Vec<SealedRow>>, AccountsError> {
        let rows = self.store.sealed(self.after.as_ref(), PAGE).await?;
        self.after = rows.last().cloned();
        Ok(self.after.is_some().then_some(rows))
    }
}

/// Where a sealed secret belongs; none when its purpose is unknown.
fn place(row: &SealedRow) -> Option<Place<'_>> {
    let purpose =
        ["account", "answer", "host", "link", "webhook"].into_iter().find(|purpose| *purpose == row.purpose)?;
    Some(Place { purpose, tenant: &row.tenant, identifier: &row.identifier, version: row.version })
}

/// How a sealed secret is named to people.
fn label(row: &SealedRow) -> String {
    match row.purpose.as_str() {
        "account" => format!("the key of {}/{}, version {}", row.tenant, row.identifier, row.version),
        "answer" => format!("what a call of {} answered", row.tenant),
        "link" => format!("the key that a link of {} holds", row.tenant),
        "webhook" => format!("the webhook key of {}", row.tenant),
        purpose => format!("the {purpose}'s key {}", row.identifier),
    }
}
