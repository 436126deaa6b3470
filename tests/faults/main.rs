//! What becomes of calls when Freshdesk, or the way to it, goes wrong: by a schedule that a number makes, at every byte, and
//! for as long as it takes to see what grows.
//!
//! - `schedule`: every kind of fault for every tool. `FAULT_RUNS` says how many schedules, `FAULT_SEED` which is the first.
//! - `positions`: an answer, or a handshake, that breaks off at each of its bytes.
//! - `watched`: the key is not in what the plugin sees while things go wrong.
//! - `dead`: connections that have died without a word. `windows`: clocks that jump.
//! - `soak`: many accounts under load, for `SOAK_SECONDS`.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "what fails here fails the test")]

mod dead;
mod judge;
mod office;
mod positions;
mod schedule;
mod soak;
mod watched;
mod windows;
