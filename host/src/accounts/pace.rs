//! How many keys are tried at Freshdesk: few enough that nobody tests stolen ones here.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;

/// The time that is counted over.
const WINDOW: Duration = Duration::from_secs(60);

/// Keys that are tried in a window. A large company that connects a thousand agents at once is done in 20 minutes.
const IN_ALL: usize = 60;

/// Of these at one helpdesk: a wrong key is a failed login there, and Freshdesk locks agents out after some.
const AT_ONE: usize = 10;

/// Helpdesks that are counted: no more than [`IN_ALL`] can be within a window.
const COUNTED: NonZeroUsize = NonZeroUsize::new(IN_ALL + 1).expect("more than zero");

/// What was tried within the last window.
pub(super) struct Pace(Mutex<Counts>);

struct Counts {
    all: VecDeque<Instant>,
    at: LruCache<String, VecDeque<Instant>>,
}

impl Pace {
    /// Nothing was tried yet.
    pub(super) fn new() -> Self {
        Self(Mutex::new(Counts { all: VecDeque::new(), at: LruCache::new(COUNTED) }))
    }

    /// Counts a try at this helpdesk, unless there were too many: then tells after how many seconds there may be one.
    pub(super) fn take(&self, helpdesk: &str) -> Result<(), u64> {
        let now = Instant::now();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = &mut *counts;
        let at = counts.at.get_or_insert_mut(helpdesk.to_owned(), VecDeque::new);
        let waits = [wait(&mut counts.all, IN_ALL, now), wait(at, AT_ONE, now)];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(wait.as_secs_f64().ceil() as u64);
        }
        counts.all.push_back(now);
        at.push_back(now);
        Ok(())
    }
}

/// Forgets what is past; the time to wait if there were `most`.
fn wait(tries: &mut VecDeque<Instant>, most: usize, now: Instant) -> Option<Duration> {
    while tries.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
        tries.pop_front();
    }
    let first = tries.front().filter(|_| tries.len() >= most)?;
    Some(WINDOW.saturating_sub(now.duration_since(*first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_helpdesk_sees_ten_tries_a_minute() {
        let pace = Pace::new();
        assert!((0..AT_ONE).all(|_| pace.take("acme").is_ok()));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(pace.take("acme"), Err(40));
        assert_eq!(pace.take("other"), Ok(()));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(pace.take("acme"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn all_helpdesks_see_sixty_tries_a_minute() {
        let pace = Pace::new();
        assert!((0..IN_ALL).all(|number| pace.take(&format!("acme-{number}")).is_ok()));
        assert_eq!(pace.take("another"), Err(60));
        tokio::time::advance(WINDOW).await;
        assert_eq!(pace.take("another"), Ok(()));
    }
}
