//! What tests put into a store.

use super::super::records::*;
use super::super::{Database, Store};
use super::{TestDatabase, databases};
use crate::account::Person;
use crate::accounts::{State, User};
use crate::vault::{Sealed, WRAPPED};

/// The moment of most tests.
pub(super) const NOW: i64 = 1_800_000_000_000;

/// The key of the trail.
pub(super) const KEY: [u8; 32] = [7; 32];

/// A store with a tenant `acme`, and the database that it is in.
pub(super) struct World {
    pub(super) store: Store,
    pub(super) database: TestDatabase,
}

/// A world in each kind of database.
pub(super) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases() {
        worlds.push(World::new(database).await);
    }
    worlds
}

impl World {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let store = open(&database.database, "one").await;
        assert!(store.create_tenant(&tenant("acme"), entry("tenant.created")).await.unwrap());
        Self { store, database }
    }

    /// The same store as another process sees it.
    pub(super) async fn another(&self, host: &str) -> Store {
        open(&self.database.database, host).await
    }

    /// An account of this user, which is pending.
    pub(super) async fn pending(&self, user: &User) -> AccountRow {
        let account = account(user);
        let event = event(user, "e1", None, State::Pending);
        assert!(self.store.create_account(&account, &event, entry("account.created")).await.unwrap());
        account
    }

    /// An account of this user, which is active with key `sealed(1)` of version 1.
    pub(super) async fn active(&self, user: &User) -> AccountRow {
        self.pending(user).await;
        let event = event(user, "e2", Some(State::Pending), State::Active);
        let entries = vec![entry("account.connected")];
        assert!(self.store.connect(&connect(user, 0, State::Pending), &event, entries).await.unwrap());
        self.store.account(user).await.unwrap().unwrap()
    }

    /// Makes a link of this user.
    pub(super) async fn link(&self, user: &User, number: u8) -> LinkRow {
        let link = link(user, number);
        assert!(self.store.create_link(&link, 5, entry("link.created")).await.unwrap());
        link
    }

    /// Kinds of the trail's entries, the newest first.
    pub(super) async fn kinds(&self) -> Vec<String> {
        let trail = self.store.trail(None, None, 10_000).await.unwrap();
        trail.into_iter().map(|row| row.kind).collect()
    }

    /// Whether a data key of these bytes is in the store.
    pub(super) async fn holds(&self, sealed: &Sealed) -> bool {
        let all = self.store.sealed(None, 1000).await.unwrap();
        all.iter().any(|row| row.sealed.data_key == sealed.data_key)
    }
}

/// Opens a store and begins its trail.
pub(super) async fn open(database: &Database, host: &str) -> Store {
    let store = Store::open(database, host).await.unwrap();
    store.begin_trail(KEY).await.unwrap();
    store
}

pub(super) fn user(identifier: &str) -> User {
    User::new("acme", identifier).unwrap()
}

pub(super) fn entry(kind: &'static str) -> Entry {
    let (tenant, identifier) = ("acme".to_owned(), "jane".to_owned());
    Entry { at: NOW, kind, tenant, identifier, detail: serde_json::json!({"n": 1, "text": "a\0b"}) }
}

pub(super) fn tenant(id: &str) -> TenantRow {
    TenantRow {
        id: id.to_owned(),
        name: "Acme, the application".to_owned(),
        webhook_url: Some("https://app.example.com/hook".to_owned()),
        return_urls: vec!["https://app.example.com/back".to_owned()],
        created_at: NOW,
        ..TenantRow::default()
    }
}

pub(super) fn account(user: &User) -> AccountRow {
    AccountRow {
        user: user.clone(),
        id: format!("acc-{}", user.identifier()),
        state: State::Pending,
        name: Some("Jane's".to_owned()),
        description: None,
        expected_email: Some("jane@acme.com".to_owned()),
        expected_helpdesk: None,
        helpdesk: None,
        person: None,
        roles: Vec::new(),
        version: 0,
        key: None,
        created_at: NOW,
        changed_at: NOW,
    }
}

/// An id above 2^63 and a zero character in a name: Freshdesk may send anything.
pub(super) fn person() -> Person {
    Person { id: u64::MAX - 1, name: Some("Ja\0ne".to_owned()), email: Some("jane@acme.com".to_owned()) }
}

pub(super) fn sealed(number: u8) -> Sealed {
    Sealed { data_key: vec![number; WRAPPED], secret: vec![number, 1, 2, 3] }
}

/// The connection to version `version + 1`, whose key is `sealed(version + 1)`.
pub(super) fn connect(user: &User, version: i64, state: State) -> Connect {
    Connect {
        user: user.clone(),
        expected_version: version,
        expected_state: state,
        helpdesk: "acme".to_owned(),
        person: person(),
        roles: vec!["Agent".to_owned(), "Ro\0le".to_owned()],
        key: sealed(version as u8 + 1),
        link: None,
        at: NOW + 1,
    }
}

pub(super) fn event(user: &User, id: &str, old: Option<State>, new: State) -> EventRow {
    EventRow {
        id: format!("{id}-{}", user.identifier()),
        user: user.clone(),
        account: format!("acc-{}", user.identifier()),
        old,
        new,
        helpdesk: Some("acme".to_owned()),
        reason: "connected".to_owned(),
        at: NOW,
        attempts: 0,
    }
}

/// A link that can be used for half an hour.
pub(super) fn link(user: &User, number: u8) -> LinkRow {
    LinkRow {
        hash: vec![number; 32],
        user: user.clone(),
        proof: Proof::Email("jane@acme.com".to_owned()),
        allow_other: false,
        state: LinkState::Live,
        tries: 0,
        created_at: NOW + i64::from(number),
        opened_at: None,
        expires_at: NOW + 1_800_000,
        candidate: None,
    }
}

pub(super) fn candidate(number: u8) -> Candidate {
    Candidate { helpdesk: "acme".to_owned(), person: person(), roles: vec!["Agent".to_owned()], key: sealed(number) }
}
