//! The desk of one helpdesk, where its callers wait for their turns: callers one after the other, each caller's calls in the
//! order in which they came.
//!
//! One of those who wait is called at a time, and asks the ledger. Who gets nothing keeps the others waiting if there is
//! nothing for them either, and else lets them pass without losing the place.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::ledger::{Standing, Wait};
use super::limits::Spend;

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
    credits: i64,
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

    /// Gets in line, unless it is plain from `standing` that the turn would come after the deadline.
    pub(super) fn enter(
        self: &Arc<Self>,
        caller: u64,
        spend: Spend,
        deadline: Instant,
        standing: impl FnOnce() -> Option<Standing>,
    ) -> Result<Place, TooLate> {
        let mut line = self.line();
        if !line.callers.is_empty()
            && let Some(standing) = standing()
        {
            let ahead = line.ahead_of(caller, standing.share);
            let turn = standing.when(ahead.saturating_add(i64::from(spend.credits).min(standing.share)));
            if turn.is_some_and(|turn| deadline < turn) {
                return Err(TooLate(turn));
            }
        }
        let call = Arc::new(Notify::new());
        let number = line.join(caller, i64::from(spend.credits), deadline, &call);
        drop(line);
        Ok(Place { desk: Arc::clone(self), caller, number, deadline, call })
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
    fn join(&mut self, caller: u64, credits: i64, deadline: Instant, call: &Arc<Notify>) -> u64 {
        self.next += 1;
        let number = self.next;
        let waiter = Waiter { number, credits, deadline, aside: false, hopeless: None, call: Arc::clone(call) };
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

    /// Ends the wait of one, and calls the next.
    fn leave(&mut self, caller: u64, number: u64) {
        if let Some(at) = self.callers.iter().position(|line| line.caller == caller) {
            self.callers[at].waiters.retain(|waiter| waiter.number != number);
            if self.callers[at].waiters.is_empty() {
                self.callers.remove(at);
            }
        }
        self.called = self.called.filter(|called| *called != number);
        self.call_next();
    }

    /// A turn was had in this window: the caller's next one comes after everybody else's. In a new window, nobody needs to
    /// let others pass any more.
    fn served(&mut self, caller: u64, window: u64) {
        if let Some(at) = self.callers.iter().position(|line| line.caller == caller)
            && let Some(line) = self.callers.remove(at)
        {
            self.callers.push_back(line);
        }
        if std::mem::replace(&mut self.window, window) != window {
            self.waiters_mut().for_each(|waiter| waiter.aside = false);
        }
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
        ahead.filter(|waiter| !waiter.aside).map(|waiter| waiter.credits.min(most)).fold(0, i64::saturating_add)
    }

    fn waiters(&self) -> impl Iterator<Item = &Waiter> {
        self.callers.iter().flat_map(|line| &line.waiters)
    }

    fn waiters_mut(&mut self) -> impl Iterator<Item = &mut Waiter> {
        self.callers.iter_mut().flat_map(|line| &mut line.waiters)
    }
}

/// A place in line. Dropped, it is left, and the next one is called.
pub(super) struct Place {
    desk: Arc<Desk>,
    caller: u64,
    number: u64,
    deadline: Instant,
    call: Arc<Notify>,
}

impl Place {
    /// Waits until it is called.
    pub(super) async fn called(&self) -> Result<(), TooLate> {
        loop {
            {
                let line = self.desk.line();
                if line.called == Some(self.number) {
                    return Ok(());
                }
                let own = line.waiters().find(|waiter| waiter.number == self.number);
                if let Some(until) = own.and_then(|waiter| waiter.hopeless) {
                    return Err(TooLate(Some(until)));
                }
            }
            timeout_at(self.deadline, self.call.notified()).await.map_err(|_| TooLate(None))?;
        }
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
            self.desk.line().step(self.number, true);
            match timeout_at(again, self.called()).await {
                Ok(called) => called?,
                Err(_) => self.desk.line().step(self.number, false),
            }
        } else {
            wait.until.inspect(|until| self.desk.line().nothing_until(*until));
            let _ = timeout_at(again, self.desk.stirred.notified()).await;
        }
        Ok(())
    }

    /// Leaves with a turn of this window.
    pub(super) fn served(self, window: u64) {
        self.desk.line().served(self.caller, window);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.desk.line().leave(self.caller, self.number);
    }
}
