//! Answers that are larger than they may be.

use std::time::{Duration, Instant};

use serde_json::Map;

use super::*;

#[test]
fn texts_are_cut_first_and_say_how_much_is_missing() {
    let text = "0123456789 ".repeat(1000);
    let ticket = json!({"id": 1, "subject": "A b", "description_text": text});
    for (parameters, least) in
        [(json!({}), 3900), (json!({"max_bytes": 3000}), 800), (json!({"detail": "full", "max_bytes": 3000}), 800)]
    {
        let shaped = shaped(ticket.clone(), parameters);
        let description = shaped.structured["description_text"].as_str().unwrap();
        let (kept, missing) = description.split_once("⟧ +").unwrap();
        let (kept, missing) =
            (kept.chars().count() - 1, missing.strip_suffix(" characters").unwrap().parse::<usize>().unwrap());
        assert!(kept >= least, "{kept}");
        assert_eq!(kept + missing, text.trim_end().len() + usize::from(text.len() - missing == kept));
        let hint = shaped.structured["hint"].as_str().unwrap();
        assert!(hint.contains("+N characters") && hint.contains("max_bytes"), "{hint}");
        assert_eq!(shaped.structured["subject"], "⟦A b⟧");
    }
    let whole = shaped(ticket, json!({"fields": "description_text", "max_bytes": 30_000})).structured;
    assert_eq!(whole["description_text"], format!("⟦{}⟧", text.trim_end()));
    assert_eq!(whole.get("hint"), None);
}

#[test]
fn records_are_left_out_from_the_end_and_that_is_said() {
    let fields = json!(["subject", "status", "priority", "responder_id", "updated_at", "due_by", "requester_id"]);
    let mut before = 31;
    for most in [100_000, 9000, 5000, 3000, 1500, 1000] {
        let shaped = shaped(tickets(), json!({"fields": fields, "max_bytes": most}));
        assert!(bytes(&shaped) <= most, "{} of {most}", bytes(&shaped));
        let kept = shaped.structured["tickets"].as_array().unwrap().len();
        assert!(kept < before && kept > 0, "{kept} in {most}");
        before = kept;
        let hint = shaped.structured["hint"].as_str().unwrap();
        match kept {
            30 => assert!(!hint.contains("left out"), "{hint}"),
            _ => assert!(hint.starts_with(&format!("{} of 30 left out: use per_page {kept}", 30 - kept)), "{hint}"),
        }
        assert!(shaped.text.contains(hint) && shaped.text.contains(&format!("tickets: {kept}\n")), "{}", shaped.text);
        if most >= 3000 {
            assert!(bytes(&shaped) > most * 2 / 3 || kept == 30, "{} of {most} are used", bytes(&shaped));
        }
    }
}

#[test]
fn of_a_record_that_is_too_large_by_itself_the_first_fields_are_kept() {
    let record: Map<_, _> = (0..5000).map(|at| (format!("f{at}"), json!(at))).collect();
    let list = json!({"tickets": [record, {"id": 2}], "has_more": false, "query": ""});
    for answer in [Value::Object(record), list] {
        let shaped = shaped(answer, json!({"detail": "full", "max_bytes": 2000}));
        assert!((1300..=2000).contains(&bytes(&shaped)), "{}", bytes(&shaped));
        assert!(shaped.text.contains("f0: 0\n") && !shaped.text.contains("f4999"), "{}", shaped.text);
        assert!(shaped.structured["hint"].as_str().unwrap().contains("Fields are left out"), "{}", shaped.text);
    }
}

/// How long it takes to shape an answer of eight megabytes, which is the largest.
fn taken(answer: &Value, parameters: Value) -> Duration {
    let size = answer.to_string().len();
    assert!((7 << 20..9 << 20).contains(&size), "{size}");
    let (shape, answer) = (Shape::take(parameters).unwrap().0, answer.clone());
    let begun = Instant::now();
    let shaped = shape.apply(answer);
    let taken = begun.elapsed();
    assert!(bytes(&shaped) <= 1_000_000, "{}", bytes(&shaped));
    taken
}

#[test]
fn an_answer_of_8_megabytes_is_shaped_in_time() {
    let page = |tickets: Vec<Value>| json!({"tickets": tickets, "has_more": false, "query": ""});
    let html = format!("<div>{}</div>", "<b>x</b> <i>some words</i> ".repeat(3000));
    let texts = page((0..100).map(|id| json!({"id": id, "subject": "A b", "description": html})).collect());
    let hidden = "<div><p hidden></x>".repeat(4000);
    let hostile = page((0..55).map(|id| json!({"id": id, "body": hidden, "body_text": hidden})).collect());
    let keys = |of: usize| Value::Object((0..7000).map(|at| (format!("k{of}_{at}"), json!(at))).collect::<Map<_, _>>());
    let keys = page((0..75).map(keys).collect());
    let many = page((0..140_000).map(|id| json!({"id": id, "subject": "Some words here", "status": "open"})).collect());
    let one = json!({"id": 1, "subject": "⟧".repeat(2_700_000)});
    let deep = (0..100).fold(json!("x"), |inner, _| json!({"a": inner, "b": "⟦".repeat(27_000)}));
    for (name, answer) in
        [("texts", texts), ("hostile", hostile), ("keys", keys), ("many", many), ("one", one), ("deep", deep)]
    {
        for parameters in [
            json!({}),
            json!({"detail": "full"}),
            json!({"detail": "full", "max_bytes": 1_000_000}),
            json!({"max_bytes": 1_000_000, "fields": "subject,description,description_text,body_text,k0_1,a.b"}),
        ] {
            let taken = taken(&answer, parameters.clone());
            println!("{name} {parameters}: {taken:?}");
            assert!(taken < Duration::from_secs(10), "{name} {parameters}: {taken:?}");
        }
    }
}

/// The style sheet and the tags that take long, and what one ticket can take from the others of its page.
#[test]
fn html_that_wants_to_take_long_does_not_take_the_room_of_others() {
    let sheet = format!("<style>{}{{display:none}}</style>{}", ".a,".repeat(150_000), "<br>".repeat(112_000));
    let attributes: String = (0..130_000).map(|number| format!("a{number} ")).collect();
    let begun = Instant::now();
    for html in [
        sheet,
        "<span></x>".repeat(90_000),
        format!("<p {attributes}>"),
        format!("<p z=\">\" {attributes}>"),
        "<div>".repeat(100_000),
        "<a><table>".repeat(20_000),
    ] {
        let others = ["<p>Hello one</p>", "<p>Hello two</p>"].map(|text| json!({"id": 2, "description": text}));
        let list: Vec<Value> = std::iter::once(json!({"id": 1, "description": html})).chain(others).collect();
        let answer = json!({"tickets": list, "has_more": false});
        let Shaped { structured, .. } = shaped(answer, json!({"max_bytes": 100_000}));
        assert_eq!(structured["tickets"][2]["description"], "⟦Hello two⟧");
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
