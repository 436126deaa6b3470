//! What the simulator remembers: plain data that a test reads and changes. Nothing here knows HTTP.

mod agent;
mod clock;
mod contact;
mod conversation;
mod fault;
mod field;
mod helpdesk;
mod journal;
mod limits;
mod role;
mod ticket;

use std::collections::BTreeMap;

pub use agent::{Agent, AgentType, Scope};
pub use clock::{Clock, Moment};
pub use contact::Contact;
pub use conversation::Conversation;
pub use fault::{Encoding, Fault, FaultAction, LineFault};
pub use field::{CustomField, FieldKind};
pub use helpdesk::{Company, Feature, Helpdesk, Mailbox, Person, Standing};
pub use journal::Exchange;
pub use limits::{Exhausted, Limits, Plan, Spend, SubLimit};
pub use role::{Right, Role};
pub use ticket::{Deadlines, Pending, Stats, Ticket};

/// Everything a running simulator knows.
#[derive(Clone, Debug)]
pub struct State {
    /// What time it is in this Freshdesk.
    pub clock: Clock,
    /// The helpdesks by label: `acme` answers for `acme.freshdesk.com`.
    pub helpdesks: BTreeMap<String, Helpdesk>,
    /// What goes wrong next. The first fault that fits a request is used up by it.
    pub faults: Vec<Fault>,
    /// What befalls the next connections, one each, from their first byte on: over TLS, that is of the handshake.
    pub lines: Vec<LineFault>,
    /// Every request in the order of arrival, with the status it was answered with.
    pub journal: Vec<Exchange>,
    /// How many TCP connections were accepted.
    pub connections: u64,
    /// How many TLS handshakes were completed.
    pub handshakes: u64,
}

impl State {
    /// No helpdesk at all, and the real time.
    pub fn empty() -> State {
        State {
            clock: Clock::real(),
            helpdesks: BTreeMap::new(),
            faults: Vec::new(),
            lines: Vec::new(),
            journal: Vec::new(),
            connections: 0,
            handshakes: 0,
        }
    }

    /// The helpdesk of [`crate::seed`], at the real time.
    pub fn seeded() -> State {
        State::seeded_at(Clock::real())
    }

    /// The helpdesk of [`crate::seed`], with tickets dated relative to the time that `clock` shows.
    pub fn seeded_at(clock: Clock) -> State {
        let mut state = State::empty();
        let helpdesk = crate::seed::helpdesk(clock.now());
        state.helpdesks.insert(helpdesk.label.clone(), helpdesk);
        state.clock = clock;
        state
    }

    /// The helpdesk with this label. One that does not exist yet is opened, empty.
    pub fn helpdesk(&mut self, label: &str) -> &mut Helpdesk {
        self.helpdesks.entry(label.to_owned()).or_insert_with(|| Helpdesk::new(label))
    }
}

impl Default for State {
    fn default() -> State {
        State::seeded()
    }
}
