//! Deliveries from a store to receivers on this machine. Times between tries are short.

mod deliveries;
mod hosts;
mod receiver;
mod targets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Pace, Webhooks};
use crate::accounts::{State, User, now};
use crate::egress::{Development, Dialer, Egress};
use crate::host::Settings;
use crate::store::records::{AccountRow, Entry, EventRow, TenantRow};
use crate::store::{Database, Store};
use crate::vault::{Place, RootKeys, Vault};
use receiver::Receiver;

/// The key that all events are signed by here.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A store and a vault, with tenants that have webhooks.
struct World {
    folder: TempDir,
    store: Store,
    vault: Arc<Vault>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("root.keys");
        Vault::create_file(&keys).unwrap();
        let vault = Arc::new(Vault::load(&RootKeys::File(keys)).unwrap());
        let store = open(&folder, "one").await;
        Self { folder, store, vault }
    }

    /// Another host's way to the same store.
    async fn other_store(&self) -> Store {
        open(&self.folder, "two").await
    }

    /// A tenant whose events go to this address.
    async fn tenant(&self, id: &str, url: &str) {
        let place = Place { purpose: "webhook", tenant: id, identifier: "", version: 1 };
        let key = self.vault.seal(&place, &SecretString::from(KEY)).unwrap();
        let (webhook_url, webhook_key) = (Some(url.to_owned()), Some(key));
        let row =
            TenantRow { id: id.to_owned(), name: id.to_owned(), webhook_url, webhook_key, ..TenantRow::default() };
        assert!(self.store.create_tenant(&row, entry("tenant.created", id)).await.unwrap());
    }

    /// A new account of this tenant, which makes an event; its id comes back.
    async fn event(&self, tenant: &str, identifier: &str) -> String {
        let user = User::new(tenant, identifier).unwrap();
        let at = now();
        let account = AccountRow {
            user: user.clone(),
            id: format!("acc_{tenant}_{identifier}"),
            state: State::Pending,
            name: None,
            description: None,
            expected_email: Some("jane@acme.example".to_owned()),
            expected_helpdesk: None,
            helpdesk: None,
            person: None,
            roles: Vec::new(),
            version: 0,
            key: None,
            created_at: at,
            changed_at: at,
        };
        let event = EventRow {
            id: format!("evt_{at:012x}_{tenant}_{identifier}"),
            user,
            account: account.id.clone(),
            old: None,
            new: State::Pending,
            helpdesk: None,
            reason: "created".to_owned(),
            at,
            attempts: 0,
        };
        assert!(self.store.create_account(&account, &event, entry("account.created", tenant)).await.unwrap());
        event.id
    }

    /// Delivers until what comes back is stopped.
    fn deliver(&self, pace: Pace) -> Delivering {
        self.deliver_from(self.store.clone(), pace, &Development::default())
    }

    fn deliver_from(&self, store: Store, pace: Pace, development: &Development) -> Delivering {
        let (vault, dialer) = (Arc::clone(&self.vault), dialer(development));
        let webhooks = Arc::new(Webhooks { store, vault, dialer, local: true, pace });
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(webhooks.run(async { drop(stopped.await) }));
        Delivering { stop, task }
    }

    /// What the trail says of a kind, newest first.
    async fn trail(&self, kind: &str) -> Vec<serde_json::Value> {
        let trail = self.store.trail(None, None, 1000).await.unwrap();
        trail.into_iter().filter(|row| row.kind == kind).map(|row| row.detail).collect()
    }
}

/// A host that delivers events.
struct Delivering {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Delivering {
    async fn stop(self) {
        drop(self.stop);
        self.task.await.unwrap();
    }
}

async fn open(folder: &TempDir, host: &str) -> Store {
    let store = Store::open(&Database::Sqlite(folder.path().join("accounts.db")), host).await.unwrap();
    store.begin_trail([7; 32]).await.unwrap();
    store
}

fn dialer(development: &Development) -> Dialer {
    Egress::new(&Settings { development: development.clone(), ..Settings::default() }).unwrap().dialer()
}

fn entry(kind: &'static str, tenant: &str) -> Entry {
    Entry { at: now(), kind, tenant: tenant.to_owned(), identifier: String::new(), detail: json!({}) }
}

/// Looks often, and tries again soon, as often as in earnest.
fn fast() -> Pace {
    Pace {
        look: Duration::from_millis(10),
        lease: Duration::from_secs(10),
        patience: Duration::from_secs(2),
        again: vec![Duration::from_millis(20); 8],
        last: Duration::from_secs(2),
    }
}

fn local(address: SocketAddr) -> String {
    format!("http://{address}/hooks?for=acme")
}
