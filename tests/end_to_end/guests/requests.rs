//! More requests than one, and requests at other times than the call's.

use std::time::Duration;

use freshdesk_simulator::FaultAction;
use freshdesk_tests::{World, run};

use super::{DENIED, SHORT, Tool, attack, serves};

#[test]
fn a_second_request_does_not_leave() {
    run(async {
        let world = World::hostile().await;
        for (tool, status) in [(Tool::Lists, 200), (Tool::Creates, 201), (Tool::Replies, 201)] {
            let attacked = attack(&world, tool, "twice").await;
            attacked.arrived();
            assert_eq!(attacked.got(), format!("{status}, then {DENIED}"));
        }
    });
}

#[test]
fn of_many_requests_at_once_one_leaves() {
    run(async {
        let world = World::hostile().await;
        for (tool, status) in [(Tool::Lists, 200), (Tool::Creates, 201)] {
            for times in [2, 10, 40] {
                let attacked = attack(&world, tool, &format!("at-once {times}")).await;
                attacked.arrived();
                assert_eq!(attacked.got(), format!("{status} of {times}"));
            }
        }
    });
}

#[test]
fn a_write_whose_answer_was_lost_is_not_sent_again() {
    run(async {
        let world = World::hostile().await;
        for fault in [FaultAction::Reset, FaultAction::ResetAfter] {
            world.fault(fault);
            let attacked = attack(&world, Tool::Creates, "twice").await;
            attacked.arrived();
            assert_eq!(attacked.case(), "outcome_unknown");
        }
    });
}

#[test]
fn a_write_that_was_refused_is_not_tried_otherwise() {
    run(async {
        let world = World::hostile().await;
        world.answers(400, &[], "{}");
        let attacked = attack(&world, Tool::Creates, "twice").await;
        attacked.arrived();
        let why = attacked.broke();
        assert!(why.contains("invention"), "{why}");
    });
}

#[test]
fn a_redirect_is_chased_in_vain() {
    run(async {
        let world = World::hostile().await;
        for status in [301, 302, 303, 307, 308] {
            for location in [
                "https://evil.tld/api/v2/tickets",
                "https://globex.freshdesk.com/api/v2/tickets",
                "https://acme.freshdesk.com/api/v2/agents/me",
                "https://acme.freshdesk.com/api/v2/tickets?page=2",
                "/api/v2/tickets",
                "//evil.tld/api/v2/tickets",
            ] {
                world.answers(status, &[("location", location)], "");
                let tool = if status % 2 == 0 { Tool::Lists } else { Tool::Creates };
                let attacked = attack(&world, tool, "chase").await;
                attacked.arrived();
                assert_eq!(attacked.met(), format!("{status} {location}, then {DENIED}"));
            }
        }
    });
}

#[test]
fn a_write_that_was_left_behind_is_of_unknown_outcome() {
    run(async {
        let world = World::hostile().await;
        for end in ["well", "fail", "break"] {
            world.fault(FaultAction::Delay(Duration::from_secs(5)));
            let attacked = attack(&world, Tool::Creates, &format!("abandon {end}")).await;
            attacked.arrived();
            assert_eq!(attacked.case(), "outcome_unknown", "{end}");
        }
    });
}

#[test]
fn a_read_that_was_left_behind_is_no_answer() {
    run(async {
        let world = World::hostile().await;
        world.fault(FaultAction::Delay(Duration::from_secs(5)));
        let why = attack(&world, Tool::Lists, "abandon well").await.broke();
        assert!(why.contains("invention"), "{why}");
    });
}

/// Whether it left is a matter of luck; what the host says about it is not.
#[test]
fn a_write_that_was_cancelled_has_not_left_or_is_of_unknown_outcome() {
    run(async {
        let world = World::hostile().await;
        for _ in 0..10 {
            world.forget();
            let (name, input) = Tool::Creates.request("cancel");
            let case = world.call(name, input).await.unwrap_err().case;
            tokio::time::sleep(Duration::from_millis(50)).await;
            match case.as_str() {
                "unavailable" => assert_eq!(world.requests().len(), 0),
                case => assert!(case == "outcome_unknown" && world.requests().len() <= 1, "{case}"),
            }
            serves(&world, "cancel").await;
        }
    });
}

#[test]
fn nothing_leaves_when_the_call_is_over() {
    run(async {
        let world = World::hostile_within(SHORT).await;
        let attacked = attack(&world, Tool::Creates, "late 600").await;
        assert_eq!((attacked.case(), attacked.arrived.len()), ("unavailable", 0));
        tokio::time::sleep(SHORT).await;
        assert_eq!(world.requests().len(), 1, "that of the honest call");
    });
}

#[test]
fn requests_that_were_refused_leave_nothing_behind() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Lists, "after-refusals").await;
        attacked.arrived();
        assert_eq!(attacked.got(), "200");
    });
}
