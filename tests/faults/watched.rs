//! The key is nowhere that the plugin can see while things go wrong.

use std::sync::Arc;
use std::time::Duration;

use freshdesk_components::PLUGIN;
use freshdesk_host::verify::Canary;
use freshdesk_host::{Account, ApiKey, Host, Settings, Witness};
use freshdesk_simulator::{Dice, Kind, Mishap, seed};
use freshdesk_tests::{good, run};

use crate::office;

/// The time that a call has here.
const PATIENCE: Duration = Duration::from_millis(800);

/// Tools that meet each kind.
const TOOLS: usize = 3;

/// B25: with everything watched that the plugin is handed, keeps or says.
#[test]
fn b25_the_plugin_sees_no_key_whatever_goes_wrong() {
    let canary = Canary::new();
    run(async {
        let (mut desks, settings) = office::helpdesks(2).await;
        for desk in &mut desks {
            desk.fresh.agents.get_mut(&seed::ADMIN_ID).unwrap().api_key = Some(canary.key().to_owned());
        }
        let settings = Settings { deadline: PATIENCE, ..settings };
        let host = Host::watched(PLUGIN, &settings, Arc::clone(&canary) as Arc<dyn Witness>).unwrap();
        let tools = good();
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            for turn in 0..TOOLS {
                let (desk, good) = (&desks[turn % 2], &tools[(number * TOOLS + turn) % tools.len()]);
                let mishap = Mishap::of(kind, &mut Dice::new((number * TOOLS + turn) as u64), PATIENCE);
                desk.restore();
                desk.simulator.state().befall(&mishap);
                let account = Account::new(desk.account().helpdesk().clone(), ApiKey::new(canary.key()).unwrap());
                let tool = format!("freshdesk_{}", good.tool);
                let told = match host.call(&Arc::new(account), &tool, &good.input).await {
                    Ok(answer) => answer.to_string(),
                    Err(error) => format!("{error} {}", error.log()),
                };
                canary.sees("in what the caller gets", told.as_bytes());
                assert_eq!(canary.found(), Vec::<String>::new(), "{tool}: {mishap:?}");
            }
        }
    });
    let (looks, bytes) = canary.looked();
    assert!(looks > 1000 && bytes > 10_000_000, "it was looked for {looks} times in {bytes} bytes");
}
