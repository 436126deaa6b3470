//! Writing answers and errors.

use super::*;

/// A contract whose answer has something of everything that is written in a way of its own.
fn rich() -> Contract {
    small(
        "type json = string; type extra = list<tuple<string, json>>;
         record request { a: bool, }
         enum priority { low, very-high, }
         variant status { open, custom(u32), }
         record page { has-more: bool, next-page: option<u32>, }
         record ticket { id: u64, priority: option<priority>, extra: extra, }
         record person { name: option<string>, extra: extra, }
         record answer {
             ticket: ticket, status: status, tags: list<option<string>>, who: option<person>,
             fields: list<tuple<string, option<f64>>>, page: page,
         }",
    )
    .unwrap()
}

/// An answer of the rich contract.
fn answer(extra: Vec<Val>) -> Val {
    let priority = some(Val::Enum("very-high".into()));
    let person = record([("name", Val::Option(None)), ("extra", Val::List(vec![pair("name", text("1"))]))]);
    record([
        ("ticket", record([("id", Val::U64(1)), ("priority", priority), ("extra", Val::List(extra))])),
        ("status", case("custom", Val::U32(6))),
        ("tags", Val::List(vec![some(text("a")), Val::Option(None)])),
        ("who", some(person)),
        ("fields", Val::List(vec![pair("x", some(Val::Float64(1.5))), pair("y", Val::Option(None))])),
        ("page", record([("has-more", Val::Bool(false)), ("next-page", Val::Option(None))])),
    ])
}

/// The rich contract's answer as it is written.
fn written(val: Val) -> Result<Value, super::super::Mismatch> {
    write(&rich(), "try", Ok(val)).map(Result::unwrap)
}

#[test]
fn records_named_as_their_field_are_spread_and_nothing_null_is_written() {
    assert_eq!(
        written(answer(vec![])).unwrap(),
        json!({
            "id": 1, "priority": "very_high", "status": 6, "tags": ["a"], "who": { "extra": { "name": 1 } },
            "fields": { "x": 1.5 }, "has_more": false
        })
    );
}

#[test]
fn what_freshdesk_answered_beyond_the_contract_stands_beside_the_rest() {
    let extra = vec![
        pair("sla", text(r#"{"due":[1,2]}"#)),
        pair("broken", text("{\"a\":")),
        pair("nothing", text("null")),
        pair("sla", text("2")),
    ];
    let written = written(answer(extra)).unwrap();
    assert_eq!(written["sla"], json!({ "due": [1, 2] }));
    assert_eq!(written["broken"], json!("{\"a\":"));
    assert!(written.get("nothing").is_none());
}

#[test]
fn an_extra_field_does_not_take_the_place_of_a_typed_one() {
    let extra = vec![pair("id", text("2")), pair("next_page", text("\"x\"")), pair("extra", text("3"))];
    let written = written(answer(extra)).unwrap();
    assert_eq!(written["id"], json!(1));
    assert!(written.get("next_page").is_none());
    assert_eq!(written["extra"], json!({ "id": 2, "next_page": "x", "extra": 3 }));
}

#[test]
fn a_deep_json_text_stays_text() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(written(answer(vec![pair("deep", text(&deep))])).unwrap()["deep"], json!(deep));
}

#[test]
fn a_value_that_is_not_of_its_type_is_a_mismatch_and_says_where() {
    let message = |val: Val| written(val).unwrap_err().to_string();
    assert!(message(Val::Bool(true)).contains("a record"));
    assert!(message(record([("ticket", Val::Bool(true))])).contains("other fields"));
    let Val::Record(fields) = answer(vec![]) else { panic!() };
    let wrong = [
        ("ticket", record([("id", Val::U32(1)), ("priority", Val::Option(None)), ("extra", Val::List(vec![]))])),
        ("ticket", record([("id", Val::U64(1)), ("priority", Val::Option(None)), ("extra", text("x"))])),
        ("status", Val::Enum("open".into())),
        ("status", Val::Variant("custom".into(), None)),
        ("status", case("open", Val::U32(1))),
        ("status", case("closed", Val::U32(1))),
        ("tags", Val::List(vec![text("a")])),
        ("who", Val::Option(Some(Box::new(Val::Option(None))))),
        ("fields", Val::List(vec![pair("x", some(Val::Float64(f64::NAN)))])),
        ("fields", Val::List(vec![Val::Tuple(vec![text("x")])])),
        ("page", Val::Char('x')),
    ];
    for (name, val) in wrong {
        let mut fields = fields.clone();
        fields.iter_mut().find(|(field, _)| field == name).unwrap().1 = val.clone();
        let message = message(Val::Record(fields));
        assert!(message.contains(&format!("at `{name}")), "{val:?}: {message}");
    }
}

#[test]
fn a_result_without_a_payload_is_a_mismatch() {
    let contract = rich();
    for val in [Val::Result(Ok(None)), Val::Result(Err(None)), Val::Bool(true), answer(vec![])] {
        assert!(contract.write(&contract.tools()[0], &val).is_err());
    }
}

/// The error that the built-in contract reads.
fn error(val: Val) -> ToolError {
    write(&contract(), "roles_list", Err(val)).unwrap().unwrap_err()
}

#[test]
fn a_case_without_a_payload_says_what_the_contract_says() {
    let error = error(Val::Variant("outcome-unknown".into(), None));
    assert_eq!(error.case, "outcome_unknown");
    assert!(error.message.starts_with("The change may or may not have been made"), "{error}");
    assert!(error.detail.is_empty());
    assert_eq!(error.to_json(), json!({ "error": "outcome_unknown", "message": error.message }));
}

#[test]
fn a_text_payload_is_the_message() {
    let error = error(case("not-connected", text("Open https://x")));
    assert_eq!(error.to_json(), json!({ "error": "not_connected", "message": "Open https://x" }));
    assert_eq!(error.to_string(), "not_connected: Open https://x");
}

#[test]
fn a_record_payload_stands_beside_the_message() {
    let refusal = record([("reason", Val::Enum("policy".into())), ("code", Val::Option(None))]);
    let error = error(case("forbidden", refusal));
    assert_eq!(error.to_json(), json!({ "error": "forbidden", "message": error.message, "reason": "policy" }));
}

#[test]
fn an_error_that_the_contract_does_not_have_is_a_mismatch() {
    let contract = contract();
    let wrong = [
        Val::Variant("melted".into(), None),
        Val::Variant("forbidden".into(), None),
        case("revoked", text("x")),
        case("not-connected", Val::Bool(true)),
        case("forbidden", record([("reason", Val::Enum("whim".into())), ("code", Val::Option(None))])),
        text("revoked"),
    ];
    for val in wrong {
        assert!(write(&contract, "roles_list", Err(val.clone())).is_err(), "{val:?}");
    }
}

#[test]
fn the_hosts_refusals_look_as_the_plugins() {
    let contract = contract();
    let plugins = error(case("rate-limited", record([("retry-after", some(Val::U32(5)))])));
    let detail = json!({ "retry_after": 5 }).as_object().unwrap().clone();
    assert_eq!(contract.error("rate_limited", detail), plugins);

    let problem = [("field", text("a")), ("message", text("is b")), ("code", Val::Option(None))];
    let plugins = error(case("invalid-input", record([("problems", Val::List(vec![record(problem)]))])));
    let problems = [Problem { field: "a".into(), message: "is b".into() }];
    assert_eq!(contract.invalid_input(&problems), plugins);
}

#[test]
fn a_case_that_the_contract_does_not_have_says_its_name() {
    assert_eq!(contract().error("melted", Default::default()).to_string(), "melted: melted");
}
