//! Whose event goes out next: tenants in rotation, so that one whose receiver is slow does not hold up the others.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::task::Id;
use tokio::time::Instant;

use crate::store::records::EventRow;

/// Deliveries at a time. One lasts at most as long as a try may take, most of them a tenth of a second.
const AT_A_TIME: usize = 16;

/// Deliveries of one tenant at a time.
const OF_A_TENANT: usize = 4;

/// The same after one of them failed: four receivers that hang would otherwise take all the places.
const OF_A_FAILING_TENANT: usize = 1;

/// Events of one tenant that wait here, about half a kilobyte each. More come back when their lease has run out.
const LONGEST_LINE: usize = 500;

/// Events that this host took and has not sent yet, and who is being sent to.
#[derive(Default)]
pub(super) struct Queue {
    lines: BTreeMap<String, Line>,
    running: HashMap<Id, String>,
    /// Whose turn it was last.
    last: String,
}

/// One tenant's events, each with the time until which this host has it for itself.
#[derive(Default)]
struct Line {
    waiting: VecDeque<(EventRow, Instant)>,
    failing: bool,
}

impl Queue {
    /// Takes an event in that this host has for itself until `until`. Where its tenant has too many, it is left to come back.
    pub(super) fn push(&mut self, event: EventRow, until: Instant) {
        let line = self.lines.entry(event.user.tenant().to_owned()).or_default();
        line.drop_late(Instant::now());
        if line.waiting.len() < LONGEST_LINE {
            line.waiting.push_back((event, until));
        }
    }

    /// The next event to send, if there is room: of the tenant whose turn it is. Events whose time is up are dropped, since
    /// another host may have them by now.
    pub(super) fn next(&mut self) -> Option<EventRow> {
        if self.running.len() >= AT_A_TIME {
            return None;
        }
        let now = Instant::now();
        self.lines.values_mut().for_each(|line| line.drop_late(now));
        let last = std::mem::take(&mut self.last);
        let after = self.lines.range(last.clone()..).map(|(tenant, _)| tenant).filter(|tenant| **tenant > last);
        let mut order = after.chain(self.lines.range(..=last.clone()).map(|(tenant, _)| tenant));
        let tenant = order.find(|tenant| self.has_turn(tenant)).cloned();
        self.last = tenant.clone().unwrap_or(last);
        Some(self.lines.get_mut(&tenant?)?.waiting.pop_front()?.0)
    }

    /// Notes that a task sends an event of this tenant.
    pub(super) fn begun(&mut self, task: Id, tenant: String) {
        self.running.insert(task, tenant);
    }

    /// Notes that a task is over, and whether the receiver did what it should.
    pub(super) fn ended(&mut self, task: Id, well: bool) {
        let Some(tenant) = self.running.remove(&task) else { return };
        if let Some(line) = self.lines.get_mut(&tenant) {
            line.failing = !well;
        }
        let idle = |line: &Line| line.waiting.is_empty() && !line.failing;
        if self.lines.get(&tenant).is_some_and(idle) {
            self.lines.remove(&tenant);
        }
    }

    fn has_turn(&self, tenant: &str) -> bool {
        let Some(line) = self.lines.get(tenant).filter(|line| !line.waiting.is_empty()) else { return false };
        let running = self.running.values().filter(|of| *of == tenant).count();
        running < if line.failing { OF_A_FAILING_TENANT } else { OF_A_TENANT }
    }
}

impl Line {
    fn drop_late(&mut self, now: Instant) {
        self.waiting.retain(|(_, until)| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::accounts::{State, User};

    const LONG: Duration = Duration::from_secs(60);

    fn event(tenant: &str, number: usize) -> EventRow {
        EventRow {
            id: format!("{tenant}-{number}"),
            user: User::new(tenant, "u").unwrap(),
            account: String::new(),
            old: None,
            new: State::Pending,
            helpdesk: None,
            reason: String::new(),
            at: 0,
            attempts: 0,
        }
    }

    fn push(queue: &mut Queue, tenant: &str, events: usize) {
        (0..events).for_each(|number| queue.push(event(tenant, number), Instant::now() + LONG));
    }

    /// Sends what there is room for; a task that never ends stands for each delivery.
    fn send(queue: &mut Queue) -> Vec<(String, Id)> {
        let next = || {
            let event = queue.next()?;
            let task = tokio::spawn(std::future::pending::<()>()).id();
            queue.begun(task, event.user.tenant().to_owned());
            Some((event.id, task))
        };
        std::iter::from_fn(next).collect()
    }

    fn ids(sent: &[(String, Id)]) -> Vec<&str> {
        sent.iter().map(|(id, _)| id.as_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn tenants_take_turns_and_none_has_more_than_four_places() {
        let mut queue = Queue::default();
        push(&mut queue, "a", 100);
        push(&mut queue, "b", 2);
        push(&mut queue, "c", 1);
        assert_eq!(ids(&send(&mut queue)), ["a-0", "b-0", "c-0", "a-1", "b-1", "a-2", "a-3"]);
        push(&mut queue, "d", 1);
        assert_eq!(ids(&send(&mut queue)), ["d-0"]);
    }

    #[tokio::test(start_paused = true)]
    async fn sixteen_go_out_at_a_time() {
        let mut queue = Queue::default();
        ["a", "b", "c", "d", "e"].iter().for_each(|tenant| push(&mut queue, tenant, 10));
        let sent = send(&mut queue);
        assert_eq!(sent.len(), 16);
        queue.ended(sent[0].1, true);
        assert_eq!(ids(&send(&mut queue)), ["b-3"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_whose_receiver_failed_has_one_place_until_it_does_better() {
        let mut queue = Queue::default();
        push(&mut queue, "a", 100);
        let mut sent = send(&mut queue);
        sent.drain(..).for_each(|(_, task)| queue.ended(task, false));
        let one = send(&mut queue);
        assert_eq!(ids(&one), ["a-4"]);
        queue.ended(one[0].1, true);
        assert_eq!(send(&mut queue).len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_waited_too_long_is_left_to_whoever_takes_it_next() {
        let mut queue = Queue::default();
        push(&mut queue, "a", 5);
        tokio::time::advance(LONG).await;
        push(&mut queue, "b", 1);
        assert_eq!(ids(&send(&mut queue)), ["b-0"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_has_a_length() {
        let mut queue = Queue::default();
        push(&mut queue, "a", LONGEST_LINE + 10);
        assert_eq!(queue.lines["a"].waiting.len(), LONGEST_LINE);
    }
}
