//! The calls that a helpdesk may make, and those it has made: `docs/freshdesk.md §2`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Moment;

/// A Freshdesk plan, as far as calls per minute go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The trial of a new account.
    Trial,
    /// The free plan, which has no API.
    Free,
    /// Growth.
    Growth,
    /// Pro.
    Pro,
    /// Enterprise.
    Enterprise,
    /// Any plan with the add-on for 1000 calls.
    AddOn1000,
    /// Any plan with the add-on for 2000 calls.
    AddOn2000,
    /// Blossom, an old plan.
    Blossom,
    /// Garden, an old plan.
    Garden,
    /// Estate, an old plan.
    Estate,
    /// Forest, an old plan.
    Forest,
}

impl Plan {
    /// The calls per window of this plan.
    pub fn limits(self) -> Limits {
        match self {
            Plan::Free => Limits::total(0),
            Plan::Trial => Limits::total(50),
            Plan::Growth => Limits::of(200, [80, 80, 20, 20]),
            Plan::Pro => Limits::of(400, [160, 160, 100, 100]),
            Plan::Enterprise => Limits::of(700, [280, 280, 200, 200]),
            Plan::AddOn1000 => Limits::of(1000, [400, 400, 300, 300]),
            Plan::AddOn2000 => Limits::of(2000, [800, 800, 400, 400]),
            Plan::Blossom => Limits::of(100, [40, 40, 40, 40]),
            Plan::Garden => Limits::of(200, [80, 60, 60, 60]),
            Plan::Estate => Limits::of(400, [160, 160, 100, 100]),
            Plan::Forest => Limits::of(700, [280, 280, 200, 200]),
        }
    }
}

/// The operations that have a limit of their own beside the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubLimit {
    /// `POST /tickets`.
    TicketCreate,
    /// `PUT /tickets/{id}`.
    TicketUpdate,
    /// `GET /tickets`.
    TicketsList,
    /// `GET /contacts`.
    ContactsList,
}

/// How many credits a helpdesk has per window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The credits of all calls together.
    pub total: u32,
    /// The calls of single operations; an operation that is not named has no limit of its own.
    pub operations: BTreeMap<SubLimit, u32>,
}

impl Limits {
    /// A total and no limits of single operations.
    pub fn total(total: u32) -> Limits {
        Limits { total, operations: BTreeMap::new() }
    }

    /// A total, and the limits of ticket create, ticket update, tickets list and contacts list.
    pub fn of(total: u32, operations: [u32; 4]) -> Limits {
        let names = [SubLimit::TicketCreate, SubLimit::TicketUpdate, SubLimit::TicketsList, SubLimit::ContactsList];
        Limits { total, operations: names.into_iter().zip(operations).collect() }
    }
}

/// What a helpdesk has spent in the window that is open. The first call opens one; it is not aligned to the minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spend {
    /// When the window was opened; none before the first call.
    pub opened_at: Option<Moment>,
    /// The credits spent in it.
    pub used: u32,
    /// The calls made to operations with a limit of their own.
    pub calls: BTreeMap<SubLimit, u32>,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Whole seconds until the window ends, at least one.
    pub retry_after: u64,
}

impl Spend {
    /// Spends `cost` credits. A call that does not fit is refused and still costs one credit while there is one, because
    /// calls that fail count too.
    pub fn charge(
        &mut self,
        limits: &Limits,
        window: Duration,
        now: Moment,
        cost: u32,
        operation: Option<SubLimit>,
    ) -> Result<(), Exhausted> {
        let opened_at = self.window_at(window, now);
        let calls =
            operation.map(|operation| (limits.operations.get(&operation), self.calls.entry(operation).or_default()));
        let within = match calls {
            Some((Some(limit), made)) if *made >= *limit => false,
            Some((_, made)) => {
                *made += 1;
                true
            }
            None => true,
        };
        if within && self.used + cost <= limits.total {
            self.used += cost;
            return Ok(());
        }
        self.used = (self.used + 1).min(limits.total);
        let left = (opened_at + window) - now;
        let whole = left.whole_seconds() + i64::from(left.subsec_nanoseconds() > 0);
        Err(Exhausted { retry_after: u64::try_from(whole).unwrap_or(0).max(1) })
    }

    /// The credits that are left in the window.
    pub fn remaining(&self, limits: &Limits) -> u32 {
        limits.total.saturating_sub(self.used)
    }

    /// When the current window was opened, after closing one that has ended.
    fn window_at(&mut self, window: Duration, now: Moment) -> Moment {
        match self.opened_at {
            Some(opened_at) if now >= opened_at && now < opened_at + window => opened_at,
            _ => {
                *self = Spend { opened_at: Some(now), ..Spend::default() };
                now
            }
        }
    }
}
