//! One budget a helpdesk: shared fairly, and never overdrawn.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freshdesk_components::PLUGIN;
use freshdesk_host::{Account, CallError, Host, Settings};
use freshdesk_simulator::{Limits, Plan, Simulator, State, Transport, seed};
use freshdesk_tests::{World, account, run, settings, simulator};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// A helpdesk with these limits per window, and a host that knows how long a window is.
async fn helpdesk(limits: Limits, window: Duration, reserve: u8, deadline: Duration) -> (Simulator, Arc<Host>) {
    let simulator = simulator(Transport::Tls, State::seeded()).await;
    simulator.state().helpdesk(seed::LABEL).limits = limits;
    simulator.state().helpdesk(seed::LABEL).window = window;
    let host = Host::new(PLUGIN, &Settings { window, reserve, deadline, ..settings(&simulator) }).unwrap();
    (simulator, Arc::new(host))
}

async fn call(host: &Host, account: &Arc<Account>, tool: &str, input: Value) -> Result<Value, (String, Option<u64>)> {
    host.call(account, tool, &input).await.map_err(|error| match error {
        CallError::Tool { error, .. } => (error.case, error.detail.get("retry_after").and_then(Value::as_u64)),
        other => panic!("{}", other.log()),
    })
}

/// How many requests arrived, and how many of them were refused for the limit.
fn arrived(simulator: &Simulator) -> (usize, usize) {
    let journal = &simulator.state().journal;
    (journal.len(), journal.iter().filter(|exchange| exchange.status == 429).count())
}

/// How evenly shares are shared: 1 when all have the same, and 1/n when one has all.
fn jain(shares: &[f64]) -> f64 {
    let (sum, squares) = shares.iter().fold((0.0, 0.0), |(sum, squares), share| (sum + share, squares + share * share));
    sum * sum / (shares.len() as f64 * squares)
}

/// Fifty support agents call as fast as they are answered, on a helpdesk that allows fifty calls a second.
#[test]
fn fifty_callers_share_fifty_calls_a_window_without_one_being_refused() {
    run(async {
        let window = Duration::from_secs(1);
        let (simulator, host) = helpdesk(Limits::total(50), window, 0, Duration::from_secs(20)).await;
        // Each has a connection before time counts.
        let accounts: Vec<_> = (0..50).map(|_| account(seed::ADMIN_KEY)).collect();
        for account in &accounts {
            call(&host, account, "freshdesk_ticket_get", json!({"ticket_id": 42_817})).await.unwrap();
        }
        tokio::time::sleep(2 * window).await;
        let started = Instant::now();
        let end = started + 8 * window;
        let mut callers = JoinSet::new();
        for account in accounts {
            let host = Arc::clone(&host);
            callers.spawn(async move {
                let mut answered = Vec::new();
                while Instant::now() < end {
                    call(&host, &account, "freshdesk_ticket_get", json!({"ticket_id": 42_817})).await.unwrap();
                    answered.push(Instant::now());
                }
                answered
            });
        }
        let answered = callers.join_all().await;
        // What was answered by the end, in the windows that were over by then; the last call of each came after it.
        let shares: Vec<_> = answered.iter().map(|at| at.iter().filter(|at| **at < end).count() as f64).collect();
        let (fairness, used) = (jain(&shares), shares.iter().sum::<f64>() / (8.0 * 50.0));
        let refused = arrived(&simulator).1;
        println!("refused {refused}, fairness {fairness:.4}, used {:.1} % in {:?}", used * 100.0, started.elapsed());
        assert_eq!(refused, 0);
        assert!(fairness >= 0.95, "{fairness}");
        assert!(used >= 0.95, "{used}");
    });
}

#[test]
fn a_share_of_the_budget_is_left_to_others() {
    run(async {
        let (simulator, host) = helpdesk(Limits::total(20), Duration::from_secs(60), 10, Duration::from_secs(5)).await;
        let account = account(seed::ADMIN_KEY);
        for _ in 0..18 {
            call(&host, &account, "freshdesk_roles_list", json!({})).await.unwrap();
        }
        let started = Instant::now();
        let (case, wait) = call(&host, &account, "freshdesk_roles_list", json!({})).await.unwrap_err();
        assert!(case == "rate_limited" && (55..=60).contains(&wait.unwrap()), "{case} {wait:?}");
        assert!(started.elapsed() < Duration::from_secs(4), "it is told at once: {:?}", started.elapsed());
        assert_eq!(arrived(&simulator), (18, 0));
    });
}

#[test]
fn a_call_waits_for_the_next_window_where_its_time_allows() {
    run(async {
        let (simulator, host) = helpdesk(Limits::total(3), Duration::from_secs(1), 0, Duration::from_secs(5)).await;
        let account = account(seed::ADMIN_KEY);
        for _ in 0..10 {
            call(&host, &account, "freshdesk_roles_list", json!({})).await.unwrap();
        }
        assert_eq!(arrived(&simulator), (10, 0));
    });
}

/// The limit on lists of tickets is reached long before the total, and concerns nothing else.
#[test]
fn a_limit_of_one_operation_is_known_before_it_is_reached() {
    run(async {
        let limits = Plan::Growth.limits();
        let (simulator, host) = helpdesk(limits, Duration::from_secs(60), 0, Duration::from_secs(5)).await;
        let account = account(seed::ADMIN_KEY);
        for _ in 0..20 {
            call(&host, &account, "freshdesk_tickets_list", json!({})).await.unwrap();
        }
        let refused = call(&host, &account, "freshdesk_tickets_list", json!({})).await.unwrap_err();
        assert_eq!(refused.0, "rate_limited");
        call(&host, &account, "freshdesk_ticket_get", json!({"ticket_id": 42_817})).await.unwrap();
        assert_eq!(arrived(&simulator), (21, 0));
    });
}

#[test]
fn what_is_included_is_counted_before_it_is_asked_for() {
    run(async {
        let (simulator, host) = helpdesk(Limits::total(10), Duration::from_secs(60), 0, Duration::from_secs(5)).await;
        let account = account(seed::ADMIN_KEY);
        // 1 + 2 for each thing that a list includes.
        let input = json!({"include": "requester,stats"});
        call(&host, &account, "freshdesk_tickets_list", input.clone()).await.unwrap();
        assert_eq!(call(&host, &account, "freshdesk_tickets_list", input.clone()).await.map(|_| ()), Ok(()));
        assert_eq!(call(&host, &account, "freshdesk_tickets_list", input).await.unwrap_err().0, "rate_limited");
        assert_eq!(arrived(&simulator), (2, 0));
    });
}

/// B5: a 429 was not executed, whatever it answered: when its time is over a write is sent again like a read.
#[test]
fn b5_a_throttle_is_waited_for_where_the_calls_time_allows() {
    for (tool, input) in [
        ("freshdesk_ticket_get", json!({"ticket_id": 42_817})),
        ("freshdesk_tickets_reply", json!({"ticket_id": 42_817, "body": "Hi"})),
    ] {
        run(async {
            let world = World::hosted().await;
            let (settings, account) = (settings(&world.simulator), account(seed::ADMIN_KEY));
            let host = Host::new(PLUGIN, &settings).unwrap();
            let action = freshdesk_simulator::FaultAction::Respond {
                status: 429,
                headers: vec![("retry-after".to_owned(), "1".to_owned())],
                body: Vec::new(),
            };
            world.state().faults.push(freshdesk_simulator::Fault::once(action));
            let started = Instant::now();
            call(&host, &account, tool, input.clone()).await.unwrap();
            assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
            let statuses: Vec<_> = world.requests().iter().map(|exchange| exchange.status).collect();
            assert!(statuses == [429, 200] || statuses == [429, 201], "{statuses:?}");
        });
    }
}

/// An agent that goes away while it waits takes nothing with it.
#[test]
fn a_call_that_is_given_up_gives_its_turn_back() {
    run(async {
        let (simulator, host) = helpdesk(Limits::total(5), Duration::from_secs(2), 0, Duration::from_secs(20)).await;
        let hasty = account(seed::ADMIN_KEY);
        let mut waiting = JoinSet::new();
        for _ in 0..40 {
            let (host, account) = (Arc::clone(&host), Arc::clone(&hasty));
            waiting.spawn(async move { call(&host, &account, "freshdesk_roles_list", json!({})).await });
        }
        let arrive = async {
            while arrived(&simulator).0 < 5 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), arrive).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        waiting.shutdown().await;
        // Of the 35 that waited none is in the way: the next window is all there is to wait for.
        let patient = account(seed::ADMIN_KEY);
        let started = Instant::now();
        for _ in 0..5 {
            call(&host, &patient, "freshdesk_roles_list", json!({})).await.unwrap();
        }
        assert!(started.elapsed() < Duration::from_millis(3500), "{:?}", started.elapsed());
        assert_eq!(arrived(&simulator), (10, 0));
    });
}
