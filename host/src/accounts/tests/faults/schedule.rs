//! What happens in a run, made from a seed.

use std::time::Duration;

use freshdesk_simulator::{Dice, FaultAction};

/// A run: some writes, each tried some times.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) seed: u64,
    pub(super) orders: Vec<Order>,
}

/// A write that somebody wants.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) tool: Tool,
    /// Which of two contents.
    pub(super) content: u64,
    /// Which of two users.
    pub(super) user: usize,
    /// Whether it has a key. Without one it is tried once.
    pub(super) keyed: bool,
    pub(super) tries: Vec<Try>,
}

/// A try of a write.
#[derive(Debug)]
pub(super) struct Try {
    /// When it begins, after the one before.
    pub(super) after: Duration,
    /// At which of two hosts.
    pub(super) host: usize,
    /// What goes wrong with it, and with the next read.
    pub(super) fault: Option<FaultAction>,
    pub(super) read: Option<FaultAction>,
    /// When its host ends, after it began.
    pub(super) killed: Option<Duration>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Create,
    Reply,
    Update,
    Contact,
    Agent,
}

impl Schedule {
    /// The run of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let orders = (0..2 + dice.below(3)).map(|_| Order::of(&mut dice)).collect();
        Self { seed, orders }
    }
}

impl Order {
    fn of(dice: &mut Dice) -> Self {
        let tool = match dice.below(100) {
            0..45 => Tool::Create,
            45..75 => Tool::Reply,
            75..85 => Tool::Update,
            85..92 => Tool::Contact,
            _ => Tool::Agent,
        };
        let keyed = percent(dice, 75);
        let tries = if keyed { 1 + dice.below(3) } else { 1 };
        Self {
            tool,
            content: u64::from(percent(dice, 35)),
            user: usize::from(percent(dice, 40)),
            keyed,
            tries: (0..tries).map(|_| Try::of(dice)).collect(),
        }
    }
}

impl Try {
    fn of(dice: &mut Dice) -> Self {
        Self {
            after: millis(dice, 150),
            host: usize::from(percent(dice, 50)),
            fault: fault(dice),
            read: percent(dice, 10).then_some(FaultAction::Reset),
            killed: percent(dice, 20).then(|| millis(dice, 150)),
        }
    }
}

fn fault(dice: &mut Dice) -> Option<FaultAction> {
    Some(match dice.below(100) {
        0..15 => FaultAction::Reset,
        15..40 => FaultAction::ResetAfter,
        40..48 => FaultAction::Truncate(dice.below(400)),
        48..56 => FaultAction::Delay(millis(dice, 300)),
        56..62 => FaultAction::Delay(Duration::from_secs(3)),
        62..66 => FaultAction::page(500, false),
        66..69 => FaultAction::page(502, false),
        69..71 => FaultAction::throttle(Some(1)),
        _ => return None,
    })
}

fn percent(dice: &mut Dice, percent: usize) -> bool {
    dice.below(100) < percent
}

fn millis(dice: &mut Dice, most: usize) -> Duration {
    Duration::from_millis(dice.below(most) as u64)
}
