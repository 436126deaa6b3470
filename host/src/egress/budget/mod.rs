//! The calls that a helpdesk allows per minute, shared fairly between its callers so that it need not refuse any.
//!
//! Who wants to call gets in line at the helpdesk's desk (`desk.rs`), and is given a turn when the ledger (`ledger.rs`) has
//! something for it. What the ledger has is worked out from the calls that left and what answers report (`window.rs`).

mod desk;
mod ledger;
mod limits;
mod report;
#[cfg(test)]
mod tests;
mod window;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use thiserror::Error;
use tokio::time::Instant;

use desk::{Desk, TooLate};
use ledger::{Ledger, Memory};
use limits::Rules;
pub(crate) use limits::{Operation, Spend};
pub(crate) use report::Report;
use window::Taken;

/// Desks that are kept; one without a line takes 200 bytes. One that gives way while there is a line costs its callers
/// their order, and nobody a turn.
const KEPT: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");

/// When to come back where that is not known: an answer is out that will tell, and answers take less than a second.
const SOON: Duration = Duration::from_secs(1);

/// The budgets of all helpdesks.
pub(crate) struct Budget {
    ledger: Box<dyn Ledger>,
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

/// There is no turn before the deadline.
#[derive(Debug, Error)]
#[error("no turn in time; there may be one in {} s", .retry_after.as_secs_f64().ceil())]
pub(crate) struct NoTurn {
    /// Time after which there may be one.
    pub(crate) retry_after: Duration,
}

impl Budget {
    /// Budgets per `window`, of which `reserve` percent are left to people and to other integrations.
    pub(crate) fn new(window: Duration, reserve: u8) -> Self {
        Self::over(Box::new(Memory::new(Rules { window, reserve })))
    }

    fn over(ledger: Box<dyn Ledger>) -> Self {
        Self { ledger, desks: Mutex::new(LruCache::new(KEPT)) }
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
        let taken = self.take(&desk, caller, spend, deadline).await.map_err(|TooLate(until)| {
            let known = until.or_else(|| self.ledger.standing(&desk.helpdesk)?.when(i64::from(spend.credits)));
            let wait = known.map(|until| until.saturating_duration_since(Instant::now()));
            NoTurn { retry_after: wait.unwrap_or(SOON) }
        })?;
        Ok(Turn { ledger: &*self.ledger, desk, taken: Some(taken), sent: false })
    }

    /// How a helpdesk's budget stands. Looking changes nothing.
    #[cfg(feature = "accounts")]
    pub(crate) fn usage(&self, helpdesk: &str) -> Usage {
        let desk = self.desks.lock().unwrap_or_else(PoisonError::into_inner).peek(helpdesk).map(Arc::clone);
        let standing = self.ledger.standing(&helpdesk.into());
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

    async fn take(&self, desk: &Arc<Desk>, caller: u64, spend: Spend, deadline: Instant) -> Result<Taken, TooLate> {
        let place = desk.enter(caller, spend, deadline, || self.ledger.standing(&desk.helpdesk))?;
        loop {
            place.called().await?;
            match self.ledger.take(&desk.helpdesk, spend).await {
                Ok(taken) => {
                    place.served(taken.window);
                    return Ok(taken);
                }
                Err(wait) => place.wait(wait).await?,
            }
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

/// Permission to call once. Dropped, it is given back if the request did not leave, and else counts as not answered.
#[must_use]
pub(crate) struct Turn<'a> {
    ledger: &'a dyn Ledger,
    desk: Arc<Desk>,
    taken: Option<Taken>,
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
        let Some(taken) = self.taken.take() else { return };
        match report {
            None if !self.sent => self.ledger.give_back(&self.desk.helpdesk, taken),
            report => self.ledger.settle(&self.desk.helpdesk, taken, report),
        }
        self.desk.stir();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.end(None);
    }
}
