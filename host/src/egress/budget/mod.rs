//! The calls that a helpdesk allows per minute, shared fairly between its callers so that it need not refuse any.
//!
//! Who wants to call gets in line at the helpdesk's desk (`desk.rs`), and is given a turn when the ledger (`ledger.rs`) has
//! something for it. What the ledger has is worked out from the calls that left and what answers report (`window.rs`), and
//! kept in a book (`book.rs`). Hosts that share a store share its books (`shared.rs`).

mod book;
mod desk;
mod ledger;
mod limits;
mod moment;
mod report;
#[cfg(feature = "accounts")]
mod shared;
#[cfg(test)]
mod tests;
mod window;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use lru::LruCache;
use thiserror::Error;
use tokio::time::Instant;

use book::Receipt;
use desk::{Desk, TooLate};
use ledger::{Ledger, Memory};
use limits::Rules;
pub(crate) use limits::{Operation, Spend};
pub(crate) use report::Report;
#[cfg(feature = "accounts")]
use shared::Shared;
#[cfg(feature = "accounts")]
pub(crate) use shared::{Fold, Log, Page, Reading, Shelf};

/// Desks that are kept; one without a line takes 300 bytes. One that gives way while there is a line costs its callers
/// their order, and nobody a turn.
const KEPT: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");

/// When to come back where that is not known: an answer is out that will tell, and answers take less than a second.
const SOON: Duration = Duration::from_secs(1);

/// The budgets of all helpdesks.
pub(crate) struct Budget {
    own: Memory,
    /// The ledger that others have as well, which counts instead of this process's own.
    shared: OnceLock<Box<dyn Ledger>>,
    desks: Mutex<LruCache<Arc<str>, Arc<Desk>>>,
}

/// How the budget of a helpdesk stands, as far as is known without asking it.
#[cfg(feature = "accounts")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Calls that wait for their turn.
    pub(crate) waiting: usize,
    /// What is known of its limit; none before an answer told.
    pub(crate) known: Option<Known>,
}

/// What is known of a helpdesk's limit, and of this window.
#[cfg(feature = "accounts")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The length of a window.
    pub(crate) window: Duration,
    /// Credits that the helpdesk allows in it; none where it refused a call and did not say.
    pub(crate) total: Option<u32>,
    /// Credits of them that may be taken.
    pub(crate) share: Option<i64>,
    /// Credits that were taken in this window, and that can be taken still.
    pub(crate) used: i64,
    pub(crate) left: i64,
    /// When there will be more, as far as that is known.
    pub(crate) more_in: Option<Duration>,
}

/// There is no turn.
#[derive(Debug, Error)]
pub(crate) enum NoTurn {
    /// Not before the deadline.
    #[error("no turn in time; there may be one in {} s", .retry_after.as_secs_f64().ceil())]
    InTime {
        /// Time after which there may be one.
        retry_after: Duration,
    },
    /// What is left of the budget is kept where it cannot be read now. The text is for the log.
    #[error("the helpdesk's budget cannot be asked: {0}")]
    #[cfg(feature = "accounts")]
    Unreachable(String),
}

impl NoTurn {
    /// Time after which there may be a turn; none if nobody can tell.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::InTime { retry_after } => Some(*retry_after),
            #[cfg(feature = "accounts")]
            Self::Unreachable(_) => None,
        }
    }
}

impl Budget {
    /// Budgets per `window`, of which `reserve` percent are left to people and to other integrations.
    pub(crate) fn new(window: Duration, reserve: u8) -> Self {
        let own = Memory::new(Rules { window, reserve });
        Self { own, shared: OnceLock::new(), desks: Mutex::new(LruCache::new(KEPT)) }
    }

    /// Shares the books from now on, before anybody calls, with all who have them on this shelf, where this process is
    /// called `by`. Calls are over after `longest`. A second shelf is not looked at.
    #[cfg(feature = "accounts")]
    pub(crate) fn share(&self, shelf: Arc<dyn Shelf>, by: i64, longest: Duration) {
        self.shared.get_or_init(|| Box::new(Shared::new(shelf, self.own.rules, by, longest)));
    }

    fn ledger(&self) -> &dyn Ledger {
        self.shared.get().map_or(&self.own, |shared| &**shared)
    }

    /// Waits for the turn of `caller` to spend this at `helpdesk`. Fails at once where the deadline cannot be met.
    pub(crate) async fn turn(
        &self,
        helpdesk: &str,
        caller: u64,
        spend: Spend,
        deadline: Instant,
    ) -> Result<Turn<'_>, NoTurn> {
        let desk = self.desk(helpdesk);
        let ledger = self.ledger();
        let receipt = take(ledger, &desk, caller, spend, deadline).await?;
        Ok(Turn { ledger, desk, receipt: Some(receipt), sent: false })
    }

    /// How a helpdesk's budget stands. Looking changes nothing.
    #[cfg(feature = "accounts")]
    pub(crate) fn usage(&self, helpdesk: &str) -> Usage {
        let desk = self.desks.lock().unwrap_or_else(PoisonError::into_inner).peek(helpdesk).map(Arc::clone);
        let standing = self.ledger().standing(&helpdesk.into());
        Usage {
            waiting: desk.map_or(0, |desk| desk.waiting()),
            known: standing.map(|standing| Known {
                window: standing.rules.window,
                total: standing.total,
                share: standing.total.map(|_| standing.share),
                used: standing.used,
                left: standing.left,
                more_in: standing.more.map(|at| at.saturating_duration_since(Instant::now())),
            }),
        }
    }

    fn desk(&self, helpdesk: &str) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = desks.get(helpdesk) {
            return Arc::clone(desk);
        }
        let helpdesk: Arc<str> = helpdesk.into();
        let desk = Arc::new(Desk::new(Arc::clone(&helpdesk)));
        desks.put(helpdesk, Arc::clone(&desk));
        desk
    }
}

/// Waits at the desk until the ledger has something, whoever asked it.
async fn take(
    ledger: &dyn Ledger,
    desk: &Arc<Desk>,
    caller: u64,
    spend: Spend,
    deadline: Instant,
) -> Result<Receipt, NoTurn> {
    let late = |TooLate(until): TooLate| {
        let known = until.or_else(|| ledger.standing(&desk.helpdesk)?.when(i64::from(spend.credits)));
        let wait = known.map(|until| until.saturating_duration_since(Instant::now()));
        NoTurn::InTime { retry_after: wait.unwrap_or(SOON) }
    };
    let place = desk.enter(ledger, caller, spend, deadline).map_err(late)?;
    loop {
        place.called().await.map_err(late)?;
        if let Some(receipt) = place.served() {
            return Ok(receipt);
        }
        if let Some(wait) = place.ask().await? {
            place.wait(wait).await.map_err(late)?;
        }
    }
}

/// Permission to call once. Dropped, it is given back if the request did not leave, and else counts as not answered.
#[must_use]
pub(crate) struct Turn<'a> {
    ledger: &'a dyn Ledger,
    desk: Arc<Desk>,
    receipt: Option<Receipt>,
    sent: bool,
}

impl Turn<'_> {
    /// The request is about to leave.
    pub(crate) fn sent(&mut self) {
        self.sent = true;
    }

    /// The request was answered.
    pub(crate) fn settle(mut self, report: &Report) {
        self.end(Some(report));
    }

    /// The request did not leave after all.
    pub(crate) fn give_back(mut self) {
        self.sent = false;
    }

    fn end(&mut self, report: Option<&Report>) {
        let Some(receipt) = self.receipt.take() else { return };
        match report {
            None if !self.sent => self.ledger.give_back(&self.desk.helpdesk, receipt),
            report => self.ledger.settle(&self.desk.helpdesk, receipt, report),
        }
        self.desk.stir();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.end(None);
    }
}
