//! The tools, and what a tenant does with accounts, over HTTP with JSON.
