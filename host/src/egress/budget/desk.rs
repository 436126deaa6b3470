//! The desk of one helpdesk, where its callers wait for their turns: callers one after the other, each caller's calls in the
//! order in which they came.
//!
//! One of those who wait is called at a time, and asks the ledger, for some of those behind it as well: a ledger may be far
//! away. Who gets nothing keeps the others waiting if there is nothing for them either, and else lets them pass without
//! losing the place.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::NoTurn;
use super::book::Receipt;
use super::ledger::{Grant, Ledger, Wait};
use super::limits::Spend;

/// How many turns are asked for at a time. Of a window, so many may go to one of several hosts before another gets any.
const TOGETHER: usize = 4;

/// A desk.
pub(super) struct Desk {
    pub(super) helpdesk: Arc<str>,
    line: Mutex<Line>,
    /// Wakes who was called and sleeps.
    stirred: Notify,
}

#[derive(Default)]
struct Line {
    callers: VecDeque<Caller>,
    /// Who is called.
    called: Option<u64>,
    /// The turns of those who were served and have not come for them yet.
    served: HashMap<u64, Receipt>,
    /// The next waiter's number.
    next: u64,
    /// The window of the last turn.
    window: u64,
}

/// A caller who waits at least once.
struct Caller {
    caller: u64,
    waiters: VecDeque<Waiter>,
}

struct Waiter {
    number: u64,
    spend: Spend,
    deadline: Instant,
    /// Lets others pass.
    aside: bool,
    /// Until then there is nothing, which is too late.
    hopeless: Option<Instant>,
    call: Arc<Notify>,
}

/// The deadline cannot be met; there may be a turn then, if that is known.
pub(super) struct TooLate(pub(super) Option<Instant>);

impl Desk {
    pub(super) fn new(helpdesk: Arc<str>) -> Self {
        Self { helpdesk, line: Mutex::default(), stirred: Notify::new() }
    }

    /// Something was settled or given back: who is called asks again, or if nobody is, the first who lets others pass.
    pub(super) fn stir(&self) {
        let mut line = self.line();
        match line.called {
            Some(_) => self.stirred.notify_one(),
            None => {
                line.waiters_mut().take(1).for_each(|first| first.aside = false);
                line.call_next();
            }
        }
    }

    /// Gets in line, unless it is plain from how the budget stands that the turn would come after the deadline.
    pub(super) fn enter<'a>(
        self: &Arc<Self>,
        ledger: &'a dyn Ledger,
        caller: u64,
        spend: Spend,
        deadline: Instant,
    ) -> Result<Place<'a>, TooLate> {
        let mut line = self.line();
        if !line.callers.is_empty()
            && let Some(standing) = ledger.standing(&self.helpdesk)
        {
            let ahead = line.ahead_of(caller, standing.share);
            let turn = standing.when(ahead.saturating_add(i64::from(spend.credits).min(standing.share)));
            if turn.is_some_and(|turn| deadline < turn) {
                return Err(TooLate(turn));
            }
        }
        let call = Arc::new(Notify::new());
        let number = line.join(caller, spend, deadline, &call);
        drop(line);
        Ok(Place { ledger, desk: Arc::clone(self), own: Guest { caller, number, spend }, deadline, call })
    }

    /// How many wait, of all callers.
    #[cfg(feature = "accounts")]
    pub(super) fn waiting(&self) -> usize {
        self.line().waiters().count()
    }

    /// Lines are whole whenever they are readable, also after a panic.
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn join(&mut self, caller: u64, spend: Spend, deadline: Instant, call: &Arc<Notify>) -> u64 {
        self.next += 1;
        let number = self.next;
        let waiter = Waiter { number, spend, deadline, aside: false, hopeless: None, call: Arc::clone(call) };
        match self.callers.iter_mut().find(|line| line.caller == caller) {
            Some(line) => line.waiters.push_back(waiter),
            None => self.callers.push_back(Caller { caller, waiters: [waiter].into() }),
        }
        self.call_next();
        number
    }

    /// Calls the next one who does not let others pass, unless somebody is called already.
    fn call_next(&mut self) {
        if self.called.is_none() {
            let next = self.waiters_mut().find(|waiter| !waiter.aside);
            self.called = next.map(|next| {
                next.hopeless = None;
                next.call.notify_one();
                next.number
            });
        }
    }

    /// Ends the wait of one, if it is in line.
    fn leave(&mut self, caller: u64, number: u64) -> Option<Waiter> {
        let line = self.callers.iter().position(|line| line.caller == caller)?;
        let waiters = &mut self.callers[line].waiters;
        let waiter = waiters.iter().position(|waiter| waiter.number == number).and_then(|at| waiters.remove(at));
        if waiters.is_empty() {
            self.callers.remove(line);
        }
        self.called = self.called.filter(|called| *called != number);
        waiter
    }

    /// Those who would be called after the one who is, if each got a turn. Nobody while somebody lets others pass: it would
    /// come first if a window has begun.
    fn behind(&self, called: &Guest) -> Vec<Guest> {
        let mut behind = Vec::new();
        if self.waiters().any(|waiter| waiter.aside) {
            return behind;
        }
        let (own, others): (Vec<_>, _) = self.callers.iter().partition(|line| line.caller == called.caller);
        let lines = others.into_iter().chain(own).map(|line| (line.caller, line.waiters.iter()));
        let mut lines: VecDeque<_> =
            lines.map(|(caller, waiters)| (caller, waiters.filter(|waiter| waiter.number != called.number))).collect();
        while behind.len() + 1 < TOGETHER
            && let Some((caller, mut waiters)) = lines.pop_front()
        {
            if let Some(waiter) = waiters.next() {
                behind.push(Guest { caller, number: waiter.number, spend: waiter.spend });
                lines.push_back((caller, waiters));
            }
        }
        behind
    }

    /// One has a turn in this window, unless it left meanwhile: its caller's next one comes after everybody else's. In a new
    /// window, nobody needs to let others pass any more.
    fn serve(&mut self, guest: &Guest, grant: Grant) -> bool {
        let Some(waiter) = self.leave(guest.caller, guest.number) else { return false };
        self.served.insert(guest.number, grant.receipt);
        waiter.call.notify_one();
        if let Some(at) = self.callers.iter().position(|line| line.caller == guest.caller)
            && let Some(line) = self.callers.remove(at)
        {
            self.callers.push_back(line);
        }
        if std::mem::replace(&mut self.window, grant.window) != grant.window {
            self.waiters_mut().for_each(|waiter| waiter.aside = false);
        }
        true
    }

    /// Lets others pass, or not any more.
    fn step(&mut self, number: u64, aside: bool) {
        self.waiters_mut().filter(|waiter| waiter.number == number).for_each(|waiter| waiter.aside = aside);
        self.called = self.called.filter(|called| !(aside && *called == number));
        self.call_next();
    }

    /// There is nothing for anybody until then.
    fn nothing_until(&mut self, until: Instant) {
        for waiter in self.waiters_mut().filter(|waiter| waiter.deadline < until) {
            waiter.hopeless = Some(until);
            waiter.call.notify_one();
        }
    }

    /// The credits, `most` for each call, that are spent before the next call of `caller` is served.
    fn ahead_of(&self, caller: u64, most: i64) -> i64 {
        let own = self.callers.iter().find(|line| line.caller == caller).map_or(0, |line| line.waiters.len());
        let rounds = |line: &Caller| if line.caller == caller { own } else { own + 1 };
        let ahead = self.callers.iter().flat_map(|line| line.waiters.iter().take(rounds(line)));
        let credits = ahead.filter(|waiter| !waiter.aside).map(|waiter| i64::from(waiter.spend.credits));
        credits.map(|credits| credits.min(most)).fold(0, i64::saturating_add)
    }

    fn waiters(&self) -> impl Iterator<Item = &Waiter> {
        self.callers.iter().flat_map(|line| &line.waiters)
    }

    fn waiters_mut(&mut self) -> impl Iterator<Item = &mut Waiter> {
        self.callers.iter_mut().flat_map(|line| &mut line.waiters)
    }
}

/// Whom the ledger is asked for.
#[derive(Clone, Copy)]
struct Guest {
    caller: u64,
    number: u64,
    spend: Spend,
}

/// A place in line. Dropped, it is left, with what was not come for given back, and the next one is called.
pub(super) struct Place<'a> {
    ledger: &'a dyn Ledger,
    desk: Arc<Desk>,
    own: Guest,
    deadline: Instant,
    call: Arc<Notify>,
}

impl Place<'_> {
    /// Waits until it is called, or was served.
    pub(super) async fn called(&self) -> Result<(), TooLate> {
        loop {
            {
                let line = self.desk.line();
                if line.called == Some(self.own.number) || line.served.contains_key(&self.own.number) {
                    return Ok(());
                }
                let own = line.waiters().find(|waiter| waiter.number == self.own.number);
                if let Some(until) = own.and_then(|waiter| waiter.hopeless) {
                    return Err(TooLate(Some(until)));
                }
            }
            timeout_at(self.deadline, self.call.notified()).await.map_err(|_| TooLate(None))?;
        }
    }

    /// The turn, if it was served.
    pub(super) fn served(&self) -> Option<Receipt> {
        self.desk.line().served.remove(&self.own.number)
    }

    /// Having been called, asks for itself and for those behind it. Tells what it is told itself, if it gets nothing.
    pub(super) async fn ask(&self) -> Result<Option<Wait>, NoTurn> {
        let behind = self.desk.line().behind(&self.own);
        let party = [&[self.own], &behind[..]].concat();
        let spends = party.iter().map(|guest| guest.spend).collect();
        let answers = self.ledger.take(&self.desk.helpdesk, spends).await?;
        let (mut own, mut came_back) = (None, false);
        let mut line = self.desk.line();
        for (guest, answer) in party.iter().zip(answers) {
            match answer {
                Ok(grant) if line.serve(guest, grant) => {}
                Ok(grant) => {
                    self.ledger.give_back(&self.desk.helpdesk, grant.receipt);
                    came_back = true;
                }
                Err(wait) if guest.number == self.own.number => own = Some(wait),
                // It will be called, and told.
                Err(_) => {}
            }
        }
        line.call_next();
        drop(line);
        if came_back {
            self.desk.stir();
        }
        Ok(own)
    }

    /// Having been called and got nothing, waits until asking again makes sense.
    pub(super) async fn wait(&self, wait: Wait) -> Result<(), TooLate> {
        let until = wait.until.unwrap_or(self.deadline);
        if self.deadline < until || self.deadline <= Instant::now() {
            return Err(TooLate(wait.until));
        }
        let again = wait.again.map_or(until, |again| again.min(until));
        // What wakes it earlier makes it ask earlier, no more.
        if wait.others_may_fit && wait.until.is_some() {
            self.desk.line().step(self.own.number, true);
            match timeout_at(again, self.called()).await {
                Ok(called) => called?,
                Err(_) => self.desk.line().step(self.own.number, false),
            }
        } else {
            wait.until.inspect(|until| self.desk.line().nothing_until(*until));
            let _ = timeout_at(again, self.desk.stirred.notified()).await;
        }
        Ok(())
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.desk.line();
        line.leave(self.own.caller, self.own.number);
        let unclaimed = line.served.remove(&self.own.number);
        if let Some(receipt) = unclaimed {
            self.ledger.give_back(&self.desk.helpdesk, receipt);
        }
        line.call_next();
        drop(line);
        if unclaimed.is_some() {
            self.desk.stir();
        }
    }
}
