//! The sandbox: the contract with the plugin.

pub mod contract;
