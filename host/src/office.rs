//! The set-up that tests share: accounts in a store, behind a host that reaches a simulated Freshdesk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use freshdesk_components::PLUGIN;
use freshdesk_simulator::{Simulator, seed};
use tempfile::TempDir;

use crate::accounts::{Accounts, Keeping};
use crate::egress::Development;
use crate::host::{Host, Settings};
use crate::store::Database;
use crate::vault::{RootKeys, create_root_keys};

/// Where users reach the connect page.
pub(crate) const ORIGIN: &str = "https://connect.example.com";

/// The administrator of the simulated helpdesk, as Freshdesk names her.
pub(crate) const JANE: &str = "jane@acme.example";

/// Settings of a host that reaches nobody.
pub(crate) fn settings() -> Settings {
    let cache: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tests-cache").components().collect();
    Settings { calls: 50, cache: Some(cache), ..Settings::default() }
}

/// Settings of a host that reaches this simulator, as its helpdesk and as `evil`.
pub(crate) fn reaching(simulator: &Simulator) -> Settings {
    let helpdesks = [seed::LABEL, "evil"].map(|label| (format!("{label}.freshdesk.com"), simulator.addr()));
    let trust_roots = simulator.authority_pem().map(str::to_owned).into_iter().collect();
    Settings { development: Development { resolve: helpdesks.into(), trust_roots }, ..settings() }
}

/// A host of these settings.
pub(crate) fn host(settings: &Settings) -> Arc<Host> {
    Arc::new(Host::new(PLUGIN, settings).unwrap())
}

/// Accounts, and where they are kept.
pub(crate) struct Office {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) keeping: Keeping,
    pub(crate) folder: TempDir,
}

impl Office {
    /// In a file of its own.
    pub(crate) async fn open(settings: &Settings) -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::Sqlite(folder.path().join("accounts.db"));
        Self::within(folder, database, settings).await
    }

    /// In this database.
    pub(crate) async fn over(database: Database, settings: &Settings) -> Self {
        Self::within(TempDir::new().unwrap(), database, settings).await
    }

    async fn within(folder: TempDir, database: Database, settings: &Settings) -> Self {
        let keys = folder.path().join("accounts.keys");
        create_root_keys(&keys).unwrap();
        let (root_keys, host_name, public_url) = (RootKeys::File(keys), "one".to_owned(), ORIGIN.to_owned());
        let keeping = Keeping { database, root_keys, host: host_name, public_url };
        let accounts = Accounts::open(host(settings), &keeping).await.unwrap();
        Self { accounts, keeping, folder }
    }
}
