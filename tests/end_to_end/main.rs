//! End-to-end tests by topic, each test named as the fact it shows.

mod cli;
mod components;
mod lists;
mod published;
mod tickets;
mod tools;
mod triage;
