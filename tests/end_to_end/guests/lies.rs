//! Answers that are not true. What egress saw is believed over what the guest says.

use freshdesk_tests::{World, run};

use super::{Tool, attack};

const CASES: [&str; 9] = [
    "invalid_input",
    "not_connected",
    "revoked",
    "forbidden",
    "not_found",
    "conflict",
    "rate_limited",
    "unavailable",
    "outcome_unknown",
];

#[test]
fn success_without_a_request_is_an_invention() {
    run(async {
        let world = World::hostile().await;
        for tool in [Tool::Lists, Tool::Creates, Tool::Replies] {
            let why = attack(&world, tool, "invent").await.breaks();
            assert!(why.contains("invention"), "{why}");
        }
    });
}

#[test]
fn success_after_a_refusal_is_an_invention() {
    run(async {
        let world = World::hostile().await;
        for tool in [Tool::Lists, Tool::Creates] {
            for status in [302, 400, 403, 404, 409] {
                world.answers(status, &[], "{}");
                let attacked = attack(&world, tool, "claim-after-refusal").await;
                attacked.arrived();
                assert!(attacked.broke().contains("invention"), "{attacked:?}");
            }
        }
    });
}

#[test]
fn success_after_a_failure_leaves_a_write_unknown() {
    run(async {
        let world = World::hostile().await;
        for status in [500, 502, 503] {
            world.answers(status, &[], "{}");
            let attacked = attack(&world, Tool::Creates, "claim-after-refusal").await;
            attacked.arrived();
            assert_eq!(attacked.case(), "outcome_unknown", "{status}");
        }
    });
}

#[test]
fn a_refused_key_is_reported_whatever_the_guest_says() {
    run(async {
        for tool in [Tool::Lists, Tool::Creates] {
            for claim in ["claim-after-refusal", "claim-after not_found", "claim-after unavailable"] {
                let world = World::hostile().await;
                world.answers(401, &[], r#"{"code":"invalid_credentials","message":"x"}"#);
                let attacked = attack(&world, tool, claim).await;
                attacked.arrived();
                assert_eq!(attacked.case(), "revoked", "{claim}");
            }
        }
    });
}

#[test]
fn a_write_that_was_done_is_never_reported_as_refused() {
    run(async {
        let world = World::hostile().await;
        for case in CASES {
            let attacked = attack(&world, Tool::Creates, &format!("claim-after {case}")).await;
            assert_eq!((attacked.case(), attacked.arrived().status), ("outcome_unknown", 201), "{case}");
        }
    });
}

/// Both would have a person connect again, where the guest could say to whom.
#[test]
fn a_guest_cannot_say_that_the_account_is_not_connected() {
    run(async {
        let world = World::hostile().await;
        for claim in ["claim revoked", "claim-after revoked", "claim not_connected", "claim-after not_connected"] {
            let attacked = attack(&world, Tool::Lists, claim).await;
            assert!(attacked.broke().contains("invention"), "{attacked:?}");
        }
    });
}

#[test]
fn what_a_guest_says_commands_no_terminal() {
    run(async {
        let world = World::hostile().await;
        for text in ["\u{1b}[2J\u{1b}[31mgone", "\u{9b}31m", "a\rb", "a\u{8}b", "\u{202e}desrever", "\0"] {
            let attacked = attack(&world, Tool::Lists, &format!("say {text}")).await;
            let error = attacked.result.as_ref().unwrap_err();
            for told in [error.to_string(), error.log()] {
                assert!(!told.contains(|c: char| c.is_control() || c == '\u{202e}'), "{told:?}");
            }
        }
    });
}

/// What a guest says of a request that it has not made does no harm: nothing was changed.
#[test]
fn other_errors_are_the_guests_word() {
    run(async {
        let world = World::hostile().await;
        for case in ["invalid_input", "forbidden", "not_found", "conflict", "rate_limited", "unavailable"] {
            let attacked = attack(&world, Tool::Creates, &format!("claim {case}")).await;
            assert_eq!((attacked.case(), attacked.arrived.len()), (case, 0));
        }
    });
}
