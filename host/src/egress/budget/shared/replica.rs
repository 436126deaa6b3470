//! The copy of a helpdesk's book that one process has, and what it is about to enter.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::warn;

use super::super::book::{Book, Entry, Receipt};
use super::super::ledger::{Grant, Standing, Wait};
use super::super::limits::Spend;
use super::super::moment::Moment;
use super::super::report::Report;
use super::{Fold, Inner, Log, Page, UNHURRIED};

/// How long it is believed that there is nothing: others may give back meanwhile, or find that the window is another.
const BELIEVED: Duration = Duration::from_secs(30);

/// The same while an answer is out that will tell the limit: it may come any moment.
const BELIEVED_SHORTLY: Duration = Duration::from_millis(100);

/// How long a log becomes before it is folded, in bytes: some 25 calls.
const LONG: i64 = 6 << 10;

/// An entry and its moment: what a line of the log is.
type Line = (Moment, Entry);

/// What several takings came to.
type Taken = Vec<Result<Grant, Wait<Moment>>>;

/// The copy of one helpdesk's book.
pub(super) struct Replica {
    pub(super) helpdesk: Arc<str>,
    /// One exchange at a time, so that what is read is entered in its order.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// None before the first exchange.
    book: Option<Book>,
    /// Where the log began when it was read last, and up to where it was read.
    base: i64,
    read: i64,
    /// How long the last fold was.
    folded: i64,
    asked: Option<Moment>,
    pending: Vec<Line>,
    /// Somebody sleeps who will write what is pending.
    waits: bool,
    /// News is pending, which somebody is about to write.
    hurries: bool,
    /// The number of the last call, and those that are out.
    number: u64,
    out: HashSet<u64>,
    /// The log was asked to take something, and did not say whether it did.
    doubt: bool,
    /// The log was told by which rules this process goes. Every log begins with that, as books are the same only then.
    ruled: bool,
}

impl Replica {
    pub(super) fn new(helpdesk: Arc<str>) -> Self {
        Self { helpdesk, turn: tokio::sync::Mutex::default(), state: Mutex::default() }
    }

    /// Writes what is pending, takes, and reads what others wrote.
    pub(super) async fn exchange(&self, shared: &Inner, spends: Vec<Spend>) -> Result<Taken, String> {
        let _turn = self.turn.lock().await;
        let now = shared.now();
        let (lines, receipts, mut page) = self.state().write(shared, now, spends);
        let written = page.entries.clone();
        loop {
            let log = match shared.shelf.append(&self.helpdesk, page).await {
                Ok(log) => log,
                Err(why) => {
                    self.state().not_written(lines, &receipts);
                    return Err(why);
                }
            };
            let mut state = self.state();
            if state.read != 0 && !log.entries.ends_with(&written) {
                // The log was put back to an earlier state, or begun anew: it is read from its beginning.
                (state.read, state.ruled) = (0, false);
                page = Page { from: 0, entries: String::new(), now: now.0, fold: None };
                continue;
            }
            return Ok(state.enter(shared, now, &log, &receipts));
        }
    }

    /// For how many of these it makes sense to ask, going by what was read and is pending: at least for the first, unless
    /// it was read only lately that there is nothing for it.
    pub(super) fn foreseen(&self, now: Moment, spends: &[Spend]) -> Result<usize, Wait<Moment>> {
        let state = self.state();
        let Some(mut book) = state.book.clone() else { return Ok(1) };
        for (at, entry) in &state.pending {
            book.enter(*at, entry);
        }
        match book.would_take(now, spends) {
            // A clock that was put back has not read anything yet.
            (0, Some(wait)) if state.asked <= Some(now) && now < state.again(&wait) => Err(wait),
            // Nobody knows yet what became of what was asked before.
            _ if state.doubt => Ok(1),
            (fit, _) => Ok(fit.max(1)),
        }
    }

    /// When to ask again.
    pub(super) fn again(&self, wait: &Wait<Moment>) -> Moment {
        self.state().again(wait)
    }

    /// Will write that a call was answered so, or not at all. Tells whether it has to be written at once.
    pub(super) fn settle(&self, now: Moment, receipt: Receipt, report: Option<&Report>) -> bool {
        self.will_write(now, receipt, report, Entry::Settle { receipt, report: report.copied() })
    }

    /// Will write that a call did not leave. Tells whether it has to be written at once.
    pub(super) fn give_back(&self, now: Moment, receipt: Receipt) -> bool {
        self.will_write(now, receipt, None, Entry::GiveBack { receipt })
    }

    fn will_write(&self, now: Moment, receipt: Receipt, report: Option<&Report>, entry: Entry) -> bool {
        let mut state = self.state();
        let news = state.book.as_ref().is_some_and(|book| book.is_news(receipt, report));
        state.out.remove(&receipt.number);
        state.pending.push((now, entry));
        news && !std::mem::replace(&mut state.hurries, true)
    }

    pub(super) fn standing(&self, now: Moment) -> Option<Standing<Moment>> {
        self.state().book.as_ref()?.standing(now)
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.state().pending.is_empty()
    }

    /// How long what is pending may go on waiting for a turn; none where nothing is, or it has waited long enough.
    pub(super) fn may_wait(&self, now: Moment) -> Option<Duration> {
        let waited = now.since(self.state().pending.first()?.0);
        UNHURRIED.checked_sub(waited).filter(|left| !left.is_zero())
    }

    /// Whether nobody else sleeps to write what is pending.
    pub(super) fn is_first_to_wait(&self) -> bool {
        !std::mem::replace(&mut self.state().waits, true)
    }

    pub(super) fn waits_no_longer(&self) {
        self.state().waits = false;
    }

    /// States are whole whenever they are readable, also after a panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is to be appended: all that is pending, and takings.
    fn write(&mut self, shared: &Inner, now: Moment, spends: Vec<Spend>) -> (Vec<Line>, Vec<Receipt>, Page) {
        let mut lines = std::mem::take(&mut self.pending);
        self.hurries = false;
        if !std::mem::replace(&mut self.ruled, true) {
            lines.insert(0, (now, Entry::Rules(shared.rules)));
        }
        let take = |spend| {
            self.number += 1;
            let receipt = Receipt { by: shared.by, number: self.number };
            lines.push((now, Entry::Take { receipt, spend, time: shared.time }));
            receipt
        };
        let receipts = spends.into_iter().map(take).collect();
        let entries = lines.iter().filter_map(|line| Some(serde_json::to_string(line).ok()? + "\n")).collect();
        (lines, receipts, Page { from: self.read, entries, now: now.0, fold: self.fold() })
    }

    /// The book as far as it was read, if the log is long by now.
    fn fold(&mut self) -> Option<Fold> {
        let book = self.book.as_ref().filter(|_| self.read - self.base > LONG.max(2 * self.folded))?;
        let book = serde_json::to_string(book).ok()?;
        self.folded = i64::try_from(book.len()).unwrap_or(LONG);
        Some(Fold { base: self.base, to: self.read, book })
    }

    /// It may have been written all the same: to settle or to give back a second time does nothing.
    fn not_written(&mut self, mut lines: Vec<Line>, receipts: &[Receipt]) {
        lines.retain(|(_, entry)| !matches!(entry, Entry::Take { .. }));
        lines.append(&mut self.pending);
        self.pending = lines;
        self.doubt |= !receipts.is_empty();
    }

    /// Enters what was read.
    fn enter(&mut self, shared: &Inner, now: Moment, log: &Log, mine: &[Receipt]) -> Taken {
        if self.read < log.base || self.book.is_none() {
            self.book = serde_json::from_str(&log.book).ok();
            if self.book.is_none() && !log.book.is_empty() {
                warn!("the book of a helpdesk's budget cannot be read, and is begun anew");
            }
            // A log that was begun anew, by who did not know, does not begin with the rules.
            self.ruled &= self.read == 0 || !log.book.is_empty();
            self.read = log.base;
        }
        // A log without a book begins at its first moment, for whoever reads it.
        let book = self.book.get_or_insert_with(|| Book::new(shared.rules, Moment(log.base)));
        let mut taken = vec![None; mine.len()];
        for line in log.entries.lines() {
            let Ok((at, entry)) = serde_json::from_str::<Line>(line) else {
                warn!("an entry of a helpdesk's budget cannot be read, and is left out");
                continue;
            };
            let came_to = book.enter(at, &entry);
            // A page that was appended twice, as its first answer was lost, takes once.
            if let Entry::Take { receipt, .. } = entry
                && let Some(at) = mine.iter().position(|mine| *mine == receipt)
            {
                taken[at] = came_to.map(|came_to| came_to.map(|window| Grant { receipt, window }));
            }
        }
        self.base = log.base;
        self.read += i64::try_from(log.entries.len()).unwrap_or(i64::MAX);
        self.asked = Some(now);
        self.out.extend(taken.iter().flatten().flatten().map(|grant| grant.receipt.number));
        if std::mem::take(&mut self.doubt) {
            let nobodys = book.out_of(shared.by).filter(|receipt| !self.out.contains(&receipt.number));
            self.pending.extend(nobodys.map(|receipt| (now, Entry::GiveBack { receipt })));
        }
        taken.into_iter().flatten().collect()
    }

    fn again(&self, wait: &Wait<Moment>) -> Moment {
        let asked = self.asked.unwrap_or(Moment(0));
        asked + if wait.until.is_none() { BELIEVED_SHORTLY } else { BELIEVED }
    }
}
