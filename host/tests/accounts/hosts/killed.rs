//! A host that is killed while all of them write.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use freshdesk_simulator::{Fault, FaultAction, seed};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::Hosts;
use crate::client::execute;
use crate::office::ticket;

/// Callers, and the writes that each makes, one after the other.
const CALLERS: usize = 12;
const WRITES: usize = 6;

/// How long a caller repeats a write: longer than a host has a call for itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a caller asks again for what nobody knows.
const LOOKS: usize = 4;

/// What a write came to, for who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Made(u64),
    Unknown,
    Never(String),
}

/// Makes a ticket, with a key that it repeats at the next host where the answer did not come. Tells how often it asked.
fn write(urls: &[String], token: &str, key: &str, first: usize, alive: &AtomicBool) -> (End, usize) {
    let input = ticket(key);
    let begun = Instant::now();
    let (mut end, mut unknown) = (End::Never("it was not asked".to_owned()), 0);
    for number in 0.. {
        if begun.elapsed() > PATIENCE {
            return (end, number);
        }
        // A caller knows of a host that it is gone, as a balancer does.
        let hosts = if alive.load(Ordering::Relaxed) { urls } else { &urls[1..] };
        let url = &hosts[(first + number) % hosts.len()];
        match execute(url, token, "jane", "freshdesk_ticket_create", &input, Some(key)) {
            Ok(answer) if answer.status == 200 => {
                return (End::Made(answer.json()["result"]["id"].as_u64().unwrap()), number + 1);
            }
            // The next host looks again whether it was made.
            Ok(answer) if answer.code() == "outcome_unknown" => {
                unknown += 1;
                if unknown == LOOKS {
                    return (End::Unknown, number + 1);
                }
                std::thread::sleep(Duration::from_secs(1));
            }
            Ok(answer) => {
                end = End::Never(format!("{answer:?}"));
                let seconds = answer.json()["retry_after"].as_u64().unwrap_or(0);
                std::thread::sleep(Duration::from_secs(seconds.min(5)).max(Duration::from_millis(100)));
            }
            Err(why) => {
                end = End::Never(why.to_string());
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
    (end, 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_under_load_loses_no_write_and_repeats_none() {
    let Some(mut hosts) = Hosts::start(&["--deadline", "5"]).await else { return };
    hosts.connected("jane").await;
    let (_, token) = hosts.token(None).await;
    // Freshdesk takes its time to answer, so that each host has writes under way whenever it is killed.
    let slow = Fault::on("POST", "/tickets", FaultAction::Delay(Duration::from_millis(300)));
    hosts.office.simulator.state().faults = vec![Fault { times: 1_000_000, ..slow }];
    let urls = hosts.urls();
    let (ends, alive, made) = (Mutex::new(BTreeMap::new()), AtomicBool::new(true), AtomicUsize::new(0));
    let victim = hosts.servers.remove(0);
    block_in_place(|| {
        std::thread::scope(|scope| {
            for caller in 0..CALLERS {
                let (urls, token, ends, alive, made) = (&urls, &token, &ends, &alive, &made);
                scope.spawn(move || {
                    for number in 0..WRITES {
                        let key = format!("write-{caller}-{number}");
                        let end = write(urls, token, &key, caller + number, alive);
                        made.fetch_add(1, Ordering::Relaxed);
                        ends.lock().unwrap().insert(key, end);
                    }
                });
            }
            while made.load(Ordering::Relaxed) < CALLERS * 2 {
                std::thread::sleep(Duration::from_millis(5));
            }
            // Half way through a write, which takes 300 ms.
            std::thread::sleep(Duration::from_millis(150));
            victim.kill();
            alive.store(false, Ordering::Relaxed);
        });
    });
    let ends = ends.into_inner().unwrap();
    let tickets = hosts.office.simulator.state().helpdesk(seed::LABEL).tickets.clone();
    let there = |key: &str| -> Vec<u64> {
        tickets.values().filter(|ticket| ticket.subject.as_deref() == Some(key)).map(|ticket| ticket.id).collect()
    };
    let mut counts = BTreeMap::new();
    for (key, (end, tries)) in &ends {
        let ids = there(key);
        assert!(ids.len() <= 1, "{key} was made {} times", ids.len());
        match end {
            End::Made(id) => assert_eq!(ids, [*id], "{key}: what was told is so"),
            // Whoever is told so looks, and finds it or not.
            End::Unknown => {}
            End::Never(why) => panic!("{key}: {why}"),
        }
        let kind = match end {
            End::Made(_) if *tries == 1 => "made at once",
            End::Made(_) => "made, and told by another host",
            End::Unknown if ids.is_empty() => "unknown, and not made",
            End::Unknown => "unknown, and made",
            End::Never(_) => "never",
        };
        *counts.entry(kind).or_insert(0) += 1;
    }
    println!("{} writes over a host's end: {counts:?}", ends.len());
    assert_eq!(ends.len(), CALLERS * WRITES);
    let met = ends.values().filter(|(end, tries)| *tries > 1 || *end == End::Unknown).count();
    assert!(met > 0, "the host had a write under way when it was killed");
    assert!(counts["made at once"] > CALLERS * 3, "the others went on: {counts:?}");
    hosts.office.is_sound();
    assert_no_answer_was_lost(&hosts, &urls[1..], &token, &ends);
}

/// Each write that was answered is answered the same again, by each host that is left.
fn assert_no_answer_was_lost(hosts: &Hosts, urls: &[String], token: &str, ends: &BTreeMap<String, (End, usize)>) {
    let before = hosts.office.requests().len();
    for (key, (end, _)) in ends.iter().filter(|(_, (end, _))| matches!(end, End::Made(_))) {
        let input = ticket(key);
        for url in urls {
            let again = block_in_place(|| {
                execute(url, token, "jane", "freshdesk_ticket_create", &input, Some(key)).unwrap().json()
            });
            let id = again["result"]["id"].as_u64().map(End::Made);
            assert_eq!(id.as_ref(), Some(end), "{key}: {again}");
        }
    }
    let sent: Vec<Value> = hosts.office.requests()[before..].iter().map(|request| json!(request.path)).collect();
    assert_eq!(sent, [Value::Null; 0], "it is remembered, and not asked");
}
