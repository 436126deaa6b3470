//! Whatever the network does to calls, none is refused that others have not caused: a window driven by random events.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;
use tokio::time::Instant;

use super::super::limits::Rules;
use super::super::moment::Moment;
use super::super::report::Report;
use super::super::window::{Taken, Window};
use super::super::{Operation, Spend};
use super::{Helpdesk, MINUTE, millis};

/// One call: when it is wanted, what it costs, how long its ways take, and what becomes of it, in milliseconds.
#[derive(Clone, Debug)]
struct Plan {
    at: u64,
    spend: Spend,
    there: u64,
    back: u64,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Answered,
    /// It arrives, but its answer does not.
    Lost,
    /// It does not leave.
    Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Wanted(usize),
    Arrives(usize),
    Ends(usize),
    Ask,
}

struct Run<'a> {
    plans: &'a [Plan],
    start: Moment,
    clock: Instant,
    window: Window,
    helpdesk: Helpdesk,
    events: BTreeSet<(u64, Event)>,
    waiting: VecDeque<usize>,
    taken: Vec<Option<Taken>>,
    reports: Vec<Option<Report>>,
    last_taken: u64,
}

impl<'a> Run<'a> {
    fn new(plans: &'a [Plan], helpdesk: Helpdesk, reserve: u8) -> Self {
        let start = Moment(0);
        Self {
            plans,
            start,
            clock: Instant::now(),
            window: Window::new(Rules { window: MINUTE, reserve }, start),
            helpdesk,
            events: plans.iter().enumerate().map(|(at, plan)| (plan.at, Event::Wanted(at))).collect(),
            waiting: VecDeque::new(),
            taken: plans.iter().map(|_| None).collect(),
            reports: plans.iter().map(|_| None).collect(),
            last_taken: 0,
        }
    }

    fn until_the_end(mut self) -> Self {
        while let Some((at, event)) = self.events.pop_first() {
            let now = self.start + millis(at);
            match event {
                Event::Wanted(call) => self.waiting.push_back(call),
                Event::Arrives(call) => {
                    self.reports[call] = Some(self.helpdesk.charge(self.clock + millis(at), self.plans[call].spend))
                }
                Event::Ends(call) => self.end(now, call),
                Event::Ask => {}
            }
            self.ask(at);
        }
        assert!(self.waiting.is_empty(), "{} calls never had their turn", self.waiting.len());
        self
    }

    fn end(&mut self, now: Moment, call: usize) {
        let (taken, report) = (self.taken[call].take().unwrap(), self.reports[call].take());
        match self.plans[call].fate {
            Fate::Answered => self.window.settle(now, taken, report.as_ref()),
            Fate::Lost => self.window.settle(now, taken, None),
            Fate::Kept => self.window.give_back(&taken),
        }
    }

    /// Lets those who wait ask in order, as far as it makes sense.
    fn ask(&mut self, at: u64) {
        let now = self.start + millis(at);
        let mut waiting = std::mem::take(&mut self.waiting);
        while let Some(call) = waiting.pop_front() {
            let plan = &self.plans[call];
            match self.window.take(now, plan.spend) {
                Ok(taken) => {
                    self.taken[call] = Some(taken);
                    self.last_taken = at;
                    let arrives = at + plan.there;
                    if plan.fate != Fate::Kept {
                        self.events.insert((arrives, Event::Arrives(call)));
                    }
                    self.events.insert((arrives + plan.back, Event::Ends(call)));
                }
                Err(wait) => {
                    self.waiting.push_back(call);
                    let again = wait.until.map(|until| until.since(self.start).as_millis() as u64);
                    self.events.extend(again.map(|again| (again.max(at + 1), Event::Ask)));
                    if !wait.others_may_fit {
                        break;
                    }
                }
            }
        }
        self.waiting.append(&mut waiting);
    }
}

fn spend() -> impl Strategy<Value = Spend> {
    let operations = [Operation::TicketCreate, Operation::TicketUpdate, Operation::TicketsList];
    let operation = prop_oneof![3 => Just(None), 1 => prop::sample::select(operations.to_vec()).prop_map(Some)];
    let credits = prop_oneof![8 => Just(1), 1 => Just(3), 1 => Just(7)];
    (credits, operation).prop_map(|(credits, operation)| Spend { credits, operation })
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![8 => Just(Fate::Answered), 1 => Just(Fate::Lost), 1 => Just(Fate::Kept)]
}

/// Up to `most` calls wanted within `span` milliseconds, whose ways take up to `way` each.
fn plans(most: usize, span: u64, way: u64) -> impl Strategy<Value = Vec<Plan>> {
    let plan = (0..span, spend(), 0..way, 0..way, fate());
    let plan = plan.prop_map(|(at, spend, there, back, fate)| Plan { at, spend, there, back, fate });
    prop::collection::vec(plan, 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_call_is_refused_that_others_have_not_caused(plans in plans(200, 300_000, 7_500), reserve in 0_u8..20) {
        let run = Run::new(&plans, Helpdesk::of(50), reserve).until_the_end();
        prop_assert_eq!(run.helpdesk.refused, 0);
    }

    #[test]
    fn no_call_is_refused_however_slow_the_network_is(plans in plans(200, 200_000, 100_000)) {
        let run = Run::new(&plans, Helpdesk::of(50), 0).until_the_end();
        prop_assert_eq!(run.helpdesk.refused, 0);
    }

    #[test]
    fn no_operation_is_refused(plans in plans(100, 100_000, 7_500)) {
        let helpdesk = Helpdesk::of(200).with([80, 80, 20]);
        let plans: Vec<_> = plans.into_iter().map(|plan| {
            let spend = Spend { credits: plan.spend.credits, operation: Some(Operation::TicketsList) };
            Plan { spend, ..plan }
        }).collect();
        let run = Run::new(&plans, helpdesk, 0).until_the_end();
        prop_assert_eq!(run.helpdesk.refused, 0);
    }

    #[test]
    fn who_wants_half_of_the_budget_hardly_waits(plans in plans(200, 600_000, 400)) {
        let plans: Vec<_> = plans.into_iter().map(|plan| Plan { spend: super::credits(1), ..plan }).collect();
        let run = Run::new(&plans, Helpdesk::of(50), 0).until_the_end();
        prop_assert!(run.last_taken < 600_000 + 5_000, "{}", run.last_taken);
    }
}
