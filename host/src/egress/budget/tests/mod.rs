//! The budget against a helpdesk that counts as Freshdesk does.

mod bounds;
mod fairness;
mod helpdesk;
#[cfg(feature = "accounts")]
mod shared;
mod slow;
mod turns;
mod window;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{Budget, NoTurn, Operation, Report, Spend, Turn};
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

/// A host and a helpdesk, and the network between them.
struct World {
    budget: Budget,
    helpdesk: Arc<Mutex<Helpdesk>>,
    /// The longest that a request or an answer takes, in milliseconds; the shortest is nothing.
    way: u64,
    dice: AtomicU64,
}

impl World {
    /// A helpdesk 150 ms away at most.
    fn new(helpdesk: Helpdesk, reserve: u8) -> Self {
        let budget = Budget::new(MINUTE, reserve);
        Self { budget, helpdesk: Arc::new(Mutex::new(helpdesk)), way: 150, dice: AtomicU64::new(0) }
    }

    fn helpdesk(&self) -> MutexGuard<'_, Helpdesk> {
        self.helpdesk.lock().unwrap()
    }

    /// Any number below `end`: splitmix64.
    fn roll(&self, end: u64) -> u64 {
        let mut number = self.dice.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % end
    }

    /// The turn of a caller who has an hour.
    async fn turn(&self, caller: u64, spend: Spend) -> Turn<'_> {
        self.turn_within(caller, spend, seconds(3600)).await.unwrap()
    }

    async fn turn_within(&self, caller: u64, spend: Spend, time: Duration) -> Result<Turn<'_>, NoTurn> {
        self.budget.turn(NAME, caller, spend, Instant::now() + time).await
    }

    /// Sends a request that has its turn, and waits for the answer.
    async fn send(&self, mut turn: Turn<'_>, spend: Spend) -> Report {
        turn.sent();
        sleep(millis(self.roll(self.way + 1))).await;
        let report = self.helpdesk().charge(Instant::now(), spend);
        sleep(millis(self.roll(self.way + 1))).await;
        turn.settle(&report);
        report
    }

    async fn call(&self, caller: u64, spend: Spend) -> Report {
        self.send(self.turn(caller, spend).await, spend).await
    }

    /// A call that goes its own way.
    fn start(self: &Arc<Self>, caller: u64, spend: Spend) -> JoinHandle<Report> {
        let world = Arc::clone(self);
        tokio::spawn(async move { world.call(caller, spend).await })
    }

    /// Somebody else spends; what of it is refused is not ours.
    fn others(&self, spent: u32) {
        let mut helpdesk = self.helpdesk();
        let refused = helpdesk.refused;
        for _ in 0..spent {
            helpdesk.charge(Instant::now(), credits(1));
        }
        helpdesk.refused = refused;
    }
}
