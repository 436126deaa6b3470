//! Moments that several processes can speak of.

use std::ops::Add;
use std::time::Duration;

use tokio::time::Instant;

/// A moment, in microseconds since a beginning that all who share a window agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) struct Moment(pub(super) i64);

impl Moment {
    /// The time from an earlier moment to this one; none if that one is later.
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This moment on the clock of this process, which is at `now`.
    pub(super) fn instant(self, now: Self) -> Instant {
        Instant::now() + self.since(now)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
    }
}
