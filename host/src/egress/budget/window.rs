//! What is known of one helpdesk's window: plain data, and no clock but the one it is told.
//!
//! The helpdesk's window begins with the first call of anybody and takes a fixed time. When it began is known between
//! two bounds: not before our first call was sent, and not after its answer came. What was settled after the earliest
//! end, or is out at the latest, may count in the next window; it is taken to count in both.

use std::time::Duration;

use super::ledger::{Standing, Wait};
use super::limits::{Count, Operation, Rules, Spend};
use super::moment::Moment;
use super::report::{Report, Throttled};

/// What a helpdesk allows, and what was spent of it.
///
/// `taken` and `settled` only count up, so that a number kept from an earlier moment (a mark) tells what has come since.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Window {
    rules: Rules,
    /// Counts the windows, so that an answer to a call of an earlier one is known as such.
    number: u64,
    limit: Limit,
    /// Everything that was taken and not given back.
    taken: Count,
    /// What of it is not out any more.
    settled: Count,
    settled_at: Moment,
    /// What of `taken` surely does not count in this window.
    before: Count,
    /// What of `taken` surely does not count in the next one.
    before_next: Count,
    /// Credits that others have spent at least.
    others: i64,
    /// The answer that reported the most spent.
    seen: Option<Seen>,
    earliest_end: Option<Moment>,
    latest_end: Option<Moment>,
    /// Nothing may be taken before this.
    closed: Option<Moment>,
    /// Nor of these operations.
    closed_operations: Vec<(Operation, Moment)>,
}

/// How many credits there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
enum Limit {
    /// No answer has come yet.
    Unknown,
    /// Answers do not tell.
    Untold,
    /// So many per window.
    Total(u32),
}

/// What an answer reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Seen {
    used: i64,
    /// Of `taken`, what `used` surely includes, or an earlier window.
    mark: Count,
    /// When its call was taken.
    taken_at: Moment,
}

/// What was taken for one call. To be settled or given back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Taken {
    /// The window that it was taken from.
    pub(super) window: u64,
    at: Moment,
    count: Count,
    operation: Option<Operation>,
    mark: Count,
    seen: Option<Seen>,
}

impl Window {
    pub(super) fn new(rules: Rules, now: Moment) -> Self {
        Self {
            rules,
            number: 0,
            limit: Limit::Unknown,
            taken: Count::default(),
            settled: Count::default(),
            settled_at: now,
            before: Count::default(),
            before_next: Count::default(),
            others: 0,
            seen: None,
            earliest_end: None,
            latest_end: None,
            closed: None,
            closed_operations: Vec::new(),
        }
    }

    /// The length of a window.
    pub(super) fn length(&self) -> Duration {
        self.rules.window
    }

    /// Forgets everything: another window begins, of which nothing is known.
    pub(super) fn forget(&mut self, now: Moment) {
        let number = self.number + 1;
        *self = Self { number, ..Self::new(self.rules, now) };
    }

    /// Takes `spend`. What is more than a whole share is cut to it, so that it can go out at all.
    pub(super) fn take(&mut self, now: Moment, spend: Spend) -> Result<Taken, Wait<Moment>> {
        self.roll(now);
        if let Some(until) = self.closed {
            return Err(wait(Some(until), false));
        }
        if self.limit == Limit::Unknown && self.is_out() {
            return Err(wait(None, false));
        }
        let mut count = Count::call(i64::from(spend.credits.max(1)), spend.operation);
        if let Some((share, left)) = self.share().zip(self.left()) {
            let excess = count.credits() - share.credits().min(count.credits());
            count = count.minus(Count::credits_only(excess));
            if left.credits() < count.credits() {
                return Err(wait(self.end(now), left.credits() > 0));
            }
            if !count.operations_fit(left) {
                return Err(wait(self.end(now), true));
            }
        }
        if let Some((_, until)) = self.closed_operations.iter().find(|(closed, _)| Some(*closed) == spend.operation) {
            return Err(wait(Some(*until), true));
        }
        self.taken = self.taken.plus(count);
        self.earliest_end.get_or_insert(now + self.rules.window);
        let (mark, operation) = (self.settled.plus(count), spend.operation);
        Ok(Taken { window: self.number, at: now, count, operation, mark, seen: self.seen })
    }

    /// The request never left.
    pub(super) fn give_back(&mut self, taken: &Taken) {
        self.taken = self.taken.minus(taken.count);
        if self.taken == self.before && self.latest_end.is_none() {
            self.earliest_end = None;
        }
    }

    /// The request left, and was answered so or not at all.
    pub(super) fn settle(&mut self, now: Moment, taken: Taken, report: Option<&Report>) {
        self.roll(now);
        let cost = report.and_then(|report| report.cost).map(i64::from);
        let correction = Count::credits_only(cost.map_or(0, |cost| cost - taken.count.credits()));
        self.taken = self.taken.plus(correction);
        self.settled = self.settled.plus(taken.count).plus(correction);
        self.settled_at = now;
        self.keep_before_next(now);
        let Some(report) = report else { return };
        self.learn_limit(report);
        if let Some(used) = report.used() {
            let current = taken.window == self.number;
            let cost = cost.unwrap_or(0);
            let fell = |earlier: &Seen| used < earlier.used + cost && report.remaining != Some(0);
            if let Some(earlier) = taken.seen.filter(|earlier| current && fell(earlier)) {
                self.began_since(earlier);
            }
            let seen = Seen { used, mark: taken.mark.plus(correction), taken_at: taken.at };
            self.bound_ours(&seen);
            if current {
                self.bound_end(&seen, cost, now);
                self.others = self.others.max(used - self.ours().credits());
                self.seen = self.seen.filter(|most| used < most.used).or(Some(seen));
            }
        }
        if let Some(throttled) = report.throttled {
            self.close(now, &taken, report, throttled);
        }
    }

    /// Goes by other rules from now on.
    #[cfg(feature = "accounts")]
    pub(super) fn go_by(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Whether an answer tells something of the limit or of when the window ends that nobody knows yet, or that what it
    /// cost is not what was taken.
    #[cfg(feature = "accounts")]
    pub(super) fn is_news(&self, taken: &Taken, report: Option<&Report>) -> bool {
        let told = |report: &Report| {
            let total = report.total.is_some_and(|total| self.limit != Limit::Total(total));
            let cost = report.cost.is_some_and(|cost| i64::from(cost) != taken.count.credits());
            report.throttled.is_some() || total || cost || (self.latest_end.is_none() && report.used().is_some())
        };
        self.limit == Limit::Unknown || report.is_some_and(told)
    }

    /// How the budget stands, if there is a limit.
    pub(super) fn standing(&mut self, now: Moment) -> Option<Standing<Moment>> {
        self.roll(now);
        let total = if let Limit::Total(total) = self.limit { Some(total) } else { None };
        let (share, used, rules) = (self.share().map(Count::credits), self.ours().credits(), self.rules);
        if let Some(until) = self.closed {
            return Some(Standing { total, share: share.unwrap_or(i64::MAX), used, left: 0, more: Some(until), rules });
        }
        let left = self.left()?.credits().max(0);
        Some(Standing { total, share: share?, used, left, more: self.end(now), rules })
    }

    /// Begins the next window if this one is over, and opens what was closed until now.
    fn roll(&mut self, now: Moment) {
        self.closed = self.closed.filter(|until| now < *until);
        self.closed_operations.retain(|(_, until)| now < *until);
        if !self.is_out() && self.settled_at + self.rules.window <= now {
            // Whatever window a call of ours was counted in has ended since.
            self.begin(self.taken, None);
        } else if self.latest_end.is_some_and(|end| end <= now) {
            let carried = self.taken != self.before_next;
            let earliest_end = self.earliest_end.filter(|_| carried).map(|end| end + self.rules.window);
            self.begin(self.before_next, earliest_end);
        }
    }

    fn begin(&mut self, before: Count, earliest_end: Option<Moment>) {
        self.number += 1;
        self.before = before;
        self.before_next = self.before_next.max(before);
        self.others = 0;
        self.seen = None;
        self.earliest_end = earliest_end;
        self.latest_end = None;
    }

    /// The helpdesk began its window after the call was taken whose answer was seen earlier.
    fn began_since(&mut self, earlier: Seen) {
        self.begin(earlier.mark.max(self.before), Some(earlier.taken_at + self.rules.window));
    }

    /// What is settled before the earliest end does not count in the next window.
    fn keep_before_next(&mut self, now: Moment) {
        if self.earliest_end.is_none_or(|end| now < end) {
            self.before_next = self.settled;
        }
    }

    fn learn_limit(&mut self, report: &Report) {
        match (report.total, self.limit) {
            (Some(total), _) => self.limit = Limit::Total(total),
            (None, Limit::Unknown) if report.throttled.is_none() => self.limit = Limit::Untold,
            (None, _) => {}
        }
    }

    /// Ours is at most what an answer reported and what came after it, whichever window it spoke of.
    fn bound_ours(&mut self, seen: &Seen) {
        let excess = self.ours().credits() - seen.used - self.taken.minus(seen.mark).credits();
        self.before = self.before.plus(Count::credits_only(excess.max(0)));
        self.before_next = self.before_next.max(self.before);
    }

    /// The end is at most a window after the first answer. It is at least a window after that answer's call, if it reports
    /// nothing spent but its own `cost`, since then it opened the window; and it is after any call that reports more than
    /// can have been spent in the next.
    fn bound_end(&mut self, seen: &Seen, cost: i64, now: Moment) {
        let first = self.latest_end.is_none();
        self.latest_end.get_or_insert(now + self.rules.window);
        if first && seen.used <= cost {
            self.earliest_end = self.earliest_end.max(Some(seen.taken_at + self.rules.window));
        } else if seen.used > self.taken.minus(self.before_next).credits() {
            self.earliest_end = self.earliest_end.max(Some(seen.taken_at));
            self.before_next = self.before_next.max(seen.mark);
        }
        self.keep_before_next(now);
    }

    /// A limit is reached: that of the operation if there are credits left, else the total.
    fn close(&mut self, now: Moment, taken: &Taken, report: &Report, throttled: Throttled) {
        let until = match throttled {
            Throttled::For(time) => now + time,
            Throttled::RestOfWindow => self.latest_end.unwrap_or(now + self.rules.window),
        };
        if let Some(operation) = taken.operation.filter(|_| report.remaining.is_some_and(|left| left > 0)) {
            self.closed_operations.push((operation, until));
            return;
        }
        self.closed = self.closed.max(Some(until));
        if let Throttled::For(time) = throttled
            && taken.window == self.number
        {
            // The window ends that long after the refusal, rounded up to seconds.
            let earliest_end = taken.at + time.saturating_sub(Duration::from_secs(1));
            self.earliest_end = self.earliest_end.map(|end| end.min(earliest_end));
            self.latest_end = Some(until);
        }
    }

    /// Whether a call of ours is out.
    fn is_out(&self) -> bool {
        self.taken != self.settled
    }

    /// What of ours counts in this window, or may.
    fn ours(&self) -> Count {
        self.taken.minus(self.before)
    }

    fn share(&self) -> Option<Count> {
        match self.limit {
            Limit::Total(total) => Some(self.rules.share(total)),
            Limit::Unknown | Limit::Untold => None,
        }
    }

    /// What can be taken. What others have spent is theirs up to the reserve; beyond it, it is missing from our share.
    fn left(&self) -> Option<Count> {
        let Limit::Total(total) = self.limit else { return None };
        let beyond = (self.others - self.rules.reserve(total)).max(0);
        Some(self.rules.share(total).minus(self.ours()).minus(Count::credits_only(beyond)))
    }

    /// When this window will be over, or if an answer decides that, the earliest that it can be.
    fn end(&self, now: Moment) -> Option<Moment> {
        let idle = (!self.is_out()).then(|| self.settled_at + self.rules.window);
        self.latest_end.or(idle).or(self.earliest_end).filter(|end| now < *end)
    }
}

fn wait(until: Option<Moment>, others_may_fit: bool) -> Wait<Moment> {
    Wait { until, again: None, others_may_fit }
}
