//! A schedule of faults as data: the same seed gives the same faults, on every machine.

mod dice;
mod kind;

use std::time::Duration;

pub use dice::Dice;
pub use kind::Kind;

use crate::state::{Fault, FaultAction, LineFault, State};

/// Faults in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The number that it was made from.
    pub seed: u64,
    /// What goes wrong, one after the other.
    pub mishaps: Vec<Mishap>,
}

/// One thing that goes wrong: with requests, or below them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mishap {
    /// What kind of thing it is.
    pub kind: Kind,
    /// What happens to the next request, or to the next ones; to none where the mishap lies below.
    pub fault: Option<Fault>,
    /// What happens to the next connection.
    pub line: Option<LineFault>,
}

impl Schedule {
    /// The schedule of this seed: so many mishaps, each kind as often as every other, for callers who wait so long for an
    /// answer.
    pub fn from_seed(seed: u64, length: usize, patience: Duration) -> Schedule {
        let mut dice = Dice::new(seed);
        let mut kinds = Kind::ALL;
        let mut left = 0;
        let mishaps = std::iter::repeat_with(|| {
            if left == 0 {
                dice.shuffle(&mut kinds);
                left = kinds.len();
            }
            left -= 1;
            Mishap::of(kinds[left], &mut dice, patience)
        });
        Schedule { seed, mishaps: mishaps.take(length).collect() }
    }
}

impl Mishap {
    /// A mishap of this kind.
    pub fn of(kind: Kind, dice: &mut Dice, patience: Duration) -> Mishap {
        kind.mishap(dice, patience)
    }

    /// One that befalls so many requests.
    fn requests(kind: Kind, times: u32, action: FaultAction) -> Mishap {
        Mishap { kind, fault: Some(Fault { times, ..Fault::once(action) }), line: None }
    }

    /// One that befalls a connection.
    fn line(kind: Kind, fault: LineFault) -> Mishap {
        Mishap { kind, fault: None, line: Some(fault) }
    }
}

impl State {
    /// Has this go wrong next.
    pub fn befall(&mut self, mishap: &Mishap) {
        self.faults.extend(mishap.fault.clone());
        self.lines.extend(mishap.line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_schedule() {
        let patience = Duration::from_secs(2);
        let schedule = Schedule::from_seed(7, 40, patience);
        assert_eq!(schedule, Schedule::from_seed(7, 40, patience));
        assert_ne!(schedule.mishaps, Schedule::from_seed(8, 40, patience).mishaps);
    }

    #[test]
    fn every_kind_comes_once_before_any_comes_twice() {
        let mishaps = Schedule::from_seed(1, Kind::ALL.len(), Duration::from_secs(2)).mishaps;
        let mut kinds: Vec<_> = mishaps.iter().map(|mishap| mishap.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), Kind::ALL.len());
    }

    #[test]
    fn a_mishap_befalls_a_request_or_a_connection_unless_nothing_goes_wrong() {
        for mishap in Schedule::from_seed(1, 200, Duration::from_secs(2)).mishaps {
            assert_eq!(mishap.fault.is_none() && mishap.line.is_none(), mishap.kind == Kind::Nothing, "{mishap:?}");
        }
    }
}
