//! What time it is, by the clock that all hosts of a store share.
//!
//! Leases, expiries and the trail go by it, so that it does no harm when the clocks of hosts differ or jump. With
//! PostgreSQL it is the server's: asked over each new connection and every minute, and counted on in between by this
//! process's own steady clock. The processes that share a file of SQLite have the machine's clock in common.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::Store;

/// How long a reading is counted on: steady clocks of machines differ by some milliseconds in that time.
const GOOD: Duration = Duration::from_secs(60);

/// What the machine's clock and the steady one may differ by since a reading. More means that the machine was set, or slept,
/// in which time the steady clock may have stood still.
const JUMP: i64 = 500_000;

/// A reading that took longer is believed only where there is no other.
const SLOW: Duration = Duration::from_secs(1);

/// The clock of a store.
#[derive(Default)]
pub(super) struct Clock(RwLock<Option<Reading>>);

/// What a database's clock showed at a moment of this process, in microseconds since 1970.
#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    showed: i64,
    /// What the machine's own clock showed.
    own: i64,
}

impl Clock {
    /// Now, in microseconds since 1970; the machine's own time where there is no reading. It asks nobody, and goes back by
    /// no more than a new reading corrects the one before.
    pub(super) fn now_us(&self) -> i64 {
        self.reading().map_or_else(own, |reading| reading.now())
    }

    /// Notes what the database's clock showed between these two moments.
    pub(super) fn read(&self, asked: Instant, showed: i64) {
        let took = asked.elapsed();
        let reading = Reading { at: asked + took / 2, showed, own: own() - micros(took) / 2 };
        let mut last = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if took < SLOW || last.is_none() {
            *last = Some(reading);
        }
    }

    /// Whether the database is to be asked again.
    pub(super) fn is_stale(&self) -> bool {
        self.reading().is_none_or(|reading| reading.at.elapsed() > GOOD || reading.jumped() > JUMP)
    }

    fn reading(&self) -> Option<Reading> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    fn now(&self) -> i64 {
        self.showed.saturating_add(micros(self.at.elapsed()))
    }

    /// What the machine's clock was set by since.
    fn jumped(&self) -> i64 {
        (own() - self.own).saturating_sub(micros(self.at.elapsed())).saturating_abs()
    }
}

impl Store {
    /// Microseconds since 1970, by the clock that all hosts of the store share.
    pub(crate) fn now_us(&self) -> i64 {
        self.clock.now_us()
    }

    /// Milliseconds since 1970, by the same clock.
    pub(crate) fn now(&self) -> i64 {
        self.now_us() / 1000
    }
}

/// What this machine's clock shows.
fn own() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// As if the database had been asked this long ago.
    fn read(clock: &Clock, ago: Duration, showed: i64, own: i64) {
        *clock.0.write().unwrap() = Some(Reading { at: Instant::now() - ago, showed, own });
    }

    #[test]
    fn a_databases_clock_is_counted_on_whatever_the_machines_shows() {
        let clock = Clock::default();
        assert!((clock.now_us() - own()).abs() < 1_000_000 && clock.is_stale());
        for showed in [own() - 3 * HOUR, own() + 3 * HOUR] {
            clock.read(Instant::now(), showed);
            assert!((0..1_000_000).contains(&(clock.now_us() - showed)) && !clock.is_stale());
        }
        read(&clock, Duration::from_secs(10), 5 * HOUR, own() + 7 * HOUR);
        assert!((10_000_000..11_000_000).contains(&(clock.now_us() - 5 * HOUR)), "ten seconds have passed");
    }

    #[test]
    fn it_is_asked_again_after_a_while_and_when_the_machines_clock_was_set() {
        let clock = Clock::default();
        let second = Duration::from_secs(1);
        read(&clock, second, HOUR, own() - 1_000_000);
        assert!(!clock.is_stale());
        read(&clock, GOOD + second, HOUR, own() - micros(GOOD + second));
        assert!(clock.is_stale(), "a minute has passed");
        for set in [HOUR, -HOUR] {
            read(&clock, second, HOUR, own() - 1_000_000 + set);
            assert!(clock.is_stale(), "the machine's clock was set");
        }
    }

    #[test]
    fn an_answer_that_took_long_does_not_take_the_place_of_a_better_one() {
        let clock = Clock::default();
        let slow = Instant::now() - 2 * SLOW;
        clock.read(slow, HOUR);
        assert!((clock.now_us() - HOUR - micros(SLOW)).abs() < 500_000, "half of the time has passed since");
        clock.read(slow, 9 * HOUR);
        assert!(clock.now_us() < 2 * HOUR);
        clock.read(Instant::now(), 9 * HOUR);
        assert!(clock.now_us() >= 9 * HOUR);
    }
}
