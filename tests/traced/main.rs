//! End-to-end tests of what is traced and logged. They are a program of their own, because what a thread listens to can
//! be lost where other threads run the same code and listen to nothing.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod log;
mod passage;
mod proof;
