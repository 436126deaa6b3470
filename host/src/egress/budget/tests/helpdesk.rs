//! A helpdesk: a fixed window, opened by the first call of anybody.

use std::time::Duration;

use tokio::time::Instant;

use super::super::report::Throttled;
use super::super::{Report, Spend};
use super::MINUTE;

/// What it allows and what was spent, in plain data.
pub(super) struct Helpdesk {
    total: u32,
    operations: [u32; 3],
    /// Whether it says more than 429.
    talkative: bool,
    opened: Option<Instant>,
    used: u32,
    calls: [u32; 3],
    /// Calls that were refused.
    pub(super) refused: usize,
    /// What was used of each window that is over.
    pub(super) windows: Vec<u32>,
}

impl Helpdesk {
    pub(super) fn of(total: u32) -> Self {
        let (operations, calls) = ([u32::MAX; 3], [0; 3]);
        Self { total, operations, talkative: true, opened: None, used: 0, calls, refused: 0, windows: Vec::new() }
    }

    /// The same with limits of ticket create, ticket update and tickets list.
    pub(super) fn with(self, operations: [u32; 3]) -> Self {
        Self { operations, ..self }
    }

    /// The same, whose answers do not tell what it allows.
    pub(super) fn silent(self) -> Self {
        Self { talkative: false, ..self }
    }

    /// Charges a call that comes in now, and answers it.
    pub(super) fn charge(&mut self, now: Instant, spend: Spend) -> Report {
        let opened = self.window_at(now);
        let operation = spend.operation.map(|operation| operation as usize);
        let free = operation.is_none_or(|at| self.calls[at] < self.operations[at]);
        if free && self.used + spend.credits <= self.total {
            operation.inspect(|at| self.calls[*at] += 1);
            self.used += spend.credits;
            return self.report(spend.credits, None);
        }
        self.refused += 1;
        self.used = (self.used + 1).min(self.total);
        let left = (opened + MINUTE - now).as_secs_f64().ceil();
        self.report(1, Some(Throttled::For(Duration::from_secs_f64(left).max(Duration::from_secs(1)))))
    }

    /// What has been used of the window that is open, and of all before.
    pub(super) fn used_in_all(&self) -> u32 {
        self.used + self.windows.iter().sum::<u32>()
    }

    fn report(&self, cost: u32, throttled: Option<Throttled>) -> Report {
        if !self.talkative {
            return Report { throttled, ..Report::default() };
        }
        let remaining = self.total - self.used;
        Report { total: Some(self.total), remaining: Some(remaining), cost: Some(cost), throttled }
    }

    fn window_at(&mut self, now: Instant) -> Instant {
        match self.opened {
            Some(opened) if now < opened + MINUTE => opened,
            before => {
                before.inspect(|_| self.windows.push(self.used));
                (self.opened, self.used, self.calls) = (Some(now), 0, [0; 3]);
                now
            }
        }
    }
}
