//! What there is beside the way out.

use freshdesk_simulator::seed;
use freshdesk_tests::{World, run};

use super::{Tool, attack};

#[test]
fn the_environment_is_empty_and_nobody_types() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "environment").await.is_stopped("nothing");
        attack(&world, Tool::Lists, "arguments").await.is_stopped("nothing");
        attack(&world, Tool::Lists, "stdin").await.is_stopped("StreamError::Closed");
    });
}

#[test]
fn clocks_and_dice_are_there_for_all() {
    run(async {
        let world = World::hostile().await;
        let clocks = attack(&world, Tool::Lists, "clocks").await;
        let seconds: u64 = clocks.met().split(' ').next().unwrap().parse().unwrap();
        assert!(seconds > 1_700_000_000, "{seconds}");
        let (one, other) = (attack(&world, Tool::Lists, "dice").await, attack(&world, Tool::Lists, "dice").await);
        assert_ne!(one.met(), other.met());
    });
}

#[test]
fn a_call_leaves_nothing_for_the_next() {
    run(async {
        let world = World::hostile().await;
        for _ in 0..3 {
            attack(&world, Tool::Lists, "memory-of-others").await.is_stopped("0 calls before");
        }
    });
}

#[test]
fn what_the_host_says_of_the_account_has_no_key_in_it() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Lists, "credentials").await;
        assert!(attacked.met().contains("https://acme.freshdesk.com") && attacked.met().contains("AttachedByHost"));
        assert!(!attacked.met().contains(seed::ADMIN_KEY), "{attacked:?}");
    });
}
