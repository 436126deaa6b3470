//! The ledger of hosts that share a store: each helpdesk's book is a log on a shelf. Who appends to it reads in the same
//! moment what others have appended before, and makes the same entries in a copy of its own; so a turn costs at most one
//! round trip, whoever else takes turns, and what a book says is worked out by the code that works it out within one
//! process.
//!
//! What was settled rides along with the next turn, unless it is news to others. Who takes and is not heard of any more
//! has its calls counted as not answered.

mod replica;

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::runtime::Handle;
use tokio::time::sleep;
use tracing::debug;

use super::NoTurn;
use super::book::Receipt;
use super::ledger::{Grant, Ledger, REMEMBERED, Standing, Taking, Wait, told};
use super::limits::{Rules, Spend};
use super::moment::Moment;
use super::report::Report;
use replica::Replica;

/// How long what is no news to others may keep waiting for a turn that takes it along.
const UNHURRIED: Duration = Duration::from_secs(5);

/// How much longer than a call takes its turn is out, before its host is taken to be gone.
const GONE: Duration = Duration::from_secs(10);

/// Where the books are. What is written is ASCII.
pub(crate) trait Shelf: Send + Sync {
    /// Appends to a helpdesk's log, and reads it from the page's position on to its end, what was appended included. What
    /// fails may have been appended all the same. The error is for the log.
    fn append<'a>(&'a self, helpdesk: &'a str, page: Page) -> Reading<'a>;

    /// The time by the clock that all share, in microseconds.
    fn now_us(&self) -> i64;
}

/// What a shelf answers.
pub(crate) type Reading<'a> = Pin<Box<dyn Future<Output = Result<Log, String>> + Send + 'a>>;

/// What is appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// How much of the log is known already: a position.
    pub(crate) from: i64,
    /// Entries, a line each.
    pub(crate) entries: String,
    /// The moment, in microseconds. A log that is not there yet begins at this position, which is beyond all that an earlier
    /// one reached.
    pub(crate) now: i64,
    /// What takes the place of the log's beginning, if nobody else has replaced it meanwhile.
    pub(crate) fold: Option<Fold>,
}

/// The beginning of a log, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fold {
    /// Where the log begins until now, and from now on.
    pub(crate) base: i64,
    pub(crate) to: i64,
    /// The book at that position.
    pub(crate) book: String,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    /// Where the log begins.
    pub(crate) base: i64,
    /// The book there, if the log was asked for from an earlier position; empty for a new one.
    pub(crate) book: String,
    /// Entries from the position that was asked for, or from the base if that is later.
    pub(crate) entries: String,
}

/// The ledger.
pub(super) struct Shared(Arc<Inner>);

struct Inner {
    shelf: Arc<dyn Shelf>,
    rules: Rules,
    /// This process, by a number that no other has.
    by: i64,
    /// How long a call's turn is out at most.
    time: Duration,
    replicas: Mutex<LruCache<Arc<str>, Arc<Replica>>>,
}

impl Shared {
    /// A ledger of the process that is called `by`. Calls are over after `longest`.
    pub(super) fn new(shelf: Arc<dyn Shelf>, rules: Rules, by: i64, longest: Duration) -> Self {
        let replicas = Mutex::new(LruCache::new(REMEMBERED));
        Self(Arc::new(Inner { shelf, rules, by, time: longest.saturating_add(GONE), replicas }))
    }
}

impl Inner {
    fn now(&self) -> Moment {
        Moment(self.shelf.now_us())
    }

    fn replica(&self, helpdesk: &Arc<str>) -> Arc<Replica> {
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(replicas.get_or_insert(Arc::clone(helpdesk), || Arc::new(Replica::new(Arc::clone(helpdesk)))))
    }

    /// Takes, and gives back what nobody waits for any more.
    async fn take(
        self: Arc<Self>,
        replica: Arc<Replica>,
        spends: Vec<Spend>,
    ) -> Result<Vec<Result<Unclaimed, Wait>>, NoTurn> {
        let asked = spends.len();
        let taken = replica.exchange(&self, spends).await.map_err(NoTurn::Unreachable)?;
        let unclaimed = |grant| {
            let (shared, helpdesk) = (Arc::clone(&self), Arc::clone(&replica.helpdesk));
            Unclaimed { shared, helpdesk, grant, claimed: false }
        };
        let told = |taken: Result<Grant, _>| taken.map(unclaimed).map_err(|wait| self.told(&replica, wait));
        let taken: Vec<_> = taken.into_iter().map(told).collect();
        if taken.len() != asked {
            return Err(NoTurn::Unreachable("the log does not have what was appended to it".to_owned()));
        }
        Ok(taken)
    }

    fn told(&self, replica: &Replica, wait: Wait<Moment>) -> Wait {
        Wait { again: Some(replica.again(&wait)), ..wait }.here(self.now())
    }

    /// Writes what is pending: at once if others have to know, else in a while, if no turn takes it along.
    fn write(self: &Arc<Self>, replica: Arc<Replica>, news: bool) {
        if !news && !replica.is_first_to_wait() {
            return;
        }
        let shared = Arc::clone(self);
        // Without a runtime the process is about to end, and others notice in time.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            if !news {
                sleep(UNHURRIED).await;
                // Turns have taken along what it was begun for; what came since may wait as long.
                while let Some(time) = replica.may_wait(shared.now()) {
                    sleep(time).await;
                }
                replica.waits_no_longer();
            }
            if replica.has_pending()
                && let Err(why) = replica.exchange(&shared, Vec::new()).await
            {
                debug!(helpdesk = %replica.helpdesk, %why, "a budget was not written");
                // It is as pending as before.
                shared.write(replica, false);
            }
        });
    }
}

impl Ledger for Shared {
    fn take<'a>(&'a self, helpdesk: &'a Arc<str>, mut spends: Vec<Spend>) -> Taking<'a> {
        Box::pin(async move {
            let shared = Arc::clone(&self.0);
            let replica = shared.replica(helpdesk);
            match replica.foreseen(shared.now(), &spends) {
                Ok(fit) => spends.truncate(fit),
                Err(wait) => return Ok(vec![Err(shared.told(&replica, wait))]),
            }
            // A task of its own, since who waits may leave while the shelf writes.
            let taken = tokio::spawn(shared.take(replica, spends)).await;
            let taken = taken.map_err(|ended| NoTurn::Unreachable(ended.to_string()))??;
            Ok(taken.into_iter().map(|taken| taken.map(Unclaimed::claim)).collect())
        })
    }

    fn settle(&self, helpdesk: &Arc<str>, receipt: Receipt, report: Option<&Report>) {
        told(helpdesk, report);
        let replica = self.0.replica(helpdesk);
        let news = replica.settle(self.0.now(), receipt, report);
        self.0.write(replica, news);
    }

    fn give_back(&self, helpdesk: &Arc<str>, receipt: Receipt) {
        let replica = self.0.replica(helpdesk);
        let news = replica.give_back(self.0.now(), receipt);
        self.0.write(replica, news);
    }

    fn standing(&self, helpdesk: &Arc<str>) -> Option<Standing> {
        let now = self.0.now();
        Some(self.0.replica(helpdesk).standing(now)?.here(now))
    }
}

/// What was taken. Dropped before it is claimed, it is given back.
struct Unclaimed {
    shared: Arc<Inner>,
    helpdesk: Arc<str>,
    grant: Grant,
    claimed: bool,
}

impl Unclaimed {
    fn claim(mut self) -> Grant {
        self.claimed = true;
        self.grant
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if !self.claimed {
            Shared(Arc::clone(&self.shared)).give_back(&self.helpdesk, self.grant.receipt);
        }
    }
}
