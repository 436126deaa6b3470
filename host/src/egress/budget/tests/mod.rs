//! The budget against a helpdesk that counts as Freshdesk does.

mod bounds;
mod fairness;
mod helpdesk;
mod turns;
mod window;

use std::time::Duration;

use tokio::time::Instant;

use super::{Operation, Spend};
use helpdesk::Helpdesk;

/// A window of Freshdesk's.
const MINUTE: Duration = Duration::from_secs(60);

const NAME: &str = "acme.freshdesk.com";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn credits(credits: u32) -> Spend {
    Spend { credits, operation: None }
}

fn call_of(operation: Operation) -> Spend {
    Spend { credits: 1, operation: Some(operation) }
}

/// A deadline that does not matter.
fn some_time() -> Instant {
    Instant::now() + seconds(3600)
}
