//! A Freshdesk for tests and trials.
