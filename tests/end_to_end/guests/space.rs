//! Using up memory: the sandbox's, or the host's.

use std::time::{Duration, Instant};

use freshdesk_tests::{World, run};

use super::{SHORT, Tool, attack};

#[test]
fn memory_ends_at_the_sandboxs_limit() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Lists, "memory").await;
        let mebibytes: u32 = attacked.met().strip_suffix(" MiB").unwrap().parse().unwrap();
        assert!((64..128).contains(&mebibytes), "{mebibytes} MiB");
    });
}

#[test]
fn a_million_resources_are_not_to_be_had() {
    run(async {
        let world = World::hostile().await;
        for kind in ["fields", "requests", "responses", "options", "pollables"] {
            attack(&world, Tool::Creates, kind).await.breaks();
        }
    });
}

#[test]
fn a_million_headers_are_not_to_be_had() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "entries").await.breaks();
    });
}

#[test]
fn recursion_ends_at_the_stacks_limit() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Lists, "recursion").await.breaks();
    });
}

/// The names of a guest's functions are the guest's, and there are many of them.
#[test]
fn why_a_guest_broke_is_in_the_log_whatever_its_functions_are_called() {
    run(async {
        let world = World::hostile().await;
        let why = attack(&world, Tool::Lists, "recursion").await.breaks();
        assert!(why.contains("call stack exhausted"), "{why}");
    });
}

/// What a panic says goes to standard error, which is closed.
#[test]
fn what_a_panic_says_is_neither_told_nor_logged() {
    run(async {
        let world = World::hostile().await;
        for tool in [Tool::Lists, Tool::Creates] {
            let why = attack(&world, tool, "panic FAKEkeyOfJaneDoe0001 \u{1b}[31m").await.breaks();
            assert!(!why.contains("FAKEkey") && !why.contains('\u{1b}'), "{why}");
        }
    });
}

#[test]
fn a_log_without_end_goes_nowhere() {
    run(async {
        let world = World::hostile_within(SHORT).await;
        for stream in ["log", "print"] {
            let attacked = attack(&world, Tool::Lists, stream).await;
            let log = attacked.result.as_ref().unwrap_err().log();
            assert!(attacked.case() == "unavailable" && !log.contains("xxx"), "{log}");
        }
    });
}

#[test]
fn the_host_does_not_throw_dice_without_end() {
    run(async {
        let world = World::hostile().await;
        for length in ["18446744073709551615", "1073741824"] {
            let started = Instant::now();
            attack(&world, Tool::Lists, &format!("random {length}")).await.breaks();
            assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        }
    });
}

#[test]
fn an_answer_that_is_too_long_breaks_the_guest() {
    run(async {
        let world = World::hostile().await;
        let short = attack(&world, Tool::Lists, "text 1000 x").await;
        assert_eq!(short.got().len(), 1000);
        for (tool, times) in [(Tool::Lists, 20 << 20), (Tool::Lists, 60 << 20), (Tool::Creates, 20 << 20)] {
            let attacked = attack(&world, tool, &format!("text {times} x")).await;
            attacked.arrived();
            match tool {
                Tool::Lists => drop(attacked.broke()),
                _ => assert_eq!(attacked.case(), "outcome_unknown"),
            }
        }
    });
}

#[test]
fn an_answer_of_a_million_texts_breaks_the_guest() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Creates, "text 1000000 \n").await;
        attacked.arrived();
        assert_eq!(attacked.case(), "outcome_unknown");
    });
}

#[test]
fn an_answer_that_nests_without_end_is_a_text() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Replies, "text 1000000 [").await;
        assert_eq!(attacked.got().len(), 1_000_000);
    });
}

#[test]
fn a_guest_that_leaves_has_not_answered() {
    run(async {
        let world = World::hostile().await;
        for code in ["0", "1"] {
            attack(&world, Tool::Lists, &format!("exit {code}")).await.breaks();
        }
    });
}
