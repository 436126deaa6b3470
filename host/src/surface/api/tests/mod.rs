//! The API on its router, over a real store and a simulated Freshdesk. Each answer is held against the description.

mod accounts;
mod calls;
mod client;
mod described;
mod helpdesks;
mod idempotency;
mod isolation;
mod links;
mod page;
mod problems;
mod requests;
mod schemas;
mod tokens;
mod tools;
mod world;
