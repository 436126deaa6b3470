//! Reading requests.

use super::*;

/// The value of `status` that a JSON value is read as.
fn status(value: Value) -> Val {
    read_field("ticket_create", json!({ "status": value }), "status")
}

/// The value of a custom field that a JSON value is read as.
fn custom(value: Value) -> Val {
    let fields = read_field("ticket_create", json!({ "custom_fields": { "cf_x": value } }), "custom-fields");
    let Val::Option(Some(fields)) = fields else { panic!("{fields:?}") };
    let Val::List(mut fields) = *fields else { panic!("{fields:?}") };
    let Val::Tuple(mut field) = fields.remove(0) else { panic!("not a pair") };
    field.remove(1)
}

/// A case without a payload.
fn named(name: &str) -> Val {
    Val::Variant(name.into(), None)
}

#[test]
fn a_request_becomes_a_record_in_the_order_of_the_contract() {
    let val = read("agent_delete", json!({ "agent_id": 501001204038_u64 })).unwrap();
    assert_eq!(val, record([("agent-id", Val::U64(501001204038))]));
    let val = read("roles_list", json!({ "per_page": 5 })).unwrap();
    assert_eq!(val, record([("page", Val::Option(None)), ("per-page", some(Val::U32(5)))]));
}

#[test]
fn an_absent_or_null_option_is_none() {
    assert_eq!(read_field("ticket_create", json!({}), "subject"), Val::Option(None));
    assert_eq!(read_field("ticket_create", json!({ "subject": null }), "subject"), Val::Option(None));
    assert_eq!(status(Value::Null), Val::Option(None));
}

#[test]
fn null_clears_a_field_that_can_be_cleared() {
    let group = |input: Value| read_field("ticket_update", input, "group-id");
    assert_eq!(group(json!({ "ticket_id": 1 })), Val::Option(None));
    assert_eq!(group(json!({ "ticket_id": 1, "group_id": null })), some(Val::Option(None)));
    assert_eq!(group(json!({ "ticket_id": 1, "group_id": 7 })), some(some(Val::U64(7))));
    assert_eq!(custom(Value::Null), Val::Option(None));
}

#[test]
fn an_unknown_field_is_refused_by_name_with_the_known_ones() {
    let (field, message) = problem("agent_delete", json!({ "agent_id": 1, "agentid": 1 }));
    assert_eq!(field, "agentid");
    assert_eq!(message, "is unknown; did you mean agent_id? Known are: agent_id");
    let (_, message) = problem("roles_list", json!({ "colour": 1 }));
    assert_eq!(message, "is unknown. Known are: page, per_page");
}

#[test]
fn a_missing_field_is_named() {
    let (field, message) = problem("tickets_reply", json!({ "ticket_id": 1 }));
    assert_eq!((field.as_str(), message.as_str()), ("body", "is missing; must be a string"));
    let (field, _) = problem("contact_create", json!({ "name": "A", "other_companies": [{}] }));
    assert_eq!(field, "other_companies[0].company_id");
}

#[test]
fn all_problems_are_told_together() {
    let problems = read("tickets_reply", json!({ "ticket_id": -1, "cc_emails": ["a", 1], "bc": 2 })).unwrap_err();
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["bc", "ticket_id", "body", "cc_emails[1]"]);
}

#[test]
fn no_more_than_a_hundred_problems_are_told() {
    let problems = read("tickets_reply", json!({ "ticket_id": 1, "body": "", "cc_emails": vec![1; 5000] }));
    assert_eq!(problems.unwrap_err().len(), 100);
}

#[test]
fn a_request_that_is_not_an_object_is_a_problem_of_the_whole() {
    for input in [Value::Null, json!([]), json!("{}"), json!(1)] {
        let (field, message) = problem("roles_list", input);
        assert_eq!(field, "");
        assert!(message.starts_with("must be an object, not "), "{message}");
    }
}

#[test]
fn words_are_spelt_with_underscores_and_wrong_ones_are_answered_with_all() {
    let filter = |word: &str| json!({ "filter": word });
    assert_eq!(
        read_field("tickets_list", filter("new_and_my_open"), "filter"),
        some(Val::Enum("new-and-my-open".into()))
    );
    let (field, message) = problem("tickets_list", filter("new-and-my-open"));
    assert_eq!(field, "filter");
    assert_eq!(message, "must be one of new_and_my_open, watching, spam, deleted, not \"new-and-my-open\"");
}

#[test]
fn freshdesks_numbers_stand_for_words() {
    let priority = |value: Value| read_field("ticket_create", json!({ "priority": value }), "priority");
    assert_eq!(priority(json!(3)), some(Val::Enum("high".into())));
    assert_eq!(priority(json!(3.0)), some(Val::Enum("high".into())));
    assert_eq!(status(json!(5)), some(named("closed")));
    assert_eq!(status(json!("closed")), some(named("closed")));
    let (_, message) = problem("ticket_create", json!({ "priority": 5 }));
    assert_eq!(message, "must be one of low (1), medium (2), high (3), urgent (4), not 5");
    let (_, message) = problem("tickets_list", json!({ "filter": 1 }));
    assert!(message.ends_with("not 1"), "{message}");
}

#[test]
fn a_number_without_a_word_is_a_value_of_ones_own() {
    assert_eq!(status(json!(6)), some(case("custom", Val::U32(6))));
    assert_eq!(status(json!(6.0)), some(case("custom", Val::U32(6))));
    for wrong in [json!(-1), json!(6.5), json!(4294967296_u64), json!("6"), json!(true)] {
        let (field, message) = problem("ticket_create", json!({ "status": wrong }));
        assert_eq!(field, "status");
        let expected = "must be one of open (2), pending (3), resolved (4), closed (5), or a whole number from 0 to 4294967295, not ";
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn custom_values_are_told_apart_by_their_kind() {
    assert_eq!(custom(json!("Gold")), some(case("text", text("Gold"))));
    assert_eq!(custom(json!(true)), some(case("flag", Val::Bool(true))));
    assert_eq!(custom(json!(-5)), some(case("integer", Val::S64(-5))));
    assert_eq!(custom(json!(2.0)), some(case("integer", Val::S64(2))));
    assert_eq!(custom(json!(2.5)), some(case("decimal", Val::Float64(2.5))));
    assert_eq!(custom(json!(u64::MAX)), some(case("decimal", Val::Float64(u64::MAX as f64))));
    assert_eq!(custom(json!(["a", "b"])), some(case("choices", Val::List(vec![text("a"), text("b")]))));
}

#[test]
fn a_problem_inside_a_custom_field_is_named_by_its_path() {
    let (field, message) = problem("ticket_create", json!({ "custom_fields": { "cf_x": { "a": 1 } } }));
    assert_eq!(field, "custom_fields.cf_x");
    assert_eq!(
        message,
        "must be a string, or true or false, or a whole number from -9223372036854775808 to 9223372036854775807, \
         or a number, or a list, not an object"
    );
    let (field, message) = problem("ticket_create", json!({ "custom_fields": { "cf_x": ["a", 1] } }));
    assert_eq!((field.as_str(), message.as_str()), ("custom_fields.cf_x[1]", "must be a string, not 1"));
}

#[test]
fn a_list_of_words_may_be_one_string_with_commas() {
    let include = |value: Value| read_field("ticket_get", json!({ "ticket_id": 1, "include": value }), "include");
    let both = some(Val::List(vec![Val::Enum("requester".into()), Val::Enum("stats".into())]));
    assert_eq!(include(json!(["requester", "stats"])), both);
    assert_eq!(include(json!("requester,stats")), both);
    assert_eq!(include(json!(" requester , stats ")), both);
    for wrong in ["", "requester,", "requester;stats", "requester stats", "Stats"] {
        let (field, message) = problem("ticket_get", json!({ "ticket_id": 1, "include": wrong }));
        assert_eq!(field, "include");
        assert!(message.contains("one of conversations, requester, company, stats"), "{message}");
    }
    let (field, _) = problem("ticket_get", json!({ "ticket_id": 1, "include": ["stats", "x"] }));
    assert_eq!(field, "include[1]");
}

#[test]
fn whole_numbers_are_held_to_their_range() {
    let id = |value: Value| read("agent_delete", json!({ "agent_id": value }));
    let most = 10_000_000_000_000_000_000;
    assert_eq!(id(json!(most)).unwrap(), record([("agent-id", Val::U64(most))]));
    assert_eq!(id(json!(9007199254740991.0)).unwrap(), record([("agent-id", Val::U64(9_007_199_254_740_991))]));
    assert_eq!(id(json!(2.0)).unwrap(), record([("agent-id", Val::U64(2))]));
    for wrong in [
        json!(-1),
        json!(0),
        json!(1.5),
        json!(9007199254740992.0),
        json!(1e19),
        json!(most + 1),
        json!(1e300),
        json!("1"),
        json!(null),
    ] {
        let problems = id(wrong).unwrap_err();
        assert!(problems[0].message.starts_with("must be a whole number from 1 to 10000000000000000000, not "));
    }
    let (_, message) = problem("roles_list", json!({ "page": 4294967296_u64 }));
    assert_eq!(message, "must be a whole number from 0 to 4294967295, not 4294967296");
}

#[test]
fn every_width_of_number_is_read() {
    let types = "record request { a: u8, b: u16, c: s64, d: f64, } record answer { a: bool, }";
    let contract = small(types).unwrap();
    let read = |input: Value| contract.read(&contract.tools()[0], &input);
    assert_eq!(
        read(json!({ "a": 255, "b": 65535, "c": i64::MIN, "d": 1 })).unwrap(),
        record([("a", Val::U8(255)), ("b", Val::U16(65535)), ("c", Val::S64(i64::MIN)), ("d", Val::Float64(1.0))])
    );
    assert_eq!(read(json!({ "a": 256, "b": 65536, "c": u64::MAX, "d": "1" })).unwrap_err().len(), 4);
}

#[test]
fn a_value_without_a_type_is_carried_as_its_text() {
    let types = "type json = string; record request { a: json, b: list<json>, } record answer { a: bool, }";
    let contract = small(types).unwrap();
    let val = contract.read(&contract.tools()[0], &json!({ "a": { "x": [1, null] }, "b": ["y"] })).unwrap();
    assert_eq!(val, record([("a", text(r#"{"x":[1,null]}"#)), ("b", Val::List(vec![text("\"y\"")]))]));
}

#[test]
fn a_long_value_is_not_repeated_in_a_message() {
    let (_, message) = problem("roles_list", json!({ "page": "x".repeat(1000) }));
    assert_eq!(message, "must be a whole number from 0 to 4294967295, not a string");
}
