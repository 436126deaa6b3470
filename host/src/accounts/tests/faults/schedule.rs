//! What happens in a run, made from a seed.

use std::time::Duration;

use freshdesk_simulator::FaultAction;

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

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `many`.
    fn below(&mut self, many: u64) -> u64 {
        self.next() % many
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn millis(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.below(most))
    }
}

impl Schedule {
    /// The run of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let orders = (0..2 + chance.below(3)).map(|_| Order::of(&mut chance)).collect();
        Self { seed, orders }
    }
}

impl Order {
    fn of(chance: &mut Chance) -> Self {
        let tool = match chance.below(100) {
            0..45 => Tool::Create,
            45..75 => Tool::Reply,
            75..85 => Tool::Update,
            85..92 => Tool::Contact,
            _ => Tool::Agent,
        };
        let keyed = chance.percent(75);
        let tries = if keyed { 1 + chance.below(3) } else { 1 };
        Self {
            tool,
            content: u64::from(chance.percent(35)),
            user: usize::from(chance.percent(40)),
            keyed,
            tries: (0..tries).map(|_| Try::of(chance)).collect(),
        }
    }
}

impl Try {
    fn of(chance: &mut Chance) -> Self {
        Self {
            after: chance.millis(150),
            host: usize::from(chance.percent(50)),
            fault: fault(chance),
            read: chance.percent(10).then_some(FaultAction::Reset),
            killed: chance.percent(20).then(|| chance.millis(150)),
        }
    }
}

fn fault(chance: &mut Chance) -> Option<FaultAction> {
    let page = |status, headers: &[(&str, &str)]| FaultAction::Respond {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: b"<html>Sorry</html>".to_vec(),
    };
    Some(match chance.below(100) {
        0..15 => FaultAction::Reset,
        15..40 => FaultAction::ResetAfter,
        40..48 => FaultAction::Truncate(usize::try_from(chance.below(400)).unwrap()),
        48..56 => FaultAction::Delay(chance.millis(300)),
        56..62 => FaultAction::Delay(Duration::from_secs(3)),
        62..66 => page(500, &[]),
        66..69 => page(502, &[("content-type", "text/html")]),
        69..71 => page(429, &[("retry-after", "1")]),
        _ => return None,
    })
}
