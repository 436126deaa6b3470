//! Hosts that are killed at every step of connecting, rotating and revoking: nothing is lost, and nothing is half done.

mod connecting;
mod revoking;
mod rotating;

use std::process::Child;

/// Kills a process, wherever it is.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}
