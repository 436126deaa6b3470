//! Connections that break, and answers that are none.

use std::time::Duration;

use freshdesk_host::{CallError, Host};
use freshdesk_simulator::{FaultAction, Helpdesk, Settings, Simulator, Transport, seed};
use freshdesk_tests::{Good, World, account, everywhere, good, run, settings};
use serde_json::json;

use crate::refusals::failure;
use crate::tools::answer;

const JSON: (&str, &str) = ("content-type", "application/json");

/// How often the helpdesk was changed by `call`: what the seed has not, or has no more.
fn executed(desk: &Helpdesk, call: &Good) -> usize {
    match call.tool {
        "ticket_create" => desk.tickets.len() - 13,
        "ticket_update" => usize::from(desk.tickets[&42_817].priority == 4),
        "tickets_reply" => desk.conversations.len() - 4,
        "contact_create" => desk.contacts.len() - 6,
        "agent_create" => desk.agents.len() - 3,
        "agent_delete" => 3 - desk.agents.len(),
        _ => 0,
    }
}

/// Calls until a call is answered: the host may notice a broken connection only when it uses it again.
async fn recover(world: &World) {
    while world.call("roles_list", json!({})).await.is_err() {}
}

/// B15: no tool repeats a write whose answer was lost. It was executed once.
#[test]
fn b15_a_write_whose_answer_is_lost_is_executed_once() {
    everywhere(async |world: World| {
        for call in good() {
            let seed = world.helpdesk(|desk| desk.clone());
            world.fault(FaultAction::ResetAfter);
            let error = failure(&world, &call).await;
            assert_eq!((error.case.as_str(), error.detail.len()), (call.lost(), 0), "{}", call.tool);
            let times = world.helpdesk(|desk| executed(desk, &call));
            assert_eq!(times, usize::from(call.writes()), "{}", call.tool);
            world.helpdesk(|desk| *desk = seed);
            recover(&world).await;
        }
    });
}

#[test]
fn b15_a_write_that_broke_off_is_not_repeated_though_it_was_not_executed() {
    everywhere(async |world: World| {
        for call in good() {
            world.fault(FaultAction::Reset);
            assert_eq!(failure(&world, &call).await.case, call.lost(), "{}", call.tool);
            assert_eq!(world.helpdesk(|desk| executed(desk, &call)), 0, "{}", call.tool);
            recover(&world).await;
        }
    });
}

/// The next call may be the one that finds the connection broken. It is sent once at most, and says what is known.
#[test]
fn b15_a_call_on_a_broken_connection_says_what_is_known() {
    everywhere(async |world: World| {
        for round in 0..30 {
            world.fault(FaultAction::Reset);
            world.call("roles_list", json!({})).await.unwrap_err();
            world.forget();
            let before = world.helpdesk(|desk| desk.tickets.len());
            let input = json!({"subject": round.to_string(), "description": "A", "email": "sarah@acmecorp.com"});
            let result = world.call("ticket_create", input).await.map_err(|error| error.case);
            let made = world.helpdesk(|desk| desk.tickets.len()) - before;
            match result {
                Ok(_) => assert_eq!((made, world.requests().len()), (1, 1)),
                Err(case) if case == "unavailable" => assert_eq!((made, world.requests().len()), (0, 0)),
                Err(case) => assert!(case == "outcome_unknown" && made <= 1 && world.requests().len() <= 1),
            }
        }
    });
}

/// B6: half of an answer is none.
#[test]
fn b6_an_answer_that_breaks_off_is_no_answer() {
    everywhere(async |world: World| {
        // The answer to a delete has no body to break off.
        for call in good().into_iter().filter(|call| call.tool != "agent_delete") {
            for kept in [0, 1, 40] {
                let seed = world.helpdesk(|desk| desk.clone());
                world.fault(FaultAction::Truncate(kept));
                assert_eq!(failure(&world, &call).await.case, call.lost(), "{} {kept}", call.tool);
                world.helpdesk(|desk| *desk = seed);
                recover(&world).await;
            }
        }
    });
}

/// B6: a success is only one if it is the JSON that was asked for.
#[test]
fn b6_a_success_that_is_not_the_answer_is_none() {
    everywhere(async |world: World| {
        for call in good() {
            let other = if call.lists() { r#"{"id":1}"# } else { r#"[{"id":1}]"# };
            let mut answers = vec![
                (200, "text/html", "<html>Log in</html>"),
                (200, "application/json", ""),
                (200, "application/json", "null"),
                (200, "application/json", r#"{"id":1"#),
                (200, "application/json", "\u{0}\u{1}"),
                (201, "application/json", other),
                (202, "text/plain", "later"),
            ];
            if call.tool != "agent_delete" {
                answers.push((204, "application/json", ""));
            }
            for (status, content_type, body) in answers {
                world.answers(status, &[("content-type", content_type), ("x-request-id", "r-1")], body);
                let error = failure(&world, &call).await;
                assert_eq!(error.case, call.strange(), "{} {status} {body}", call.tool);
                if !call.writes() {
                    assert_eq!((&error.detail["status"], &error.detail["request_id"]), (&json!(status), &json!("r-1")));
                }
            }
        }
    });
}

#[test]
fn an_answer_counts_whatever_its_content_type_says() {
    everywhere(async |world: World| {
        world.answers(200, &[("content-type", "text/plain")], r#"{"id":42817}"#);
        assert_eq!(answer(&world, "ticket_get", json!({"ticket_id": 42_817})).await["id"], 42_817);
    });
}

#[test]
fn an_answer_in_pieces_is_read_whole() {
    everywhere(async |world: World| {
        world.fault(FaultAction::SlowBody { chunk: 100, pause: Duration::from_millis(1) });
        let ticket = answer(&world, "ticket_get", json!({"ticket_id": 42_817})).await;
        assert_eq!(ticket["tags"], json!(["auth", "login"]));
        world.fault(FaultAction::Delay(Duration::from_millis(50)));
        assert_eq!(answer(&world, "roles_list", json!({})).await["has_more"], false);
    });
}

#[test]
fn an_answer_longer_than_eight_mebibytes_is_not_read_and_breaks_nothing() {
    everywhere(async |world: World| {
        let long = format!("[{}", " ".repeat((8 << 20) + 1));
        for call in good() {
            for status in [200, 400] {
                world.answers(status, &[JSON], &long);
                let error = failure(&world, &call).await;
                assert_eq!(error.case, call.strange(), "{} {status}", call.tool);
                if !call.writes() {
                    assert!(error.detail["detail"].as_str().unwrap().contains("8 MiB"), "{error:?}");
                }
            }
        }
        answer(&world, "ticket_get", json!({"ticket_id": 42_817})).await;
    });
}

#[test]
fn an_answer_just_below_eight_mebibytes_is_read() {
    everywhere(async |world: World| {
        let text = "x".repeat((8 << 20) - 40);
        world.answers(200, &[JSON], &json!({"id": 1, "description_text": text}).to_string());
        let ticket = answer(&world, "ticket_get", json!({"ticket_id": 1})).await;
        assert_eq!(ticket["description_text"].as_str().unwrap().len(), text.len());
    });
}

/// Where no connection comes about nothing was executed, and a write may be repeated.
#[test]
fn a_helpdesk_that_cannot_be_reached_is_unavailable_to_reads_and_writes() {
    everywhere(async |mut world: World| {
        let settings = Settings { transport: Transport::Plain, ..Settings::default() };
        let gone = std::mem::replace(&mut world.simulator, Simulator::start(settings).await.unwrap());
        let addr = gone.addr();
        drop(gone);
        while tokio::net::TcpStream::connect(addr).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for call in good() {
            let error = world.call(call.tool, call.input).await.unwrap_err();
            assert_eq!((error.case.as_str(), error.detail.len()), ("unavailable", 0), "{}", call.tool);
        }
    });
}

/// The deadline is the host's. Wasmtime alone has none.
#[test]
fn b15_a_write_that_takes_too_long_is_of_unknown_outcome() {
    run(async {
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let settings = freshdesk_host::Settings { deadline: Duration::from_secs(1), ..settings(&simulator) };
        let host = Host::new(freshdesk_components::PLUGIN, &settings).unwrap();
        for call in good() {
            simulator.state().journal.clear();
            let late = freshdesk_simulator::Fault::once(FaultAction::Delay(Duration::from_secs(20)));
            simulator.state().faults.push(late);
            let tool = format!("freshdesk_{}", call.tool);
            let error = host.call(&account(seed::ADMIN_KEY), &tool, &call.input).await.unwrap_err();
            let CallError::Tool { error, .. } = error else { panic!("{error:?}") };
            assert_eq!((error.case.as_str(), simulator.state().journal.len()), (call.lost(), 1), "{}", call.tool);
        }
    });
}
