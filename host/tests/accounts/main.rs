//! Connected accounts as an operator and a user meet them: the real command, a real store, a real browser.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod office;
