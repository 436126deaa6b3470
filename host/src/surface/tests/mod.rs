//! What the surfaces share.

mod health;
mod listen;
mod rate;
