//! Answers and handshakes that break off at each of their bytes.

use std::sync::Arc;

use freshdesk_components::PLUGIN;
use freshdesk_host::{Account, Host, Settings};
use freshdesk_simulator::{Fault, FaultAction, Kind, LineFault, Mishap, seed};
use freshdesk_tests::{Good, good, run};
use tokio::task::JoinSet;

use crate::judge::{self, Outcome};
use crate::office::{self, Desk, PATIENCE};

/// Bytes that are tried at a time, half of them over HTTP/2 and half over HTTP/1.1.
const AT_A_TIME: usize = 32;

/// More bytes than an answer to these calls has.
const FAR: usize = 8000;

/// More bytes than the server's side of a handshake has.
const SHAKEN: usize = 1000;

/// By how much the same answer differs in length: HTTP/2 packs the digits of times and counts.
const DIGITS: usize = 40;

/// What was seen when one byte was the last.
struct Tried {
    desk: usize,
    position: usize,
    outcome: Outcome,
}

/// Helpdesks whose answers are short.
async fn short() -> (Vec<Desk>, Arc<Host>) {
    let (mut desks, settings) = office::helpdesks(AT_A_TIME).await;
    for desk in &mut desks {
        let ticket = desk.fresh.tickets.get_mut(&seed::TICKET_ID).unwrap();
        ticket.description = "It fails.".to_owned();
        desk.restore();
    }
    // Nothing here takes its time but the machine.
    let settings = Settings { deadline: 2 * PATIENCE, ..settings };
    (desks, Arc::new(Host::new(PLUGIN, &settings).unwrap()))
}

fn named(tool: &str) -> Good {
    good().into_iter().find(|good| good.tool == tool).unwrap()
}

/// Calls `tool` with `mishap` at every position, over HTTP/2 and over HTTP/1.1. Each helpdesk goes on until `over` says that a
/// position was beyond the end.
async fn at_every_byte(
    tool: &'static str,
    mishap: fn(usize) -> Mishap,
    far: usize,
    over: fn(&Outcome) -> bool,
) -> [Vec<Tried>; 2] {
    let (desks, host) = short().await;
    let mut running = JoinSet::new();
    for (number, desk) in desks.into_iter().enumerate() {
        let host = Arc::clone(&host);
        running.spawn(async move {
            let (version, first, step) = (number % 2, number / 2, AT_A_TIME / 2);
            let (good, mut tried) = (named(tool), Vec::new());
            let mut account: Arc<Account> = desk.account();
            for position in (first..far).step_by(step) {
                let mishap = mishap(position);
                if mishap.kind.below_http() {
                    account = desk.account();
                }
                let outcome = judge::call(&host, &desk, &account, &good, &mishap).await;
                let outcome = outcome.and_then(|outcome| outcome.is_true(&desk.fresh, &good).map(|()| outcome));
                let outcome = outcome.unwrap_or_else(|why| panic!("{tool}, byte {position}: {why}"));
                let over = over(&outcome);
                tried.push(Tried { desk: number, position, outcome });
                if over {
                    break;
                }
            }
            (version, tried)
        });
    }
    let mut all = [Vec::new(), Vec::new()];
    for (version, tried) in running.join_all().await {
        all[version].extend(tried);
    }
    all.iter_mut().for_each(|tried| tried.sort_by_key(|tried| tried.position));
    all
}

fn cut(position: usize) -> Mishap {
    let action = FaultAction::Line(LineFault::Cut(position));
    Mishap { kind: Kind::Cut, fault: Some(Fault::once(action)), line: None }
}

/// Whether it was answered without being asked for again.
fn at_once(outcome: &Outcome) -> bool {
    outcome.result.is_ok() && outcome.requests.len() == 1
}

/// The answer is whole from about this byte on, and was not before.
fn whole_from(tried: &[Tried], whole: fn(&Outcome) -> bool) -> usize {
    let first = tried.iter().find(|tried| whole(&tried.outcome)).expect("some answer was whole").position;
    for Tried { position, outcome, .. } in tried {
        let so = whole(outcome);
        assert!(so || *position < first + DIGITS, "byte {position} of {first}: {outcome:?}");
    }
    // Every byte before was the last one once.
    assert!(tried.iter().take(first).enumerate().all(|(position, tried)| position == tried.position));
    first
}

/// B15: a write that was cut anywhere was executed, and is reported as unknown unless its answer is whole.
#[test]
fn b15_a_write_whose_answer_breaks_off_at_any_byte_is_executed_once_and_unknown() {
    run(async {
        for tried in at_every_byte("tickets_reply", cut, FAR, |outcome| outcome.result.is_ok()).await {
            let first = whole_from(&tried, |outcome| outcome.result.is_ok());
            assert!(tried.iter().all(|tried| tried.outcome.ran() == 1 && tried.outcome.requests.len() == 1));
            println!("{} {first} bytes", tried[0].outcome.requests[0].version);
            assert!(first > 400, "an answer of {first} bytes");
        }
    });
}

#[test]
fn a_read_whose_answer_breaks_off_at_any_byte_is_asked_for_again_and_answered() {
    run(async {
        for tried in at_every_byte("ticket_get", cut, FAR, at_once).await {
            let first = whole_from(&tried, at_once);
            // Each helpdesk says the same each time.
            for one in &tried {
                let first = tried.iter().find(|tried| tried.desk == one.desk).unwrap();
                assert_eq!(one.outcome.result, first.outcome.result, "byte {}", one.position);
                assert!(one.outcome.result.is_ok(), "byte {}: {:?}", one.position, one.outcome);
            }
            assert!(tried.iter().all(|tried| tried.outcome.requests.len() <= 2));
            println!("{} {first} bytes", tried[0].outcome.requests[0].version);
            assert!(first > 1000, "an answer of {first} bytes");
        }
    });
}

/// What breaks off before a request can leave is tried again, whatever it is.
#[test]
fn a_write_whose_handshake_breaks_off_at_any_byte_is_executed_once_or_not_at_all() {
    let mishap = |position| Mishap { kind: Kind::TlsCut, fault: None, line: Some(LineFault::Cut(position)) };
    run(async {
        for tried in at_every_byte("tickets_reply", mishap, SHAKEN, |_| false).await {
            assert_eq!(tried.len(), SHAKEN);
            let shaking = tried.iter().take_while(|tried| tried.outcome.result.is_ok()).count();
            println!("a handshake of {shaking} bytes at least");
            assert!((400..SHAKEN).contains(&shaking), "{shaking}");
            for Tried { position, outcome, .. } in &tried {
                let case = outcome.result.as_ref().err().map(String::as_str);
                assert!(matches!(case, None | Some("outcome_unknown")), "byte {position}: {outcome:?}");
            }
        }
    });
}
