//! End-to-end tests by topic, each test named as the fact it shows.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "what fails here fails the test")]

mod agents;
mod budget;
mod checks;
mod cli;
mod components;
mod connections;
mod contacts;
mod credentials;
mod guests;
mod hostile;
mod lists;
mod outages;
mod pinned;
mod published;
mod refusals;
mod replies;
mod rules;
mod sandbox;
mod tickets;
mod tolerance;
mod tools;
mod triage;
