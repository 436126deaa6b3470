//! The reference host.

pub mod sandbox;
