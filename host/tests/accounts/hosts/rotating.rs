//! Root keys that change while all hosts serve.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;

use super::{Hosts, read};
use crate::client::execute;
use crate::office::ticket;

/// Calls of a host, one after the other, until it is told to stop; among them writes, whose answers are sealed anew.
fn go_on(url: &str, token: &str, stop: &AtomicBool, done: &AtomicU32) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let input = ticket("s");
        let answer = match number % 3 {
            0 => {
                let key = format!("{}-{number}", url.rsplit(':').next().unwrap());
                let once = execute(url, token, "jane", "freshdesk_ticket_create", &input, Some(&key)).unwrap();
                assert_eq!(once.status, 200, "{once:?}");
                // What was remembered opens, whatever its data key is wrapped by now.
                execute(url, token, "jane", "freshdesk_ticket_create", &input, Some(&key)).unwrap()
            }
            _ => execute(url, token, "jane", "freshdesk_roles_list", &json!({}), None).unwrap(),
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        done.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn root_keys_rotate_and_retire_while_all_hosts_serve_and_nobody_notices() {
    let Some(hosts) = Hosts::start(&[]).await else { return };
    hosts.connected("jane").await;
    let (_, token) = hosts.token(None).await;
    let (stop, done) = (AtomicBool::new(false), [const { AtomicU32::new(0) }; 3]);
    let first = read(&hosts.office.root_keys());
    let urls = hosts.urls();
    std::thread::scope(|scope| {
        let calling: Vec<_> = urls
            .iter()
            .zip(&done)
            .map(|(url, done)| {
                let (token, stop) = (&token, &stop);
                scope.spawn(move || go_on(url, token, stop, done))
            })
            .collect();
        let more = |each: u32| {
            let before: Vec<_> = done.iter().map(|done| done.load(Ordering::Relaxed)).collect();
            let all_did =
                || done.iter().zip(&before).all(|(done, before)| done.load(Ordering::Relaxed) >= before + each);
            while !all_did() && calling.iter().all(|calling| !calling.is_finished()) {
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        more(5);
        for arguments in [&["vault", "rotate"][..], &["vault", "rotate", "--retire"], &["vault", "rotate", "--retire"]]
        {
            let output = hosts.office.command(arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            more(10);
        }
        stop.store(true, Ordering::Relaxed);
        calling.into_iter().for_each(|calling| calling.join().unwrap());
    });
    let last = read(&hosts.office.root_keys());
    let ids = |ring: &str| -> Vec<String> {
        let keys = ring.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
        keys.map(|(id, _)| id.to_owned()).collect()
    };
    assert_eq!((ids(&first).len(), ids(&last).len()), (1, 2));
    assert!(ids(&last).iter().all(|id| !ids(&first).contains(id)), "the first root key was retired: {:?}", ids(&last));
    println!("calls while root keys changed: {done:?}");
    hosts.office.is_sound();
}
