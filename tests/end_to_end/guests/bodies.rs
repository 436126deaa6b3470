//! Bodies that are too long, never whole, or something else than they are said to be.

use std::time::Duration;

use freshdesk_simulator::FaultAction;
use freshdesk_tests::{World, run};

use super::{DENIED, SHORT, Tool, attack};

const TOO_LONG: &str = "ErrorCode::HttpRequestBodySize(None)";

/// Bodies of a reply in another agent's name, however it is put.
const SPEAKING: [&str; 21] = [
    r#"{"body":"Hi","user_id":158017000102}"#,
    r#"{"body":"Hi","user_id":null}"#,
    r#"{"body":"Hi","user\u005fid":158017000102}"#,
    r#"{"body":"Hi","\u0075\u0073\u0065\u0072\u005F\u0069\u0064":158017000102}"#,
    r#"{"user_id":158017000102,"body":"Hi","user_id":null}"#,
    r#"{"user_id":null,"body":"Hi","user\u005fid":158017000102}"#,
    r#"[{"body":"Hi","user_id":158017000102}]"#,
    r#"[[[{"body":"Hi","user_id":158017000102}]]]"#,
    r#""{\"body\":\"Hi\",\"user_id\":158017000102}""#,
    r#"{"body":"Hi"}{"user_id":158017000102}"#,
    "{\"body\":\"Hi\"}\n{\"user_id\":158017000102}",
    r#"{"body":"Hi"}&user_id=158017000102"#,
    r#"{"body":"Hi",/**/"user_id":158017000102}"#,
    r#"{"body":"Hi","user_id":158017000102,}"#,
    r#"{'body':'Hi','user_id':158017000102}"#,
    r#"{body:"Hi",user_id:158017000102}"#,
    "\u{feff}{\"body\":\"Hi\",\"user_id\":158017000102}",
    "{\"body\":\"Hi\"}\0{\"user_id\":158017000102}",
    "body=Hi&user_id=158017000102",
    "null",
    "",
];

#[test]
fn a_reply_speaks_as_nobody_else_however_it_is_put() {
    run(async {
        let world = World::hostile().await;
        for body in SPEAKING {
            attack(&world, Tool::Replies, &format!("says {body}")).await.is_stopped(DENIED);
        }
    });
}

/// A guest that would copy in another reader, make another administrator, or write another text than it was asked for.
#[test]
fn a_write_says_what_its_caller_said_and_nothing_else() {
    run(async {
        let world = World::hostile().await;
        for (tool, more) in [
            (Tool::Replies, r#"{"body":"You have won"}"#),
            (Tool::Replies, r#"{"bcc_emails":["evil@example.com"]}"#),
            (Tool::Replies, r#"{"cc_emails":["evil@example.com"]}"#),
            (Tool::Replies, r#"{"from_email":"evil@example.com"}"#),
            (Tool::Replies, r#"{"ticket_id":1}"#),
            (Tool::Creates, r#"{"subject":"You have won"}"#),
            (Tool::Creates, r#"{"email":"evil@example.com"}"#),
            (Tool::Creates, r#"{"email":["a@example.com"]}"#),
            (Tool::Creates, r#"{"requester_id":1}"#),
            (Tool::Creates, r#"{"cc_emails":["evil@example.com"]}"#),
            (Tool::Creates, r#"{"responder_id":null}"#),
            (Tool::Creates, r#"{"priority":4}"#),
            (Tool::Creates, r#"{"custom_fields":{"cf_plan":"Team"}}"#),
            (Tool::Creates, r#"{"helpdesk_ticket":{"subject":"S"}}"#),
        ] {
            attack(&world, tool, &format!("adds {more}")).await.is_stopped(DENIED);
        }
        for (tool, field) in [(Tool::Replies, "body"), (Tool::Creates, "subject"), (Tool::Creates, "email")] {
            attack(&world, tool, &format!("drops {field}")).await.is_stopped(DENIED);
        }
        for tool in [Tool::Replies, Tool::Creates] {
            let attacked = attack(&world, tool, "adds {}").await;
            assert_eq!(attacked.arrived().status, 201, "{attacked:?}");
        }
    });
}

#[test]
fn a_body_is_json_and_says_so() {
    run(async {
        let world = World::hostile().await;
        for what in [
            "application/x-www-form-urlencoded|body=Hi&user_id=158017000102",
            "application/x-www-form-urlencoded|_method=delete",
            "multipart/form-data; boundary=x|--x\r\ncontent-disposition: form-data; name=\"user_id\"\r\n\r\n7\r\n--x--",
            "application/json; charset=utf-7|{\"body\":\"Hi\",\"user+AF8-id\":7}",
            "application/json, application/x-www-form-urlencoded|{\"body\":\"Hi&user_id=7&x=\"}",
            "Application/JSON|{\"body\":\"Hi\"}",
            "text/yaml|body: Hi",
            "application/xml|<user_id>7</user_id>",
            "|{\"body\":\"Hi\"}",
        ] {
            for tool in [Tool::Replies, Tool::Creates] {
                attack(&world, tool, &format!("says-as {what}")).await.is_stopped(DENIED);
            }
        }
        attack(&world, Tool::Replies, "header content-type=text/plain").await.is_stopped(DENIED);
        attack(&world, Tool::Replies, "header content-type=application/json").await.is_stopped(DENIED);
    });
}

#[test]
fn a_read_has_no_body() {
    run(async {
        let world = World::hostile().await;
        for body in ["_method=delete", "{\"_method\":\"delete\"}", " "] {
            attack(&world, Tool::Lists, &format!("says {body}")).await.is_stopped(DENIED);
        }
    });
}

#[test]
fn a_body_that_is_too_long_does_not_leave() {
    run(async {
        let world = World::hostile().await;
        for attempt in ["long-body 2097152", "long-body 5000000", "endless-body"] {
            attack(&world, Tool::Creates, attempt).await.is_stopped(TOO_LONG);
            attack(&world, Tool::Lists, attempt).await.is_stopped(TOO_LONG);
        }
    });
}

#[test]
fn a_body_that_breaks_off_does_not_leave() {
    run(async {
        let world = World::hostile().await;
        attack(&world, Tool::Creates, "dropped-body").await.is_stopped(TOO_LONG);
        attack(&world, Tool::Replies, "dropped-body").await.is_stopped(TOO_LONG);
    });
}

#[test]
fn a_body_that_never_ends_ends_with_its_call() {
    run(async {
        let world = World::hostile_within(SHORT).await;
        let attacked = attack(&world, Tool::Creates, "unfinished-body").await;
        assert_eq!((attacked.case(), attacked.arrived.len()), ("unavailable", 0));
        tokio::time::sleep(SHORT).await;
        assert_eq!(world.requests().len(), 1, "that of the honest call");
    });
}

#[test]
fn zeros_without_end_are_not_written() {
    run(async {
        let world = World::hostile().await;
        for stream in ["zeroes", "print-zeroes"] {
            let why = attack(&world, Tool::Creates, stream).await.breaks();
            assert!(why.contains("zeroes"), "{why}");
        }
    });
}

#[test]
fn an_answer_that_is_too_long_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        for (tool, status) in [(Tool::Lists, 200), (Tool::Creates, 201)] {
            world.answers(status, &[], &"x".repeat(9 << 20));
            let attacked = attack(&world, tool, "everything").await;
            attacked.arrived();
            match tool {
                Tool::Lists => assert_eq!(attacked.met(), "ErrorCode::HttpResponseBodySize(None)"),
                _ => assert_eq!(attacked.case(), "outcome_unknown"),
            }
        }
    });
}

#[test]
fn an_answer_that_drips_is_not_waited_for() {
    run(async {
        let world = World::hostile_within(SHORT * 4).await;
        for (tool, case) in [(Tool::Lists, "unavailable"), (Tool::Creates, "outcome_unknown")] {
            world.fault(FaultAction::SlowBody { chunk: 1, pause: Duration::from_millis(50) });
            let attacked = attack(&world, tool, "everything").await;
            attacked.arrived();
            assert_eq!(attacked.case(), case);
        }
    });
}

#[test]
fn an_answer_of_ten_thousand_headers_does_not_get_in() {
    run(async {
        let world = World::hostile().await;
        let names: Vec<_> = (0..10_000).map(|number| format!("x-{number}")).collect();
        let headers: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        world.answers(400, &headers, "{}");
        let attacked = attack(&world, Tool::Creates, "everything").await;
        assert_eq!((attacked.case(), attacked.arrived().method.as_str()), ("outcome_unknown", "POST"));
    });
}
