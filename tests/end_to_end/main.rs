//! End-to-end tests by topic, each test named as the fact it shows.

mod cli;
mod components;
mod published;
mod scratch;
mod triage;
