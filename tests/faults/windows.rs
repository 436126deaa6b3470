//! Helpdesks whose clocks jump: windows end early, begin anew, and say another time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freshdesk_components::PLUGIN;
use freshdesk_host::{Host, Settings};
use freshdesk_simulator::{Dice, Limits};
use freshdesk_tests::run;
use serde_json::json;
use tokio::task::JoinSet;

use crate::office::{self, WINDOW};

/// Calls that a helpdesk allows in a window.
const ALLOWED: u32 = 20;

/// How often its clock jumps, and how often every caller calls.
const JUMPS: usize = 12;
const CALLS: usize = 25;

/// Eight callers go on calling, and each call is answered in its time. A jump costs a refused call or two, not a storm of them.
#[test]
fn calls_go_on_while_the_helpdesks_clock_jumps() {
    run(async {
        let (desks, settings) = office::helpdesks(2).await;
        let settings = Settings { deadline: Duration::from_secs(10), ..settings };
        let host = Arc::new(Host::new(PLUGIN, &settings).unwrap());
        let mut dice = Dice::new(7);
        for desk in &desks {
            desk.helpdesk(|helpdesk| helpdesk.limits = Limits::total(ALLOWED));
            let begun = Instant::now();
            let mut callers = JoinSet::new();
            for _ in 0..8 {
                let (host, account) = (Arc::clone(&host), desk.account());
                callers.spawn(async move {
                    for _ in 0..CALLS {
                        let answer = host.call(&account, "freshdesk_ticket_get", &json!({"ticket_id": 42_817})).await;
                        assert_eq!(answer.map_err(|error| error.log()).unwrap()["id"], 42_817);
                    }
                });
            }
            for _ in 0..JUMPS {
                tokio::time::sleep(WINDOW * 2 / 3).await;
                let seconds = dice.below(100_000) as i64 - 50_000;
                desk.simulator.state().clock.jump(seconds);
            }
            callers.join_all().await;
            let journal = desk.simulator.state().journal.clone();
            let refused = journal.iter().filter(|exchange| exchange.status == 429).count();
            println!("{} calls in {:?}, {refused} refused for {JUMPS} jumps", journal.len(), begun.elapsed());
            assert!(journal.len() >= 8 * CALLS);
            assert!(refused <= 2 * JUMPS, "{refused} calls were refused");
        }
    });
}
