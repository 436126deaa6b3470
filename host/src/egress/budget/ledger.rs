//! What has been spent of each helpdesk's budget.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use tokio::time::Instant;
use tracing::info;

use super::limits::{Rules, Spend};
use super::report::Report;
use super::window::{Taken, Window};

/// Helpdesks whose windows are remembered; one takes 500 bytes. What was forgotten is found out again by one call.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");

/// The accounts of budgets: what is taken is settled or given back, once.
pub(super) trait Ledger: Send + Sync {
    /// Takes `spend`, or says when to ask again. A future that is dropped before it is ready has taken nothing.
    fn take<'a>(&'a self, helpdesk: &'a Arc<str>, spend: Spend) -> Taking<'a>;

    /// The request left, and the answer said this, or there was none.
    fn settle(&self, helpdesk: &Arc<str>, taken: Taken, report: Option<&Report>);

    /// The request never left.
    fn give_back(&self, helpdesk: &Arc<str>, taken: Taken);

    /// What is known without asking anybody, if there is a limit.
    fn standing(&self, helpdesk: &Arc<str>) -> Option<Standing>;
}

/// An attempt to take.
pub(super) type Taking<'a> = Pin<Box<dyn Future<Output = Result<Taken, Wait>> + Send + 'a>>;

/// Nothing could be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// Not before this, unless something is settled or given back; none: the next answer decides.
    pub(super) until: Option<Instant>,
    /// Whether another spend may fit now: a cheaper one, or another operation.
    pub(super) others_may_fit: bool,
}

/// How a budget stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Credits that the helpdesk allows per window, if it said so.
    pub(super) total: Option<u32>,
    /// Credits that can be taken per window.
    pub(super) share: i64,
    /// Credits that were taken in this window.
    pub(super) used: i64,
    /// Credits that can be taken now.
    pub(super) left: i64,
    /// When there will be more, as far as that is known.
    pub(super) more: Option<Instant>,
    /// By which rules.
    pub(super) rules: Rules,
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
    rules: Rules,
    windows: Mutex<LruCache<Arc<str>, Window>>,
}

impl Memory {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, windows: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    /// Windows are plain data, and whole whenever they are readable, also after a panic.
    fn with<T>(&self, helpdesk: &Arc<str>, act: impl FnOnce(&mut Window, Instant) -> T) -> T {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        act(windows.get_or_insert_mut(Arc::clone(helpdesk), || Window::new(self.rules, now)), now)
    }
}

impl Ledger for Memory {
    fn take<'a>(&'a self, helpdesk: &'a Arc<str>, spend: Spend) -> Taking<'a> {
        Box::pin(async move { self.with(helpdesk, |window, now| window.take(now, spend)) })
    }

    fn settle(&self, helpdesk: &Arc<str>, taken: Taken, report: Option<&Report>) {
        if let Some(throttled) = report.and_then(|report| report.throttled) {
            info!(%helpdesk, ?throttled, "the helpdesk's limit is reached");
        }
        self.with(helpdesk, |window, now| window.settle(now, taken, report));
    }

    fn give_back(&self, helpdesk: &Arc<str>, taken: Taken) {
        self.with(helpdesk, |window, _| window.give_back(&taken));
    }

    fn standing(&self, helpdesk: &Arc<str>) -> Option<Standing> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.peek_mut(helpdesk)?.standing(Instant::now())
    }
}
