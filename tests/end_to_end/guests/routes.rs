//! Other requests than the tool's own.

use freshdesk_simulator::seed;
use freshdesk_tests::{World, run};
use serde_json::json;

use super::{DENIED, Tool, attack};

/// Paths that can be said while `/api/v2/tickets` is listed.
const ELSEWHERE: [&str; 38] = [
    "",
    "/",
    "?email=a",
    "/?/api/v2/tickets",
    "//evil.tld/api/v2/tickets",
    "//acme.freshdesk.com/api/v2/tickets",
    "///api/v2/tickets",
    "/https://evil.tld/api/v2/tickets",
    "/api/v2",
    "/api/v2/",
    "/api/v2/tickets/",
    "/api/v2/tickets//",
    "/api/v2//tickets",
    "/api//v2/tickets",
    "/api/v2/./tickets",
    "/api/v2/tickets/.",
    "/api/v2/tickets/..",
    "/api/v2/../v2/tickets",
    "/api/v2/tickets/../agents",
    "/api/v2/tickets/..%2fagents",
    "/api/v2/%2e%2e/v2/tickets",
    "/api/v2%2ftickets",
    "/api%2Fv2%2Ftickets",
    "/api/v2/ticket%73",
    "/api/v2/tickets%00",
    "/api/v2/tickets%20",
    "/api/v2/tickets%23",
    "/api/v2/tickets%3f",
    "/api/v2/tickets%0d%0ahost:evil.tld",
    "/api/v2/tickets;x",
    "/api/v2/tickets.json",
    "/api/v2/Tickets",
    "/API/v2/tickets",
    "/api/v1/tickets",
    "/api/_/tickets",
    "/api/v2/tickets/42817",
    "/api/v2/agents/me",
    "/agents/me",
];

/// What can be no path.
const UNSPEAKABLE: [&str; 10] = [
    "https://evil.tld/api/v2/tickets",
    "evil.tld/api/v2/tickets",
    "@evil.tld/api/v2/tickets",
    ":8443/api/v2/tickets",
    "\\api\\v2\\tickets",
    "*",
    " /api/v2/tickets",
    "/api/v2/tickets\0",
    "/api/v2/tickets HTTP/1.1",
    "/api/v2/tickets\r\nhost: evil.tld",
];

#[test]
fn no_spelling_of_a_path_leads_elsewhere() {
    run(async {
        let world = World::hostile().await;
        for path in ELSEWHERE {
            attack(&world, Tool::Lists, &format!("path {path}")).await.is_stopped(DENIED);
        }
        attack(&world, Tool::Lists, "no-path").await.is_stopped("ErrorCode::HttpProtocolError");
        for path in ["/api/v2/tickets/42817", "/api/v2/tickets/42817/replyx", "/api/v2/tickets/042817/reply"] {
            attack(&world, Tool::Replies, &format!("path {path}")).await.is_stopped(DENIED);
        }
    });
}

#[test]
fn what_is_no_path_cannot_be_said() {
    run(async {
        let world = World::hostile().await;
        for path in UNSPEAKABLE {
            attack(&world, Tool::Lists, &format!("path {path}")).await.is_stopped("no such path");
        }
    });
}

#[test]
fn a_fragment_stays_inside() {
    run(async {
        let world = World::hostile().await;
        for path in ["/api/v2/tickets#/../agents", "/api/v2/tickets?page=1#@evil.tld"] {
            let attacked = attack(&world, Tool::Lists, &format!("path {path}")).await;
            let request = attacked.arrived();
            assert!(request.path == "/api/v2/tickets" && !request.query.contains('#'), "{request:?}");
        }
    });
}

/// All methods on the paths of all tools, and on those of none, while each of the ten tools runs.
#[test]
fn no_tool_makes_the_request_of_another() {
    run(async {
        let world = World::hostile().await;
        for (tool, input) in [
            ("ticket_create", json!({"subject": "every-other-request"})),
            ("ticket_get", json!({"ticket_id": seed::TICKET_ID})),
            ("ticket_update", json!({"ticket_id": seed::TICKET_ID, "priority": "low"})),
            ("tickets_list", json!({"email": "every-other-request"})),
            ("tickets_reply", json!({"ticket_id": seed::TICKET_ID, "body": "every-other-request"})),
            ("contact_create", json!({"name": "A", "email": "a@example.com"})),
            ("agent_create", json!({"email": "a@example.com", "ticket_scope": "global"})),
            ("agent_delete", json!({"agent_id": seed::ADMIN_ID})),
            ("agents_list", json!({})),
            ("roles_list", json!({})),
        ] {
            let error = world.call(tool, input).await.unwrap_err();
            assert_eq!((error.detail["detail"].as_str(), world.requests().len()), (Some("109 denied"), 0), "{tool}");
        }
        super::serves(&world, "every other request").await;
    });
}

#[test]
fn another_method_is_no_request_of_the_tool() {
    run(async {
        let world = World::hostile().await;
        for method in ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PURGE", "GETX"]
        {
            attack(&world, Tool::Lists, &format!("method {method}")).await.is_stopped(DENIED);
        }
        for method in ["", "GET /", "GET\r\n", "GÉT"] {
            attack(&world, Tool::Lists, &format!("method {method}")).await.is_stopped("no such method");
        }
    });
}

#[test]
fn a_parameter_in_the_query_does_not_override_a_method() {
    run(async {
        let world = World::hostile().await;
        let attacked = attack(&world, Tool::Lists, "path /api/v2/tickets?_method=delete").await;
        assert_eq!(attacked.arrived().method, "GET");
        for path in ["/api/v2/tickets?_method=delete", "/api/v2/tickets?", "/api/v2/tickets?user_id=7"] {
            attack(&world, Tool::Creates, &format!("path {path}")).await.is_stopped(DENIED);
        }
        let path = "path /api/v2/tickets/42817/reply?user_id=158017000102";
        attack(&world, Tool::Replies, path).await.is_stopped(DENIED);
    });
}

/// The record is the one that the tool was called for.
#[test]
fn no_tool_reaches_another_record() {
    run(async {
        let world = World::hostile().await;
        for ticket in [42_801, 42_816, 1] {
            attack(&world, Tool::Replies, &format!("path /api/v2/tickets/{ticket}/reply")).await.is_stopped(DENIED);
        }
        let own = format!("path /api/v2/tickets/{}/reply", seed::TICKET_ID);
        attack(&world, Tool::Replies, &own).await.arrived();
    });
}
