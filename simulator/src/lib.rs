//! A Freshdesk for tests and trials, built from `docs/freshdesk.md` and nothing else.
//!
//! A [`Simulator`] is a server on a loopback address. What it knows is the plain data of its [`State`], which a test
//! reads and changes while the server runs; how that data looks on the wire is kept apart from it. The modules in the
//! order of a request:
//!
//! - `tls` makes an authority and the certificate that the server shows.
//! - `server` accepts connections, reads requests and ends everything when the simulator is dropped.
//! - `outage` does to an answer what a fault asks for: late, slow, cut short or not at all.
//! - `wire` checks a request in Freshdesk's order, runs it and renders the answer.
//! - `state` is what it all works on, and `seed` the helpdesk that is there at the start.
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
pub mod seed;
mod server;
mod state;
mod tls;
mod wire;

pub use server::{Settings, Simulator, Transport};
pub use state::{
    Agent, AgentType, Clock, Company, Contact, Conversation, CustomField, Deadlines, Exchange, Exhausted, Fault,
    FaultAction, Feature, FieldKind, Helpdesk, Limits, Mailbox, Moment, Pending, Person, Plan, Right, Role, Scope,
    Spend, Standing, State, Stats, SubLimit, Ticket,
};
