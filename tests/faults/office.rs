//! The set-up: helpdesks, each of them a Freshdesk of its own, and one host that serves them all.

use std::sync::Arc;
use std::time::Duration;

use freshdesk_components::PLUGIN;
use freshdesk_host::{Account, ApiKey, Development, Host, Label, Settings};
use freshdesk_simulator::{Clock, Helpdesk, Limits, Simulator, State, Transport, seed};
use freshdesk_tests::{settings, simulator};

/// The time that a call has.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// The time that a call may take beyond that: to be torn down, on a machine that does other things as well.
pub(crate) const SLACK: Duration = Duration::from_secs(4);

/// The window in which helpdesks count, short enough for calls to wait for the next one.
pub(crate) const WINDOW: Duration = Duration::from_millis(500);

/// A helpdesk.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    label: Label,
    /// What it is like at first.
    pub(crate) fresh: Helpdesk,
}

/// So many helpdesks, over HTTP/2 and HTTP/1.1 in turns, and settings with which a host reaches all of them.
pub(crate) async fn helpdesks(count: usize) -> (Vec<Desk>, Settings) {
    let mut desks = Vec::new();
    for number in 0..count {
        let transport = if number % 2 == 0 { Transport::Tls } else { Transport::TlsOne };
        desks.push(Desk::open(&format!("desk{number}"), transport).await);
    }
    let simulators = desks.iter().map(|desk| &desk.simulator);
    let development = Development {
        resolve: desks.iter().map(|desk| (desk.label.host(), desk.simulator.addr())).collect(),
        trust_roots: simulators.filter_map(Simulator::authority_pem).map(str::to_owned).collect(),
    };
    let calls = u32::try_from(count).unwrap().max(4);
    let settings = Settings {
        deadline: PATIENCE,
        window: WINDOW,
        reserve: 0,
        calls,
        development,
        ..settings(&desks[0].simulator)
    };
    (desks, settings)
}

/// So many helpdesks, and a host.
pub(crate) async fn open(count: usize) -> (Vec<Desk>, Arc<Host>) {
    let (desks, settings) = helpdesks(count).await;
    (desks, Arc::new(Host::new(PLUGIN, &settings).unwrap()))
}

impl Desk {
    /// A helpdesk that does not tire.
    pub(crate) async fn open(label: &str, transport: Transport) -> Self {
        let mut state = State::seeded();
        let mut fresh = state.helpdesks.remove(seed::LABEL).unwrap();
        label.clone_into(&mut fresh.label);
        fresh.limits = Limits::total(1_000_000);
        fresh.window = WINDOW;
        state.helpdesks.insert(label.to_owned(), fresh.clone());
        Self { simulator: simulator(transport, state).await, label: Label::parse(label).unwrap(), fresh }
    }

    /// The administrator's account, with connections of its own.
    pub(crate) fn account(&self) -> Arc<Account> {
        Arc::new(Account::new(self.label.clone(), ApiKey::new(seed::ADMIN_KEY).unwrap()))
    }

    /// Reads or changes the helpdesk.
    pub(crate) fn helpdesk<T>(&self, with: impl FnOnce(&mut Helpdesk) -> T) -> T {
        with(self.simulator.state().helpdesk(&self.fresh.label))
    }

    /// Makes it as it was at first, with nothing that goes wrong and nothing remembered.
    pub(crate) fn restore(&self) {
        let mut state = self.simulator.state();
        state.faults.clear();
        state.lines.clear();
        state.journal.clear();
        state.clock = Clock::real();
        let desk = state.helpdesk(&self.fresh.label);
        // What was spent stays spent.
        let spend = std::mem::take(&mut desk.spend);
        *desk = Helpdesk { spend, ..self.fresh.clone() };
    }
}
