//! MCP: sealed states, then both transports over real accounts and a simulated Freshdesk.

mod calls;
mod client;
mod connect;
mod door;
mod elsewhere;
mod follow;
mod lists;
mod messages;
mod redeem;
mod sessions;
mod state;
mod stdio;
mod world;
