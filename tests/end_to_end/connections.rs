//! Connections are kept, by account, and replaced when they die.

use std::sync::Arc;
use std::time::Duration;

use freshdesk_components::PLUGIN;
use freshdesk_host::{Account, Host};
use freshdesk_simulator::{Fault, FaultAction, Limits, Simulator, State, Transport, seed};
use freshdesk_tests::{account, run, settings, simulator};
use serde_json::json;
use tokio::task::JoinSet;

/// A helpdesk that does not tire, and a host that reaches it.
async fn helpdesk(transport: Transport) -> (Simulator, Arc<Host>) {
    let simulator = simulator(transport, State::seeded()).await;
    simulator.state().helpdesk(seed::LABEL).limits = Limits::total(1_000_000);
    let host = Host::new(PLUGIN, &settings(&simulator)).unwrap();
    (simulator, Arc::new(host))
}

/// So many calls at once, all of which have to be answered.
async fn at_once(host: &Arc<Host>, account: &Arc<Account>, calls: usize) {
    let mut running = JoinSet::new();
    for _ in 0..calls {
        let (host, account) = (Arc::clone(host), Arc::clone(account));
        let call = async move { host.call(&account, "freshdesk_roles_list", &json!({})).await };
        running.spawn(call);
    }
    running.join_all().await.into_iter().for_each(|result| drop(result.unwrap()));
}

fn handshakes(simulator: &Simulator) -> u64 {
    simulator.state().handshakes
}

/// B22: one handshake an account, however many calls it makes one after the other or at once.
#[test]
fn b22_an_account_has_one_connection() {
    run(async {
        let (simulator, host) = helpdesk(Transport::Tls).await;
        let (one, other) = (account(seed::ADMIN_KEY), account(seed::ADMIN_KEY));
        at_once(&host, &one, 64).await;
        for _ in 0..10 {
            at_once(&host, &one, 1).await;
        }
        assert_eq!(handshakes(&simulator), 1);
        at_once(&host, &other, 64).await;
        assert_eq!(handshakes(&simulator), 2);
    });
}

/// Two accounts share a connection never, and a request carries the key of its own account on it.
#[test]
fn no_connection_carries_two_keys() {
    run(async {
        let (simulator, host) = helpdesk(Transport::Tls).await;
        let (one, other) = (account(seed::ADMIN_KEY), account(seed::AGENT_KEY));
        for _ in 0..5 {
            drop(host.call(&one, "freshdesk_ticket_get", &json!({"ticket_id": 42_817})).await);
            drop(host.call(&other, "freshdesk_ticket_get", &json!({"ticket_id": 42_817})).await);
        }
        let state = simulator.state();
        let carried = |connection| {
            let mut keys: Vec<_> = state
                .journal
                .iter()
                .filter(|exchange| exchange.connection == connection)
                .map(|exchange| exchange.header("authorization").unwrap())
                .collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len()
        };
        assert_eq!((state.connections, carried(1), carried(2)), (2, 1, 1));
    });
}

#[test]
fn over_http_1_connections_are_kept_and_carry_one_call_at_a_time() {
    run(async {
        let (simulator, host) = helpdesk(Transport::TlsOne).await;
        let account = account(seed::ADMIN_KEY);
        for _ in 0..10 {
            at_once(&host, &account, 1).await;
        }
        assert_eq!(handshakes(&simulator), 1);
        at_once(&host, &account, 20).await;
        assert!((2..=20).contains(&handshakes(&simulator)), "{}", handshakes(&simulator));
        let state = simulator.state();
        assert!(state.journal.iter().all(|exchange| exchange.version == "HTTP/1.1"));
        assert!(state.journal.iter().all(|exchange| exchange.host == "acme.freshdesk.com"));
    });
}

/// A server closes what lies idle. The next call does not notice, be it a read or a write.
#[test]
fn a_connection_that_died_idle_is_replaced_without_an_error() {
    for transport in [Transport::Tls, Transport::TlsOne] {
        run(async {
            let (simulator, host) = helpdesk(transport).await;
            let account = account(seed::ADMIN_KEY);
            for round in 0..10 {
                at_once(&host, &account, 1).await;
                simulator.hang_up();
                tokio::time::sleep(Duration::from_millis(20)).await;
                let reply = json!({"ticket_id": 42_817, "body": round.to_string()});
                host.call(&account, "freshdesk_tickets_reply", &reply).await.unwrap();
            }
            let mut state = simulator.state();
            let replies = state.journal.iter().filter(|exchange| exchange.method == "POST").count();
            assert_eq!((replies, state.helpdesk(seed::LABEL).conversations.len()), (10, 14));
        });
    }
}

#[test]
fn a_read_whose_connection_breaks_is_sent_again_on_another() {
    run(async {
        let (simulator, host) = helpdesk(Transport::Tls).await;
        let account = account(seed::ADMIN_KEY);
        for action in [FaultAction::Reset, FaultAction::ResetAfter, FaultAction::Truncate(7)] {
            simulator.state().faults.push(Fault::once(action));
            at_once(&host, &account, 1).await;
        }
        let state = simulator.state();
        assert_eq!((state.journal.len(), state.connections), (6, 4));
    });
}
