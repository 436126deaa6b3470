//! What has been spent of each helpdesk's budget.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;
use tracing::info;

use super::NoTurn;
use super::book::{Book, Receipt};
use super::limits::{Rules, Spend};
use super::moment::Moment;
use super::report::Report;

/// Helpdesks whose books are remembered; one takes 500 bytes. What was forgotten is found out again by one call.
pub(super) const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");

/// The accounts of budgets: what is taken is settled or given back, once.
pub(super) trait Ledger: Send + Sync {
    /// Takes what several ask for, in their order, and tells each its grant, or when to ask again. The last ones may be
    /// left out, never the first. A future that is dropped before it is ready has taken nothing.
    fn take<'a>(&'a self, helpdesk: &'a Arc<str>, spends: Vec<Spend>) -> Taking<'a>;

    /// The request left, and the answer said this, or there was none.
    fn settle(&self, helpdesk: &Arc<str>, receipt: Receipt, report: Option<&Report>);

    /// The request never left.
    fn give_back(&self, helpdesk: &Arc<str>, receipt: Receipt);

    /// What is known without asking anybody, if there is a limit.
    fn standing(&self, helpdesk: &Arc<str>) -> Option<Standing>;
}

/// An attempt to take. It fails where the ledger cannot be asked.
pub(super) type Taking<'a> = Pin<Box<dyn Future<Output = Result<Vec<Result<Grant, Wait>>, NoTurn>> + Send + 'a>>;

/// It was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) receipt: Receipt,
    /// The number of the window that it was taken from.
    pub(super) window: u64,
}

/// Nothing could be taken: there is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait<At = Instant> {
    /// Not before this, unless something is settled or given back; none: the next answer decides.
    pub(super) until: Option<At>,
    /// When to ask again at the latest, as others may have settled or given back unnoticed.
    pub(super) again: Option<At>,
    /// Whether another spend may fit now: a cheaper one, or another operation.
    pub(super) others_may_fit: bool,
}

impl Wait<Moment> {
    /// The same on the clock of this process, which is at `now`.
    pub(super) fn here(self, now: Moment) -> Wait {
        let here = |at: Moment| at.instant(now);
        Wait { until: self.until.map(here), again: self.again.map(here), others_may_fit: self.others_may_fit }
    }
}

/// How a budget stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing<At = Instant> {
    /// Credits that the helpdesk allows per window, if it said so.
    pub(super) total: Option<u32>,
    /// Credits that can be taken per window.
    pub(super) share: i64,
    /// Credits that were taken in this window.
    pub(super) used: i64,
    /// Credits that can be taken now.
    pub(super) left: i64,
    /// When there will be more, as far as that is known.
    pub(super) more: Option<At>,
    /// By which rules.
    pub(super) rules: Rules,
}

impl Standing<Moment> {
    /// The same on the clock of this process, which is at `now`.
    pub(super) fn here(self, now: Moment) -> Standing {
        let Self { total, share, used, left, more, rules } = self;
        Standing { total, share, used, left, more: more.map(|more| more.instant(now)), rules }
    }
}

impl Standing {
    /// When `credits` will be there, if they are not there now and that is known.
    pub(super) fn when(&self, credits: i64) -> Option<Instant> {
        let missing = credits.saturating_sub(self.left);
        let full_windows = u32::try_from((missing - 1) / self.share.max(1)).unwrap_or(u32::MAX);
        let more = self.more.filter(|_| missing > 0)?;
        more.checked_add(self.rules.window.checked_mul(full_windows)?)
    }
}

/// The ledger in this process.
pub(super) struct Memory {
    pub(super) rules: Rules,
    began: Instant,
    number: AtomicU64,
    books: Mutex<LruCache<Arc<str>, Book>>,
}

impl Memory {
    pub(super) fn new(rules: Rules) -> Self {
        let books = Mutex::new(LruCache::new(REMEMBERED));
        Self { rules, began: Instant::now(), number: AtomicU64::new(0), books }
    }

    fn now(&self) -> Moment {
        Moment(0) + self.began.elapsed()
    }

    /// Books are plain data, and whole whenever they are readable, also after a panic.
    fn with<T>(&self, helpdesk: &Arc<str>, act: impl FnOnce(&mut Book, Moment) -> T) -> T {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        act(books.get_or_insert_mut(Arc::clone(helpdesk), || Book::new(self.rules, now)), now)
    }
}

/// Who takes from a ledger of its own always settles or gives back.
const NEVER_GONE: Duration = Duration::MAX;

impl Ledger for Memory {
    fn take<'a>(&'a self, helpdesk: &'a Arc<str>, spends: Vec<Spend>) -> Taking<'a> {
        let receipt = || Receipt { by: 0, number: self.number.fetch_add(1, Ordering::Relaxed) };
        Box::pin(async move {
            let take = |book: &mut Book, now, receipt, spend| match book.take(now, receipt, spend, NEVER_GONE) {
                Ok(window) => Ok(Grant { receipt, window }),
                Err(wait) => Err(wait.here(now)),
            };
            let take_all =
                |book: &mut Book, now| spends.iter().map(|spend| take(book, now, receipt(), *spend)).collect();
            Ok(self.with(helpdesk, take_all))
        })
    }

    fn settle(&self, helpdesk: &Arc<str>, receipt: Receipt, report: Option<&Report>) {
        told(helpdesk, report);
        self.with(helpdesk, |book, now| book.settle(now, receipt, report));
    }

    fn give_back(&self, helpdesk: &Arc<str>, receipt: Receipt) {
        self.with(helpdesk, |book, _| book.give_back(receipt));
    }

    fn standing(&self, helpdesk: &Arc<str>) -> Option<Standing> {
        let books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        Some(books.peek(helpdesk)?.standing(now)?.here(now))
    }
}

/// Tells the log when a limit is reached.
pub(super) fn told(helpdesk: &str, report: Option<&Report>) {
    if let Some(throttled) = report.and_then(|report| report.throttled) {
        info!(%helpdesk, ?throttled, "the helpdesk's limit is reached");
    }
}
