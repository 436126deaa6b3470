//! The tools as they are offered.

use jsonschema::draft202012;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn tools() -> Vec<Offered> {
    offered(Contract::load().unwrap().tools())
}

#[test]
fn a_tool_is_offered_with_the_parameters_and_no_tool_has_one_of_their_names() {
    let contract = Contract::load().unwrap();
    let offered = tools();
    assert_eq!(offered.len(), 10);
    for (tool, offered) in contract.tools().iter().zip(&offered) {
        let own = tool.input_schema()["properties"].as_object().unwrap();
        assert!(parameters::NAMES.iter().all(|name| !own.contains_key(*name)), "{}", tool.name());
        let answered = tool.output_schema()["properties"].as_object().unwrap();
        assert!(marks::OURS.iter().all(|name| !answered.contains_key(*name)), "{}", tool.name());
        let all = offered.input_schema["properties"].as_object().unwrap();
        assert!(all.len() == own.len() + 3 && parameters::NAMES.iter().all(|name| all.contains_key(*name)));
        assert_eq!((offered.name.as_str(), offered.description.as_str()), (tool.name(), tool.description()));
    }
}

#[test]
fn a_tool_has_a_title_and_says_what_it_does() {
    let of = |reads, destroys, idempotent| Effect { reads, destroys, idempotent };
    let (reads, adds, changes) = (of(true, false, true), of(false, false, false), of(false, true, true));
    let told: Vec<_> = tools().into_iter().map(|tool| (tool.name, tool.title, tool.effect)).collect();
    let told: Vec<_> = told.iter().map(|(name, title, effect)| (name.as_str(), title.as_str(), *effect)).collect();
    assert_eq!(
        told,
        [
            ("freshdesk_ticket_create", "Create a Freshdesk ticket", adds),
            ("freshdesk_ticket_get", "Get one Freshdesk ticket by its id", reads),
            ("freshdesk_ticket_update", "Change a Freshdesk ticket", changes),
            ("freshdesk_tickets_list", "List Freshdesk tickets", reads),
            ("freshdesk_tickets_reply", "Send a public reply to a Freshdesk ticket's requester by email", adds),
            ("freshdesk_contact_create", "Create a Freshdesk contact", adds),
            ("freshdesk_agent_create", "Create a Freshdesk support agent", adds),
            ("freshdesk_agent_delete", "Take a Freshdesk agent's seat away", changes),
            ("freshdesk_agents_list", "List Freshdesk agents", reads),
            ("freshdesk_roles_list", "List the roles an agent can have", reads),
        ]
    );
}

/// The fields of a schema whose values are words of the contract.
fn of_words(field: &str, schema: &Value, found: &mut Vec<String>) {
    if schema.get("enum").is_some_and(Value::is_array) {
        found.push(field.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        of_words(name, property, found);
    }
    for below in schema["anyOf"].as_array().into_iter().flatten().chain(schema.get("items")) {
        of_words(field, below, found);
    }
}

#[test]
fn the_fields_that_hold_words_of_the_contract_are_known() {
    let mut words = Vec::new();
    tools().iter().for_each(|tool| of_words("", &tool.output_schema, &mut words));
    assert!(!words.is_empty() && words.iter().all(|field| marks::WORDS.contains(&field.as_str())), "{words:?}");
}

#[test]
fn the_list_of_tools_stays_small() {
    let all: Vec<_> = tools()
        .into_iter()
        .map(|tool| {
            json!({"name": tool.name, "title": tool.title, "description": tool.description,
                "inputSchema": tool.input_schema, "outputSchema": tool.output_schema})
        })
        .collect();
    let bytes = Value::from(all).to_string().len();
    println!("{bytes} bytes");
    assert!(bytes < 32_000, "{bytes} bytes");
}

#[test]
fn a_schema_requires_what_is_always_there() {
    for tool in tools() {
        let required = tool.output_schema.get("required").cloned().unwrap_or_default();
        let list = tool.output_schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .find(|(_, property)| property["type"] == "array");
        match tool.output_schema["properties"].get("has_more") {
            Some(_) => assert_eq!(required, json!([list.unwrap().0, "has_more"]), "{}", tool.name),
            None => assert_eq!(required, Value::Null, "{}", tool.name),
        }
        assert_eq!(tool.output_schema.to_string().matches("\"required\"").count(), usize::from(!required.is_null()));
    }
}

/// What callers may give as a parameter, and what they may not.
fn given() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        select(vec!["", " ", "subject", " status ", "a,b", "requester.email"]).prop_map(str::to_owned),
        "[a ,]{0,6}"
    ];
    let many = prop_oneof![Just(50_usize), Just(51)].prop_map(|count| vec!["a"; count]);
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![
            json!(999),
            json!(1000),
            json!(1000.0),
            json!(1000.5),
            json!(1_000_000),
            json!(1_000_001),
            json!(-1),
            json!(1e300)
        ]),
        select(vec!["summary", "full", "Full", "1000"]).prop_map(Value::from),
        names.clone().prop_map(Value::from),
        prop::collection::vec(names.prop_map(Value::from), 0..4).prop_map(Value::from),
        prop::collection::vec(any::<u8>().prop_map(Value::from), 1..2).prop_map(Value::from),
        many.clone().prop_map(Value::from),
        many.prop_map(|names| names.join(",").into()),
        Just(json!({"a": 1})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parameters_are_taken_exactly_when_the_schema_says_so(
        fields in given(), detail in given(), max_bytes in given(),
    ) {
        let tool = tools().into_iter().find(|tool| tool.name == "freshdesk_roles_list").unwrap();
        let input = json!({"fields": fields, "detail": detail, "max_bytes": max_bytes});
        let taken = Shape::take(input.clone());
        prop_assert_eq!(taken.is_ok(), draft202012::is_valid(&tool.input_schema, &input), "{}: {:?}", input, taken);
        match taken {
            Ok((_, rest)) => prop_assert_eq!(rest, json!({})),
            Err(problems) => {
                prop_assert!(problems.iter().all(|problem| parameters::NAMES.contains(&problem.field.as_str())));
            }
        }
    }
}
