//! The budget of a helpdesk that several hosts call.

use std::time::{Duration, Instant};

use freshdesk_simulator::{Limits, seed};
use serde_json::json;
use tokio::task::block_in_place;

use super::Hosts;
use crate::client::execute;

/// What the helpdesk allows in a minute.
const ALLOWED: u32 = 50;

/// How long callers go on: beyond the end of the first window, as hosts can know it.
const LONG: Duration = Duration::from_secs(70);

/// Fifty users call at once, again and again, until past the end of the helpdesk's window. Who gets no turn is told so by a
/// host, when to come back; Freshdesk refuses nobody.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_callers_over_three_hosts_meet_no_429_and_use_what_there_is() {
    let Some(hosts) = Hosts::start(&["--deadline", "10"]).await else { return };
    hosts.office.simulator.state().helpdesk(seed::LABEL).limits = Limits::total(ALLOWED);
    hosts.connected("jane").await;
    // One key is one agent's, whoever uses it: fifty callers of ten accounts.
    for number in 0..10 {
        hosts.connected(&format!("user-{number}")).await;
    }
    let (_, token) = hosts.token(None).await;
    let before = hosts.office.requests().len();
    let begun = Instant::now();
    let (url, token) = (hosts.balancer.url.as_str(), token.as_str());
    let made: Vec<(u32, u32)> = block_in_place(|| {
        std::thread::scope(|scope| {
            let call = |caller: u32| {
                let (mut done, mut waited) = (0, 0);
                while begun.elapsed() < LONG && done < 2 {
                    let identifier = format!("user-{}", caller % 10);
                    let answer = execute(url, token, &identifier, "freshdesk_roles_list", &json!({}), None).unwrap();
                    match (answer.status, answer.code().as_str()) {
                        (200, _) => done += 1,
                        (_, "rate_limited") => {
                            waited += 1;
                            let seconds = answer.json()["retry_after"].as_u64().unwrap_or(1);
                            let left = LONG.saturating_sub(begun.elapsed());
                            std::thread::sleep(Duration::from_secs(seconds.clamp(1, 20)).min(left));
                        }
                        _ => panic!("{answer:?}"),
                    }
                }
                (done, waited)
            };
            let calling: Vec<_> = (0..50).map(|caller| scope.spawn(move || call(caller))).collect();
            calling.into_iter().map(|called| called.join().unwrap()).collect()
        })
    });
    let requests = hosts.office.requests().split_off(before);
    let refused = requests.iter().filter(|request| request.status == 429).count();
    let (done, waited): (u32, u32) = made.iter().fold((0, 0), |(a, b), (done, waited)| (a + done, b + waited));
    println!("{done} calls done, {waited} told to wait, {} requests, {refused} refused by Freshdesk", requests.len());
    assert_eq!(refused, 0, "a host spent what another had spent");
    assert!(waited > 0, "there was more to do than allowed");
    // A tenth is left to others, and the time at which a window ends is known but roughly.
    assert!(done > ALLOWED, "they went on in the second window: {done}");
}
