//! What a naive client gets wrong, one fact at a time: every surprise of `docs/freshdesk.md §10` has a test that cites
//! its number, beside the simulator's own promises.

#![cfg(test)]

mod agents;
mod contacts;
mod credits;
mod desk;
mod faults;
mod lines;
mod permissions;
mod refusals;
mod replies;
mod shapes;
mod ticket_list;
mod ticket_writes;
mod tickets;
mod transport;
