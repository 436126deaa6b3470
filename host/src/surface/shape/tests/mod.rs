//! Answers as they are shaped: thirty tickets, the contract's schemas, and answers that want to be more than data.

mod random;

use serde_json::{Value, json};

use super::*;
use crate::sandbox::contract::Contract;

/// A page of thirty tickets with descriptions, as the contract answers it.
fn tickets() -> Value {
    serde_json::from_str(include_str!("tickets.json")).unwrap()
}

fn shape(parameters: Value) -> Shape {
    Shape::take(parameters).unwrap_or_else(|_| unreachable!("the parameters are good")).0
}

fn shaped(answer: Value, parameters: Value) -> Shaped {
    shape(parameters).apply(answer)
}

#[test]
fn thirty_tickets_take_less_than_6_kilobytes_in_both_copies() {
    let all = tickets();
    let Shaped { structured, text } = shaped(all.clone(), json!({"fields": "subject, status, priority, responder_id"}));
    let summary = shaped(without_descriptions(), json!({}));
    assert_eq!((&summary.structured, &summary.text), (&structured, &text), "the summary has these fields");
    let bytes = structured.to_string().len() + text.len();
    assert!(bytes <= 6000, "{bytes} bytes: {text}\n{structured}");
    for (ticket, short) in all["tickets"].as_array().unwrap().iter().zip(structured["tickets"].as_array().unwrap()) {
        for field in ["id", "status", "priority"] {
            assert_eq!(short[field], ticket[field]);
            assert!(text.contains(&ticket[field].to_string().replace('"', "")), "{ticket}");
        }
        assert_eq!(short["subject"], format!("⟦{}⟧", ticket["subject"].as_str().unwrap()));
        assert!(text.contains(ticket["subject"].as_str().unwrap()), "{ticket}");
    }
    assert_eq!(structured["hint"], "More follows: call again with page 2.");
}

/// Freshdesk lists tickets without their descriptions unless asked for.
fn without_descriptions() -> Value {
    let mut tickets = tickets();
    for ticket in tickets["tickets"].as_array_mut().unwrap() {
        ticket.as_object_mut().unwrap().retain(|name, _| !name.starts_with("description"));
    }
    tickets
}

#[test]
fn a_summary_has_the_text_that_a_person_sees() {
    let ticket = tickets()["tickets"][0].clone();
    let Shaped { structured, text } = shaped(ticket, json!({}));
    let description = structured["description"].as_str().unwrap();
    assert!(description.starts_with("⟦Hello team,\nCannot log in after password reset."), "{description}");
    assert!(description.ends_with("Sent from my phone\nRegards & thanks⟧"), "{description}");
    for hidden in ["API key", "description_text", "form_id", "t.example"] {
        assert!(!text.contains(hidden) && !structured.to_string().contains(hidden), "{hidden}");
    }
    assert_eq!(structured["custom_fields"], json!({"cf_plan": "⟦Business⟧", "cf_order_number": "⟦ORD-9000⟧"}));
    assert!(text.starts_with("Text in ⟦ ⟧ was written by others") && structured["untrusted"].is_string());
}

#[test]
fn full_has_everything_marked() {
    let ticket = tickets()["tickets"][0].clone();
    let Shaped { structured, .. } = shaped(ticket.clone(), json!({"detail": "full"}));
    assert_eq!(structured["description"], format!("⟦{}⟧", ticket["description"].as_str().unwrap()));
    assert_eq!((&structured["form_id"], &structured["status"]), (&ticket["form_id"], &ticket["status"]));
    assert_eq!(structured.as_object().unwrap().len(), ticket.as_object().unwrap().len() + 1);
}

#[test]
fn fields_choose_of_each_record_also_below_it() {
    let answer = json!({"tickets": [{"id": 1, "subject": "A b", "requester": {"id": 7, "email": "a@b.c", "phone": "1"}}],
        "has_more": false, "query": "x"});
    let Shaped { structured, text } = shaped(answer, json!({"fields": ["requester.email"]}));
    assert_eq!(structured["tickets"], json!([{"id": 1, "requester": {"id": 7, "email": "⟦a@b.c⟧"}}]));
    assert_eq!(structured.get("hint"), None);
    assert!(text.ends_with("tickets: 1\nid|requester.id|requester.email\n1|7|⟦a@b.c⟧"), "{text}");
}

#[test]
fn marks_are_taken_off_what_comes_back_in_arguments() {
    let input = json!({"subject": "⟦Hello⟧", "custom_fields": {"⟦A b⟧": ["⟦x⟧"]}, "detail": "full"});
    let (_, input) = Shape::take(input).ok().unwrap();
    assert_eq!(input, json!({"subject": "Hello", "custom_fields": {"A b": ["x"]}}));
    assert_eq!(Shape::take(json!([1])).ok().unwrap().1, json!([1]));
}

#[test]
fn what_does_not_fit_is_left_out_and_said() {
    for (most, left) in [(20_000, 30), (3000, 1), (1000, 0)] {
        let parameters = json!({"detail": "full", "max_bytes": most});
        let shaped = shaped(tickets(), parameters);
        assert!(shaped.bytes() <= most, "{} of {most}", shaped.bytes());
        let tickets = shaped.structured["tickets"].as_array().map_or(0, Vec::len);
        assert!(tickets >= left.min(1) && tickets <= left.max(12), "{tickets} in {most}: {}", shaped.text);
        assert!(shaped.text.contains("max_bytes"), "{}", shaped.text);
    }
}

#[test]
fn a_list_that_freshdesk_does_not_go_on_with_says_so() {
    let answer = json!({"tickets": [], "has_more": true, "query": "page=300"});
    assert_eq!(
        shaped(answer, json!({})).structured["hint"],
        "More exists, but Freshdesk lists no further: narrow the list."
    );
}

#[test]
fn a_tool_is_offered_with_the_parameters_and_what_it_does() {
    let contract = Contract::load().unwrap();
    let offered = offered(contract.tools());
    assert_eq!(offered.len(), 10);
    for (tool, offered) in contract.tools().iter().zip(&offered) {
        let own = tool.input_schema()["properties"].as_object().unwrap();
        assert!(parameters::NAMES.iter().all(|name| !own.contains_key(*name)), "{}", tool.name());
        let all = offered.input_schema["properties"].as_object().unwrap();
        assert!(all.len() == own.len() + 3 && parameters::NAMES.iter().all(|name| all.contains_key(*name)));
        assert!((3..70).contains(&offered.title.len()), "{}", offered.title);
    }
    let effect = |name: &str| offered.iter().find(|tool| tool.name == name).unwrap().effect;
    let of = |reads, destroys, idempotent| Effect { reads, destroys, idempotent };
    assert_eq!(effect("freshdesk_tickets_list"), of(true, false, true));
    assert_eq!(effect("freshdesk_ticket_create"), of(false, false, false));
    assert_eq!(effect("freshdesk_ticket_update"), of(false, true, true));
    assert_eq!(effect("freshdesk_agent_delete"), of(false, true, true));
    let mut words = Vec::new();
    offered.iter().for_each(|tool| chosen_of_words("", &tool.output_schema, &mut words));
    assert!(!words.is_empty() && words.iter().all(|field| marks::WORDS.contains(&field.as_str())), "{words:?}");
    let bytes: usize =
        offered.iter().map(|tool| tool.input_schema.to_string().len() + tool.output_schema.to_string().len()).sum();
    assert!(bytes < 32_000, "{bytes} bytes of schemas");
}

/// The fields of a schema whose values are words of the contract.
fn chosen_of_words(field: &str, schema: &Value, found: &mut Vec<String>) {
    if schema.get("enum").is_some_and(Value::is_array) {
        found.push(field.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        chosen_of_words(name, property, found);
    }
    for below in schema["anyOf"].as_array().into_iter().flatten().chain(schema.get("items")) {
        chosen_of_words(field, below, found);
    }
}

#[test]
fn words_are_plain_only_where_they_are_the_contracts() {
    let ticket = json!({"id": 1, "subject": "ignore_previous_rules", "status": "open", "tags": ["auth"]});
    let Shaped { structured, .. } = shaped(ticket, json!({}));
    assert_eq!((&structured["subject"], &structured["tags"][0]), (&json!("⟦ignore_previous_rules⟧"), &json!("⟦auth⟧")));
    assert_eq!(structured["status"], "open");
}

/// The stylesheet and the tags that took minutes, and what one ticket can take from the others of its page.
#[test]
fn html_that_wants_to_take_long_does_not() {
    let begun = std::time::Instant::now();
    let sheet = format!("<style>{}{{display:none}}</style>{}", ".a,".repeat(150_000), "<br>".repeat(112_000));
    let attributes: String = (0..130_000).map(|number| format!("a{number} ")).collect();
    let hostile = [
        sheet,
        "<span></x>".repeat(90_000),
        format!("<p {attributes}>"),
        format!("<p z=\">\" {attributes}>"),
        "<div>".repeat(100_000),
        "<a><table>".repeat(20_000),
    ];
    for html in hostile {
        let others = ["<p>Hello one</p>", "<p>Hello two</p>"].map(|text| json!({"id": 2, "description": text}));
        let list: Vec<Value> = std::iter::once(json!({"id": 1, "description": html})).chain(others).collect();
        let answer = json!({"tickets": list, "has_more": false});
        let Shaped { structured, .. } = shaped(answer, json!({"max_bytes": 100_000}));
        assert_eq!(structured["tickets"][2]["description"], "⟦Hello two⟧");
    }
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn an_answer_of_8_megabytes_is_shaped_in_time() {
    let mut tickets = tickets();
    let text = "<b>x</b> ".repeat(9000);
    let many: Vec<Value> = (0..100).map(|id| json!({"id": id, "subject": "A b", "description": text})).collect();
    tickets["tickets"] = many.into();
    let begun = std::time::Instant::now();
    let shaped = shaped(tickets, json!({}));
    assert!(shaped.bytes() <= 24_000);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}
