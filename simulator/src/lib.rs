//! A Freshdesk for tests and trials, built from `docs/freshdesk.md` and nothing else.
//!
//! A [`Simulator`] is a server on a loopback address. What it knows is the plain data of its [`State`], which a test
//! reads and changes while the server runs; how that data looks on the wire is kept apart from it. The modules in the
//! order of a request:
//!
//! - `tls` makes an authority and the certificate that the server shows.
//! - `server` accepts connections, reads requests and ends everything when the simulator is dropped. Its `line` holds up or
//!   cuts what a connection sends, at the byte that a fault names.
//! - `outage` does to an answer what a fault asks for: late, slow, cut short, compressed, of wrong types or not at all.
//! - `wire` checks a request in Freshdesk's order, runs it and renders the answer.
//! - `state` is what it all works on, and `seed` the helpdesk that is there at the start.
//! - `schedule` makes faults of every kind from a number, the same ones from the same number.
//!
//! ```no_run
//! # async fn run() -> anyhow::Result<()> {
//! use freshdesk_simulator::{Fault, FaultAction, Settings, Simulator};
//!
//! let simulator = Simulator::start(Settings::default()).await?;
//! simulator.state().faults.push(Fault::once(FaultAction::Reset));
//! println!("{} trusts {:?}", simulator.base_url(), simulator.authority_pem());
//! # Ok(())
//! # }
//! ```

mod outage;
mod schedule;
pub mod seed;
mod server;
mod state;
mod tls;
mod wire;

pub use schedule::{Dice, Kind, Mishap, Schedule};
pub use server::{Settings, Simulator, Transport};
pub use state::{
    Agent, AgentType, Clock, Company, Contact, Conversation, CustomField, Deadlines, Encoding, Exchange, Exhausted,
    Fault, FaultAction, Feature, FieldKind, Helpdesk, Limits, LineFault, Mailbox, Moment, Pending, Person, Plan, Right,
    Role, Scope, Spend, Standing, State, Stats, SubLimit, Ticket,
};
