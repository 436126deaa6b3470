//! What the surfaces share.

mod listen;
mod rate;
