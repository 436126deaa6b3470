//! How many keys are tried at Freshdesk: few enough that nobody tests stolen ones here.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::time::Instant;

/// The time that is counted over.
const WINDOW: Duration = Duration::from_secs(60);

/// Keys that are tried in a window.
const IN_ALL: usize = 60;

/// Of these for one tenant, so that none takes the turns of all others. A tenant that connects a thousand agents of many
/// helpdesks at once is done in 67 minutes.
const FOR_ONE: usize = IN_ALL / 4;

/// Of these at one helpdesk: a wrong key is a failed login there, and Freshdesk locks agents out after some.
const AT_ONE: usize = 10;

/// Tenants, and helpdesks, that are counted: no more than [`IN_ALL`] can be within a window.
const COUNTED: NonZeroUsize = NonZeroUsize::new(IN_ALL + 1).expect("more than zero");

/// What was tried within the last window.
pub(super) struct Pace(Mutex<Counts>);

struct Counts {
    all: VecDeque<Instant>,
    of: Each,
    at: Each,
}

/// What was tried, by tenant or by helpdesk. Who was refused is not among them, and takes nobody's place.
type Each = LruCache<String, VecDeque<Instant>>;

impl Pace {
    /// Nothing was tried yet.
    pub(super) fn new() -> Self {
        Self(Mutex::new(Counts { all: VecDeque::new(), of: LruCache::new(COUNTED), at: LruCache::new(COUNTED) }))
    }

    /// Counts a try of this tenant at this helpdesk, unless there were too many: then counts nothing, and tells after how
    /// many seconds there may be one.
    pub(super) fn take(&self, tenant: &str, helpdesk: &str) -> Result<(), u64> {
        let now = Instant::now();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = &mut *counts;
        let waits = [
            counts.of.get_mut(tenant).and_then(|of| wait(of, FOR_ONE, now)),
            counts.at.get_mut(helpdesk).and_then(|at| wait(at, AT_ONE, now)),
            wait(&mut counts.all, IN_ALL, now),
        ];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(wait.as_secs_f64().ceil() as u64);
        }
        counts.all.push_back(now);
        counts.of.get_or_insert_mut(tenant.to_owned(), VecDeque::new).push_back(now);
        counts.at.get_or_insert_mut(helpdesk.to_owned(), VecDeque::new).push_back(now);
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
        assert!((0..AT_ONE).all(|_| pace.take("app", "acme").is_ok()));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(pace.take("another", "acme"), Err(40));
        assert_eq!(pace.take("app", "other"), Ok(()));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(pace.take("app", "acme"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn all_helpdesks_see_sixty_tries_a_minute() {
        let pace = Pace::new();
        let take = |number| pace.take(&format!("app-{number}"), &format!("acme-{number}"));
        assert!((0..IN_ALL).all(|number| take(number).is_ok()));
        assert_eq!(pace.take("app", "another"), Err(60));
        tokio::time::advance(WINDOW).await;
        assert_eq!(pace.take("app", "another"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_takes_a_quarter_and_no_more() {
        let pace = Pace::new();
        let taken = (0..IN_ALL).filter(|number| pace.take("app", &format!("acme-{number}")).is_ok()).count();
        assert_eq!(taken, 15);
        assert_eq!(pace.take("another", "acme-59"), Ok(()), "who was refused took nothing");
        tokio::time::advance(WINDOW).await;
        assert_eq!(pace.take("app", "acme"), Ok(()));
    }
}
