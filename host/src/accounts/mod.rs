//! Connected accounts: whose Freshdesk a call is for, how users connect, and what happens when a key is refused.
//!
//! In the order of an account's life:
//!
//! - `tenants` and `tokens`: the applications, and how they show that they are one.
//! - `records`: accounts as everybody may see them; made, listed, disconnected. `overview` is of a whole tenant.
//! - `links` makes the way for one user to connect, and `visit` looks at it.
//! - `connecting` takes a key that `verifying` knows the owner of, and counts `tries` within a `pace`.
//! - `confirming` makes it the account's once it is plain that its owner is the account's user.
//! - `calls` runs tools with it, `refusing` says what to do where there is none, `revoking` finds out whether Freshdesk
//!   refuses it. `once` runs a tool once a key: `making` notes before what is done and its `outcome`
//!   after, for a day; where an answer is lost, `reconcile` looks for what it was of. `steps` are those of a write. What has no
//!   answer to remember and is used once has a nonce (`nonces`).
//! - `events` says what tenants and the trail are told, `trail` reads the latter, `rotation` changes root keys.
//!
//! The user comes first in every method: no account is found without its tenant and identifier.

mod calls;
mod confirming;
mod connecting;
mod error;
mod events;
#[cfg(feature = "command")]
mod figures;
mod links;
mod making;
mod nonces;
mod once;
mod outcome;
mod overview;
mod pace;
mod random;
mod reconcile;
mod records;
mod refusing;
mod revoking;
mod rotation;
mod steps;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod trail;
mod tries;
mod user;
mod valid;
mod verifying;
mod visit;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lru::LruCache;
use secrecy::zeroize::Zeroizing;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tokio::task::JoinHandle;
use tracing::warn;

use crate::host::Host;
use crate::store::{Database, Store};
use crate::vault::{Place, RootKeys, Vault, VaultError};
pub(crate) use confirming::Confirmed;
pub use error::AccountsError;
pub(crate) use error::{ConfirmError, LinkError, OfferError};
pub use events::Event;
#[cfg(feature = "command")]
pub use figures::Times;
pub(crate) use links::CONNECT;
pub use links::{LinkWish, NewLink};
pub use records::{Record, Wish};
pub use rotation::{Rotation, Verification};
pub use tenants::{Tenant, TenantWish};
pub use tokens::{Caller, Token, TokenWish};
pub use user::{InvalidUser, State, User};
pub(crate) use visit::Visit;

/// How accounts are kept.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Where.
    pub database: Database,
    /// By which root keys.
    pub root_keys: RootKeys,
    /// The host's name in the trail. A server and commands beside it have one name, and go on with one chain in turns.
    pub host: String,
    /// Where users reach the connect page, such as `https://connect.example.com`; tenants may have their own.
    pub public_url: String,
}

/// How much further the store's clock may have gone than time itself between two sweeps, in milliseconds.
const JUMP: i64 = 5 * 60_000;

/// Time between two sweeps: what expired links hold is destroyed that much later at most.
const SWEEP: Duration = Duration::from_secs(60);

/// Time that links are remembered for after their end, so that one that is opened again is noticed.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3600);

/// The accounts of many users.
pub struct Accounts {
    host: Arc<Host>,
    store: Store,
    vault: Arc<Vault>,
    root_keys: RootKeys,
    public_url: String,
    audit_key: Zeroizing<[u8; 32]>,
    shared_key: Zeroizing<[u8; 32]>,
    /// Accounts whose connections are kept.
    kept: Mutex<LruCache<User, calls::Kept>>,
    /// Keys about which Freshdesk is being asked, or was a moment ago.
    checks: Mutex<LruCache<revoking::Version, Arc<revoking::Check>>>,
    /// Links that were handed out to agents.
    handed: Mutex<LruCache<User, Arc<tokio::sync::Mutex<Option<refusing::Handed>>>>>,
    /// Used links of which it was noted a moment ago that they were opened again.
    reused: Mutex<LruCache<Vec<u8>, i64>>,
    pace: pace::Pace,
    /// How many wait for the calls of their keys, by user.
    waiting: Mutex<HashMap<User, usize>>,
    sweeping: Mutex<Option<JoinHandle<()>>>,
    #[cfg(test)]
    watch: Mutex<Option<Arc<dyn steps::Watch>>>,
}

impl Accounts {
    /// Opens the store and the vault. Makes the host's own keys when the store is new. Sweeps expired links from then
    /// on, until the last of what comes back is dropped.
    ///
    /// # Errors
    ///
    /// Fails with the reason, such as root keys that are missing or not those by which the store is sealed, or a trail
    /// whose end is not as this host left it.
    pub async fn open(host: Arc<Host>, keeping: &Keeping) -> Result<Arc<Self>, AccountsError> {
        let public_url = valid::origin("the public URL", &keeping.public_url)?;
        let vault = Arc::new(Vault::load(&keeping.root_keys)?);
        let store = Store::open(&keeping.database, &keeping.host).await?;
        let audit_key = own_key(&store, &vault, "audit").await?;
        store.begin_trail(*audit_key).await?;
        let shared_key = own_key(&store, &vault, "page").await?;
        if store.is_shared() {
            host.share_budgets(Arc::new(store.clone()), random::number()?);
        }
        let accounts = Arc::new(Self {
            host,
            store,
            vault,
            root_keys: keeping.root_keys.clone(),
            public_url,
            audit_key,
            shared_key,
            kept: Mutex::new(LruCache::new(calls::KEPT)),
            checks: Mutex::new(LruCache::new(calls::KEPT)),
            handed: Mutex::new(LruCache::new(refusing::REMEMBERED)),
            reused: Mutex::new(LruCache::new(visit::REMEMBERED)),
            pace: pace::Pace::new(),
            waiting: Mutex::default(),
            sweeping: Mutex::new(None),
            #[cfg(test)]
            watch: Mutex::new(None),
        });
        accounts.sweep_from_now_on();
        Ok(accounts)
    }

    /// The host that calls go through.
    pub fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// Writes what is queued for the trail, and stops: nothing can be changed or called afterwards.
    pub async fn close(&self) {
        self.stop_sweeping();
        self.store.close().await;
    }

    /// Destroys what expired links hold, and what calls answered that are made once, a day later; forgets links that ended
    /// long ago, those calls, and used nonces. Is done every minute. Tells how much was destroyed.
    ///
    /// # Errors
    ///
    /// Fails when the store does.
    pub async fn sweep(&self) -> Result<u64, AccountsError> {
        let now = self.now();
        let remembered = i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
        let answers = self.store.sweep_once(now).await?;
        self.store.sweep_budgets().await?;
        Ok(answers + self.store.sweep_links(now, now.saturating_sub(remembered)).await?)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    ///
    /// Fails when it does not.
    pub async fn ping(&self) -> Result<(), AccountsError> {
        Ok(self.store.ping().await?)
    }

    /// Whether uses of keys can be written to the trail, as far as is known. While they cannot, calls are refused.
    ///
    /// # Errors
    ///
    /// Fails when they cannot.
    pub(crate) fn writes_trail(&self) -> Result<(), AccountsError> {
        Ok(self.store.writes()?)
    }

    /// Now, in milliseconds since 1970, by the clock that all hosts of the store share.
    pub(crate) fn now(&self) -> i64 {
        self.store.now()
    }

    /// Where the host is reached.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The key by which all hosts of the store authenticate and seal what they hand out, and hash what they remember.
    pub(crate) fn shared_key(&self) -> &[u8; 32] {
        &self.shared_key
    }

    /// The store, for who delivers events.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The vault, for who signs events.
    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    fn sweep_from_now_on(self: &Arc<Self>) {
        let accounts = Arc::downgrade(self);
        let sweeping = tokio::spawn(async move {
            let mut last = None;
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(accounts) = accounts.upgrade() else { return };
                let (now, before) = ((Instant::now(), accounts.now()), last);
                last = Some(now);
                if jumped(before.unwrap_or(now), now) {
                    warn!("the store's clock has jumped: what has expired by it is swept a minute later");
                    continue;
                }
                if let Err(why) = accounts.sweep().await {
                    warn!(%why, "what has expired was not swept");
                }
            }
        });
        *locked(&self.sweeping) = Some(sweeping);
    }

    fn stop_sweeping(&self) {
        if let Some(sweeping) = locked(&self.sweeping).take() {
            sweeping.abort();
        }
    }
}

impl Drop for Accounts {
    fn drop(&mut self) {
        self.stop_sweeping();
    }
}

/// One of the host's own keys, made when there is none. Opening it shows that the root keys are the right ones.
async fn own_key(store: &Store, vault: &Vault, name: &str) -> Result<Zeroizing<[u8; 32]>, AccountsError> {
    let place = Place { purpose: "host", tenant: "", identifier: name, version: 1 };
    let sealed = match store.key(name).await? {
        Some(sealed) => sealed,
        None => store.keep_key(name, &vault.seal(&place, &random::key()?)?).await?,
    };
    vault.open_key(&place, &sealed).map_err(|why| match &why {
        VaultError::UnknownRootKey(wanted) | VaultError::DataKeyRefused(wanted) => {
            AccountsError::WrongRootKeys { wanted: wanted.clone(), why }
        }
        _ => why.into(),
    })
}

/// Now by this machine's clock, in milliseconds since 1970.
#[cfg(test)]
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// RFC 3339, always to the millisecond, so that moments sort as texts.
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment in milliseconds since 1970, as people and programs read it: `2026-11-27T09:30:00.250Z`. What is out of range is
/// 1970.
pub(crate) fn moment(at: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000);
    moment.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(MOMENT).unwrap_or_default()
}

/// What is in there, which is whole whenever it is readable, also after a panic.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Whether the store's clock went on, between these moments and what it said at them, otherwise than time did.
fn jumped(before: (Instant, i64), now: (Instant, i64)) -> bool {
    let passed = i64::try_from(now.0.saturating_duration_since(before.0).as_millis()).unwrap_or(i64::MAX);
    (now.1 - before.1).abs_diff(passed) > JUMP.unsigned_abs()
}

#[cfg(test)]
mod moments {
    use super::{Duration, Instant, JUMP};

    #[test]
    fn a_clock_that_jumps_is_noticed() {
        let (then, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        let jumped = |now: i64| super::jumped((then, 1_000_000), (later, now));
        assert!(!jumped(1_060_000) && !jumped(1_060_000 + JUMP) && !jumped(1_060_000 - JUMP));
        assert!(jumped(1_060_001 + JUMP) && jumped(1_059_999 - JUMP));
    }

    #[test]
    fn a_moment_is_written_by_rfc_3339() {
        for (at, text) in [(0, "1970-01-01T00:00:00.000Z"), (1_795_820_400_340, "2026-11-27T23:00:00.340Z")] {
            assert_eq!(super::moment(at), text);
        }
        assert_eq!(super::moment(i64::MAX), super::moment(0));
    }
}
