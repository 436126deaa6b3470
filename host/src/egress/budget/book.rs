//! The book of one helpdesk: its window, and what is out. Plain data: whoever makes the same entries in the same order has
//! the same book.

use std::time::Duration;

use super::ledger::{Standing, Wait};
use super::limits::{Rules, Spend};
use super::moment::Moment;
use super::report::Report;
use super::window::{Taken, Window};

/// A helpdesk's window, and what was taken from it and is not settled.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Book {
    window: Window,
    out: Vec<Out>,
    /// The moment of the latest entry. Time does not go back.
    now: Moment,
}

/// What is out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Out {
    receipt: Receipt,
    /// Who has not settled it by then is gone: it counts as not answered.
    due: Moment,
    taken: Taken,
}

/// What was taken for one call, by the process that took it and that process's count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Receipt {
    pub(super) by: i64,
    pub(super) number: u64,
}

/// What is entered in a book that several keep.
#[cfg(feature = "accounts")]
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Entry {
    /// Takes, if there is enough, for a call that is over after `time`.
    Take { receipt: Receipt, spend: Spend, time: Duration },
    /// The request left, and the answer said this, or there was none.
    Settle { receipt: Receipt, report: Option<Report> },
    /// The request never left.
    GiveBack { receipt: Receipt },
    /// From now on it goes by these rules.
    Rules(Rules),
}

impl Book {
    pub(super) fn new(rules: Rules, now: Moment) -> Self {
        Self { window: Window::new(rules, now), out: Vec::new(), now }
    }

    /// Takes, and tells the number of the window that it was taken from. What is out already is not taken a second time.
    pub(super) fn take(
        &mut self,
        now: Moment,
        receipt: Receipt,
        spend: Spend,
        time: Duration,
    ) -> Result<u64, Wait<Moment>> {
        let now = self.go_on(now);
        if let Some(out) = self.out.iter().find(|out| out.receipt == receipt) {
            return Ok(out.taken.window);
        }
        let taken = self.window.take(now, spend)?;
        let window = taken.window;
        self.out.push(Out { receipt, due: now + time, taken });
        Ok(window)
    }

    /// The request left, and was answered so or not at all. What is not out is nothing to settle.
    pub(super) fn settle(&mut self, now: Moment, receipt: Receipt, report: Option<&Report>) {
        // One that comes late does not tell that the clock was put back: taking does.
        let now = self.go_on(now.max(self.now));
        if let Some(taken) = self.no_longer_out(receipt) {
            self.window.settle(now, taken, report);
        }
    }

    /// The request never left.
    pub(super) fn give_back(&mut self, receipt: Receipt) {
        if let Some(taken) = self.no_longer_out(receipt) {
            self.window.give_back(&taken);
        }
    }

    /// Makes an entry; tells what a taking came to.
    #[cfg(feature = "accounts")]
    pub(super) fn enter(&mut self, now: Moment, entry: &Entry) -> Option<Result<u64, Wait<Moment>>> {
        match entry {
            Entry::Take { receipt, spend, time } => return Some(self.take(now, *receipt, *spend, *time)),
            Entry::Settle { receipt, report } => self.settle(now, *receipt, report.as_ref()),
            Entry::GiveBack { receipt } => self.give_back(*receipt),
            Entry::Rules(rules) => self.window.go_by(*rules),
        }
        None
    }

    /// How the budget stands, if there is a limit. Looking enters nothing.
    pub(super) fn standing(&self, now: Moment) -> Option<Standing<Moment>> {
        self.window.clone().standing(now.max(self.now))
    }

    /// How many of these would be taken, one after the other, and what the next one would be told. Asking enters nothing.
    #[cfg(feature = "accounts")]
    pub(super) fn would_take(&self, now: Moment, spends: &[Spend]) -> (usize, Option<Wait<Moment>>) {
        let (mut window, now) = (self.window.clone(), now.max(self.now));
        for (taken, spend) in spends.iter().enumerate() {
            if let Err(wait) = window.take(now, *spend) {
                return (taken, Some(wait));
            }
        }
        (spends.len(), None)
    }

    /// Whether others have to know at once what an answer said: it tells something new about the limit or the window, or
    /// others wait for it.
    #[cfg(feature = "accounts")]
    pub(super) fn is_news(&self, receipt: Receipt, report: Option<&Report>) -> bool {
        let taken = self.out.iter().find(|out| out.receipt == receipt).map(|out| &out.taken);
        taken.is_some_and(|taken| self.window.is_news(taken, report))
    }

    /// What this process has out.
    #[cfg(feature = "accounts")]
    pub(super) fn out_of(&self, by: i64) -> impl Iterator<Item = Receipt> {
        self.out.iter().map(|out| out.receipt).filter(move |receipt| receipt.by == by)
    }

    fn no_longer_out(&mut self, receipt: Receipt) -> Option<Taken> {
        let at = self.out.iter().position(|out| out.receipt == receipt)?;
        Some(self.out.swap_remove(at).taken)
    }

    /// Time goes on: whoever has not settled in time is gone since. Where the clock was put back by more than a few windows,
    /// nothing that is known of them is of use.
    fn go_on(&mut self, now: Moment) -> Moment {
        if now + self.window.length() * 2 < self.now {
            self.window.forget(now);
            self.out.clear();
            self.now = now;
        }
        while let Some(at) = self.first_due().filter(|at| self.out[*at].due <= now) {
            let gone = self.out.swap_remove(at);
            self.now = self.now.max(gone.due);
            self.window.settle(self.now, gone.taken, None);
        }
        self.now = self.now.max(now);
        self.now
    }

    fn first_due(&self) -> Option<usize> {
        (0..self.out.len()).min_by_key(|at| self.out[*at].due)
    }
}
