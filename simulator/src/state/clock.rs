//! The time of a simulated Freshdesk, which a test can set.

use std::time::Duration;

use time::OffsetDateTime;

/// A point in time; Freshdesk keeps whole seconds in UTC.
pub type Moment = OffsetDateTime;

/// What time it is: the real time moved by an offset, or one frozen moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// The computer's time plus this offset.
    Real {
        /// How far ahead of the real time this clock runs; negative when it runs behind.
        offset: time::Duration,
    },
    /// This moment, until somebody sets or advances the clock.
    Frozen(Moment),
}

impl Clock {
    /// The computer's own time.
    pub fn real() -> Clock {
        Clock::Real { offset: time::Duration::ZERO }
    }

    /// A clock that stands still at `moment`.
    pub fn frozen(moment: Moment) -> Clock {
        Clock::Frozen(moment)
    }

    /// The time now.
    pub fn now(&self) -> Moment {
        match self {
            Clock::Real { offset } => OffsetDateTime::now_utc() + *offset,
            Clock::Frozen(moment) => *moment,
        }
    }

    /// Sets the clock. A real clock goes on from `moment`, a frozen one stays there.
    pub fn set(&mut self, moment: Moment) {
        *self = match self {
            Clock::Real { .. } => Clock::Real { offset: moment - OffsetDateTime::now_utc() },
            Clock::Frozen(_) => Clock::Frozen(moment),
        };
    }

    /// Moves the clock forward.
    pub fn advance(&mut self, by: Duration) {
        match self {
            Clock::Real { offset } => *offset += by,
            Clock::Frozen(moment) => *moment += by,
        }
    }

    /// Moves the clock by so many seconds, backwards when negative. What is out of range is as far as it goes.
    pub fn jump(&mut self, seconds: i64) {
        let by = time::Duration::seconds(seconds);
        match self {
            Clock::Real { offset } => *offset = offset.saturating_add(by),
            Clock::Frozen(moment) => *moment = moment.saturating_add(by),
        }
    }
}
