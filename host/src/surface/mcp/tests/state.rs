//! Sealed states, without a store.

use serde_json::{Map, Value, json};

use crate::surface::mcp::state::{LIFE, Purpose, Seal};

const KEY: [u8; 32] = [7; 32];

/// A moment, in milliseconds.
const NOW: i64 = 1_800_000_000_000;

fn arguments(json: Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}

fn purpose(arguments: &Map<String, Value>) -> Purpose<'_> {
    Purpose { tenant: "app", identifier: "alice", token: "tok_1", tool: "freshdesk_ticket_get", arguments }
}

#[test]
fn a_state_opens_for_what_it_was_made_for_until_it_ends() {
    let arguments = arguments(json!({"ticket_id": 1, "include": ["a", {"b": null}]}));
    let seal = Seal::new(&KEY);
    let state = seal.seal(&purpose(&arguments), NOW).unwrap();
    let opened = seal.open(&state, &purpose(&arguments), NOW).unwrap();
    assert_eq!(opened.end, NOW + LIFE);
    assert_eq!(Seal::new(&KEY).open(&state, &purpose(&arguments), NOW + LIFE - 1), Some(opened));
    assert_eq!(seal.open(&state, &purpose(&arguments), NOW + LIFE), None);
    assert_eq!(Seal::new(&[8; 32]).open(&state, &purpose(&arguments), NOW), None);
}

#[test]
fn it_opens_for_nothing_else() {
    let own = arguments(json!({"ticket_id": 1}));
    let other = arguments(json!({"ticket_id": 2}));
    let seal = Seal::new(&KEY);
    let state = seal.seal(&purpose(&own), NOW).unwrap();
    for purpose in [
        Purpose { tenant: "ap", identifier: "palice", ..purpose(&own) },
        Purpose { tenant: "other", ..purpose(&own) },
        Purpose { identifier: "bob", ..purpose(&own) },
        Purpose { token: "tok_2", ..purpose(&own) },
        Purpose { tool: "freshdesk_agents_list", ..purpose(&own) },
        purpose(&other),
    ] {
        assert_eq!(seal.open(&state, &purpose, NOW), None);
    }
}

#[test]
fn the_order_of_names_does_not_matter_and_all_else_does() {
    let seal = Seal::new(&KEY);
    let one = arguments(json!({"a": {"x": 1, "y": [1, 2]}, "b": "t"}));
    let state = seal.seal(&purpose(&one), NOW).unwrap();
    let turned = arguments(json!({"b": "t", "a": {"y": [1, 2], "x": 1}}));
    assert!(seal.open(&state, &purpose(&turned), NOW).is_some());
    for other in [
        json!({"a": {"x": 1, "y": [2, 1]}, "b": "t"}),
        json!({"a": {"x": "1", "y": [1, 2]}, "b": "t"}),
        json!({"a": {"x": 1, "y": [1, 2]}, "b": "t", "c": null}),
        json!({"a": {"x": 1}, "y": [1, 2], "b": "t"}),
    ] {
        assert_eq!(seal.open(&state, &purpose(&arguments(other)), NOW), None);
    }
}

#[test]
fn whatever_is_changed_about_it_it_does_not_open() {
    let arguments = arguments(json!({}));
    let seal = Seal::new(&KEY);
    let state = seal.seal(&purpose(&arguments), NOW).unwrap();
    for at in 0..state.len() {
        let other = if state.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut changed = state.clone();
        changed.replace_range(at..=at, other);
        assert_eq!(seal.open(&changed, &purpose(&arguments), NOW), None, "{at}");
        assert_eq!(seal.open(&state[..at], &purpose(&arguments), NOW), None, "{at}");
    }
    for other in ["", "A", "not base64!", &format!("{state}A"), &"A".repeat(10_000)] {
        assert_eq!(seal.open(other, &purpose(&arguments), NOW), None);
    }
}

#[test]
fn no_two_states_are_the_same_and_a_link_has_one_id() {
    let arguments = arguments(json!({}));
    let seal = Seal::new(&KEY);
    let [one, two] = [(), ()].map(|()| seal.seal(&purpose(&arguments), NOW).unwrap());
    assert_ne!(one, two);
    assert_eq!(seal.id("https://a/1"), Seal::new(&KEY).id("https://a/1"));
    assert_ne!(seal.id("https://a/1"), seal.id("https://a/2"));
}
