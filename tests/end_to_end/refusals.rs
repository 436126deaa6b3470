//! Every refusal that Freshdesk knows, met by every tool: `docs/freshdesk.md` §3.

use freshdesk_host::ToolError;
use freshdesk_simulator::{Settings, Simulator, Transport};
use freshdesk_tests::{Good, World, everywhere, good, run};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
const HTML: (&str, &str) = ("content-type", "text/html");
const FLAT: &str = r#"{"code":"invalid_credentials","message":"You have to be logged in to perform this action."}"#;

/// What a tool makes of the next answer. Its own request arrived and no other: once, unless it was a read that our host tried
/// again.
pub(crate) async fn failure(world: &World, call: &Good) -> ToolError {
    world.forget();
    let error = world.call(call.tool, call.input.clone()).await.unwrap_err();
    let tries = if error.case == "unavailable" { world.tries() } else { 1 };
    let requests = world.requests();
    assert_eq!(requests.len(), tries, "{}: {requests:?}", call.tool);
    for request in requests {
        assert_eq!((request.method.as_str(), request.path.as_str()), (call.method, call.path), "{}", call.tool);
    }
    error
}

/// Every tool meets this answer once and fails with this case and detail.
fn every_tool(status: u16, headers: &[(&str, &str)], body: &str, case: &str, detail: &Value) {
    everywhere(async |world: World| {
        for call in good() {
            world.answers(status, headers, body);
            let error = failure(&world, &call).await;
            assert_eq!((error.case.as_str(), &Value::from(error.detail)), (case, detail), "{} {status}", call.tool);
        }
    });
}

#[test]
fn a_validation_error_names_every_field() {
    let body = r#"{"description":"Validation failed","errors":[
        {"field":"subject","message":"It should be a/an String","code":"missing_field"},
        {"field":"custom_fields.cf_plan","message":"It should be one of these values: 'A,B'","code":"invalid_value"}]}"#;
    let problems = json!({"problems": [
        {"field": "subject", "message": "It should be a/an String", "code": "missing_field"},
        {"field": "custom_fields.cf_plan", "message": "It should be one of these values: 'A,B'", "code": "invalid_value"},
    ]});
    every_tool(400, &[JSON], body, "invalid_input", &problems);
}

#[test]
fn a_single_error_is_one_about_the_whole_request() {
    let body = r#"{"code":"invalid_json","message":"Request body has invalid json format"}"#;
    let problem = json!({"field": "", "message": "Request body has invalid json format", "code": "invalid_json"});
    every_tool(400, &[JSON], body, "invalid_input", &json!({"problems": [problem]}));
    let problem = json!({"field": "", "message": "Freshdesk refused the request"});
    every_tool(400, &[HTML], "<html>Bad request</html>", "invalid_input", &json!({"problems": [problem]}));
}

/// B3, B14: a 401 is never taken for an answer, and is asked for once.
#[test]
fn b3_b14_a_401_says_that_the_key_is_revoked_after_one_request() {
    every_tool(401, &[JSON], FLAT, "revoked", &json!({}));
    every_tool(401, &[HTML, ("www-authenticate", "Basic")], "<html>", "revoked", &json!({}));
    every_tool(401, &[("retry-after", "1")], "", "revoked", &json!({}));
}

#[test]
fn b3_b14_a_revoked_key_asks_the_owner_to_reconnect() {
    everywhere(async |world: World| {
        let jane = 158_017_000_101;
        world.helpdesk(|desk| desk.agents.get_mut(&jane).unwrap().api_key = Some("FAKEanother".to_owned()));
        for call in good() {
            let error = failure(&world, &call).await;
            assert_eq!((error.case.as_str(), error.detail.len()), ("revoked", 0), "{}", call.tool);
            assert!(error.message.contains("must connect again"), "{}", error.message);
        }
    });
}

/// B4: a 403 is neither an answer nor an authentication that failed.
#[test]
fn b4_a_403_says_what_has_to_change() {
    for (code, reason) in [
        ("access_denied", "role"),
        ("inaccessible_field", "role"),
        ("require_feature", "plan"),
        ("max_agents_reached", "seats"),
        ("account_suspended", "suspended"),
        ("password_lockout", "locked"),
        ("password_expired", "locked"),
        ("ssl_required", "unknown"),
        ("never_heard_of", "unknown"),
    ] {
        let body = json!({"code": code, "message": "You are not authorized to perform this action."}).to_string();
        every_tool(403, &[JSON], &body, "forbidden", &json!({"reason": reason, "code": code}));
    }
    every_tool(403, &[HTML], "<html>Forbidden</html>", "forbidden", &json!({"reason": "unknown"}));
}

/// B5: a throttle is known by its header and never taken for an answer, whatever its body is.
#[test]
fn b5_a_throttle_says_how_long_to_wait() {
    let html = "<html>Too many requests</html>";
    throttled(429, &[HTML, ("retry-after", "34")], html, Some(34), 34);
    throttled(429, &[JSON, ("Retry-After", " 77 ")], r#"{"id":1}"#, Some(77), 77);
    throttled(429, &[HTML], html, None, 60);
    throttled(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], "", None, 60);
    throttled(403, &[JSON, ("retry-after", "77")], FLAT, Some(77), 77);
}

/// Every tool meets this throttle and says so: the plugin what Freshdesk says, our host when it will have a turn. It was
/// sent once, because the call's time would be over before.
fn throttled(status: u16, headers: &[(&str, &str)], body: &str, says: Option<u64>, turn: u64) {
    run(async {
        for call in good() {
            for (world, wait) in [(World::hosted().await, Some(turn)), (World::bare().await, says)] {
                world.answers(status, headers, body);
                let error = failure(&world, &call).await;
                assert_eq!(error.case, "rate_limited", "{} {status}", call.tool);
                assert_eq!(error.detail.get("retry_after").map(|wait| wait.as_u64().unwrap()), wait, "{}", call.tool);
            }
        }
    });
}

/// B6: an empty body is no reason to fail in another way.
#[test]
fn b6_an_empty_404_says_that_there_is_nothing() {
    every_tool(404, &[], "", "not_found", &json!({}));
    every_tool(404, &[HTML], "<html>Not found</html>", "not_found", &json!({}));
}

#[test]
fn a_405_is_a_conflict_with_the_state_of_the_record() {
    let message = "PUT method is not allowed. It should be one of these method(s): GET";
    let problem = json!({"field": "", "message": message});
    let body = json!({"message": message}).to_string();
    every_tool(405, &[JSON, ("allow", "GET")], &body, "conflict", &json!({"problems": [problem]}));
}

#[test]
fn a_409_names_who_has_the_value_already() {
    let body = r#"{"description":"Validation failed","errors":[{"field":"email",
        "additional_info":{"user_id":158017000706},"message":"It should be a unique value","code":"duplicate_value"}]}"#;
    let problem = json!({"field": "email", "message": "It should be a unique value", "code": "duplicate_value"});
    let detail = json!({"problems": [problem], "user_id": 158_017_000_706_u64});
    every_tool(409, &[JSON], body, "conflict", &detail);
    let problem = json!({"field": "", "message": "the state of the record forbids this"});
    every_tool(409, &[], "", "conflict", &json!({"problems": [problem]}));
}

#[test]
fn a_request_that_is_too_long_for_freshdesk_is_refused_for_its_values() {
    let problem = json!({"field": "", "message": "the request is too long to be sent: shorten its texts"});
    for status in [413, 414, 431] {
        every_tool(status, &[HTML], "<html>", "invalid_input", &json!({"problems": [problem]}));
    }
}

#[test]
fn a_status_that_no_tool_expects_is_told_with_the_id_of_the_request() {
    let body = r#"{"code":"invalid_content_type","message":"Content-Type header is set to text/plain"}"#;
    let detail = json!({"status": 415, "detail": "invalid_content_type", "request_id": "ab-12"});
    every_tool(415, &[JSON, ("x-request-id", "ab-12")], body, "unexpected", &detail);
    for status in [300, 304, 402, 406, 418, 451] {
        let detail = json!({"status": status, "detail": "no tool of this plugin expects this status"});
        every_tool(status, &[], "", "unexpected", &detail);
    }
}

/// B13: a redirect is followed nowhere, so that no key goes there.
#[test]
fn b13_a_redirect_is_never_followed() {
    everywhere(async |world: World| {
        let settings = Settings { transport: Transport::Plain, ..Settings::default() };
        let elsewhere = Simulator::start(settings).await.unwrap();
        for call in good() {
            for status in [301, 302, 303, 307, 308] {
                for base in [elsewhere.base_url(), String::new()] {
                    world.answers(status, &[("location", &format!("{base}{}", call.path))], "");
                    let error = failure(&world, &call).await;
                    assert_eq!((error.case.as_str(), &error.detail["status"]), ("unexpected", &json!(status)));
                }
            }
        }
        assert_eq!(elsewhere.state().connections, 0);
    });
}

/// B15, B16: a write is never repeated, and what became of it is not known.
#[test]
fn b15_b16_from_500_on_a_read_is_unavailable_and_a_write_of_unknown_outcome() {
    everywhere(async |world: World| {
        for call in good() {
            for (status, body) in [(500, ""), (502, "<html>Bad gateway</html>"), (503, "{}"), (504, "[]"), (599, "x")] {
                world.answers(status, &[HTML, ("retry-after", "1")], body);
                let error = failure(&world, &call).await;
                assert_eq!((error.case.as_str(), error.detail.len()), (call.lost(), 0), "{} {status}", call.tool);
            }
            world.answers(408, &[], "");
            assert_eq!(failure(&world, &call).await.case, call.lost(), "{} 408", call.tool);
        }
    });
}
