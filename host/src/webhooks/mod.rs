//! Tells tenants of changes of their accounts, by the Standard Webhooks scheme.
//!
//! - `queue`: whose event goes out next.
//! - `delivery`: one event's way; `event`, what it says; `sign`, how its receiver knows from whom it is; `post`, the request;
//!   `again`, when it is sent once more.
//!
//! An event lies in the store until its receiver has it, and a host takes it for itself for a minute. It is delivered at least
//! once: a host that dies between the receiver's answer and the note of it leaves it to the next, under the same id.

mod again;
mod delivery;
mod event;
mod post;
mod queue;
mod sign;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::pin;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::warn;

use crate::accounts::Accounts;
use crate::egress::Dialer;
use crate::store::Store;
use crate::vault::Vault;
use queue::Queue;

/// Events that are taken from the store at a time.
const AT_A_TIME: i64 = 100;

/// How events are delivered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// For trials: whether they may go to addresses of this machine, where a webhook URL names one literally.
    pub(crate) local: bool,
}

/// How fast events go out. Tests are in more of a hurry.
#[derive(Clone, Debug)]
struct Pace {
    /// Time between two looks for events that are due.
    look: Duration,
    /// Time for which a host has for itself what it took.
    lease: Duration,
    /// Time for a try, from looking the receiver up to its answer.
    patience: Duration,
    /// Times between tries.
    again: Vec<Duration>,
    /// Time for deliveries under way when the host stops.
    last: Duration,
}

impl Default for Pace {
    /// A look a second; a lease of a minute, which is four tries long; 15 seconds for a try, as the scheme advises.
    fn default() -> Self {
        Self {
            look: Duration::from_secs(1),
            lease: Duration::from_secs(60),
            patience: Duration::from_secs(15),
            again: again::TIMES.to_vec(),
            last: Duration::from_secs(5),
        }
    }
}

/// What delivers events.
struct Webhooks {
    store: Store,
    vault: Arc<Vault>,
    dialer: Dialer,
    /// Whether receivers may be on this machine.
    local: bool,
    pace: Pace,
}

/// Delivers events until the other end of `stop` says something or is dropped, and gives those under way a few seconds then.
/// Any number of hosts may do so over one store.
pub(crate) async fn run(accounts: Arc<Accounts>, settings: Settings, mut stop: watch::Receiver<()>) {
    let (store, vault, dialer) = (accounts.store().clone(), Arc::clone(accounts.vault()), accounts.host().dialer());
    let webhooks = Webhooks { store, vault, dialer, local: settings.local, pace: Pace::default() };
    Arc::new(webhooks).run(async { drop(stop.changed().await) }).await;
}

impl Webhooks {
    async fn run(self: Arc<Self>, stop: impl Future<Output = ()>) {
        pin!(stop);
        let mut queue = Queue::default();
        let mut deliveries = JoinSet::new();
        let mut looks = interval(self.pace.look);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            while let Some(event) = queue.next() {
                let tenant = event.user.tenant().to_owned();
                queue.begun(deliveries.spawn(Arc::clone(&self).deliver(event)).id(), tenant);
            }
            tokio::select! {
                () = &mut stop => break,
                Some(ended) = deliveries.join_next_with_id() => match ended {
                    Ok((task, well)) => queue.ended(task, well),
                    Err(broken) => queue.ended(broken.id(), false),
                },
                _ = looks.tick() => if self.look(&mut queue).await {
                    looks.reset_immediately();
                },
            }
        }
        let _ = timeout(self.pace.last, async { while deliveries.join_next().await.is_some() {} }).await;
    }

    /// Takes events that are due. Tells whether there may be more.
    async fn look(&self, queue: &mut Queue) -> bool {
        let lease = i64::try_from(self.pace.lease.as_millis()).unwrap_or(i64::MAX);
        // An event is begun only while what is left of the lease is enough for a try, and for the note of it.
        let until = Instant::now() + self.pace.lease.saturating_sub(self.pace.patience * 4 / 3);
        let now = self.store.now();
        let events = match self.store.due_events(now, now.saturating_add(lease), AT_A_TIME).await {
            Ok(events) => events,
            Err(why) => {
                warn!(%why, "events cannot be read");
                return false;
            }
        };
        let more = i64::try_from(events.len()).is_ok_and(|taken| taken >= AT_A_TIME);
        events.into_iter().for_each(|event| queue.push(event, until));
        more
    }
}
