//! The page: its parts without a store, then its routes over a real one and a simulated Freshdesk.

mod cookie;
mod form;
mod guard;
mod headers;
mod look;
mod routes;
mod screens;
mod walk;
mod words;
mod world;

/// The page's key in tests.
const KEY: [u8; 32] = [7; 32];
