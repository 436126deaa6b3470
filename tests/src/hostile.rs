//! Components that are not to be trusted, under our host.

use std::time::Duration;

use freshdesk_host::{Host, Settings};
use freshdesk_simulator::{Limits, State, Transport, seed};

use crate::{Plugin, World, account, settings, simulator};

/// The component of `tests/hostile`, whose tools run attacks.
pub const HOSTILE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hostile.wasm"));

/// Time for calls that are not to run out of it.
const PLENTY: Duration = Duration::from_secs(20);

/// Calls at a time.
const CALLS: u32 = 16;

impl World {
    /// The hostile component under our host.
    pub async fn hostile() -> Self {
        Self::hostile_within(PLENTY).await
    }

    /// The hostile component under our host, whose calls have this long.
    pub async fn hostile_within(deadline: Duration) -> Self {
        Self::of(HOSTILE, deadline).await
    }

    /// A component under our host, whose calls have this long, and a helpdesk that does not tire.
    ///
    /// # Panics
    ///
    /// Panics when the host refuses the component.
    pub async fn of(component: &[u8], deadline: Duration) -> Self {
        let simulator = simulator(Transport::Tls, State::seeded()).await;
        let settings = Settings { deadline, calls: CALLS, ..settings(&simulator) };
        let host = Host::new(component, &settings).unwrap_or_else(|why| panic!("the component is refused: {why}"));
        let world = Self { simulator, plugin: Plugin::Hosted(Box::new(host), account(seed::ADMIN_KEY)) };
        world.helpdesk(|desk| desk.limits = Limits::total(u32::MAX / 2));
        world
    }
}
