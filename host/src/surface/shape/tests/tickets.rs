//! Tickets as a model reads them.

use super::*;

#[test]
fn thirty_tickets_take_less_than_6_kilobytes_in_both_copies() {
    let all = tickets();
    let shaped = shaped(all.clone(), json!({}));
    let (Shaped { structured, text }, bytes) = (&shaped, bytes(&shaped));
    let full = all.to_string().len();
    println!("{bytes} bytes of {full}");
    assert!(bytes <= 6000, "{bytes} bytes of {full}: {text}\n{structured}");
    let lines: Vec<Vec<_>> = text.lines().map(|line| line.split('|').collect()).collect();
    let heads = lines.iter().position(|line| line[0] == "id").unwrap();
    assert_eq!(lines[heads], ["id", "subject", "status", "priority"]);
    let (tickets, short) = (all["tickets"].as_array().unwrap(), structured["tickets"].as_array().unwrap());
    assert_eq!((tickets.len(), short.len(), lines.len()), (30, 30, heads + 31));
    for ((ticket, short), line) in tickets.iter().zip(short).zip(&lines[heads + 1..]) {
        let subject = format!("⟦{}⟧", ticket["subject"].as_str().unwrap());
        assert_eq!(short["subject"], subject);
        for field in ["id", "status", "priority"] {
            assert_eq!(short[field], ticket[field]);
        }
        let plain = |field: &str| ticket[field].to_string().replace('"', "");
        assert_eq!(line.join("|"), format!("{}|{subject}|{}|{}", plain("id"), plain("status"), plain("priority")));
    }
    let hint = structured["hint"].as_str().unwrap();
    assert_eq!(hint, "More follows: call again with page 2. More by fields: responder_id, updated_at, type, due_by.");
    assert!(text.starts_with(&format!("{}\n{hint}\ntickets: 30\n", marks::MEANING)), "{text}");
    assert_eq!((&structured["untrusted"], &structured["has_more"]), (&json!(marks::MEANING), &json!(true)));
}

#[test]
fn a_summary_of_fewer_tickets_says_more_of_each() {
    let mut few = tickets();
    few["tickets"].as_array_mut().unwrap().truncate(5);
    let shaped = shaped(few.clone(), json!({}));
    assert!(bytes(&shaped) <= 6000, "{}", bytes(&shaped));
    for (ticket, short) in
        few["tickets"].as_array().unwrap().iter().zip(shaped.structured["tickets"].as_array().unwrap())
    {
        for field in ["updated_at", "responder_id", "requester_id", "due_by"] {
            assert_eq!(short.get(field), ticket.get(field));
        }
    }
}

#[test]
fn a_summary_has_the_text_that_a_person_sees() {
    let mut hidden = 0;
    for ticket in tickets()["tickets"].as_array().unwrap() {
        let Shaped { structured, text } = shaped(ticket.clone(), json!({}));
        let description = structured["description_text"].as_str().unwrap();
        assert!(structured.get("description").is_none() && structured.get("form_id").is_none());
        assert!(description.starts_with('⟦') && description.ends_with('⟧'), "{description}");
        for evil in ["API key", "freshdesk_agent_delete", "mallory", "t.example", "You have a message", "display:none"]
        {
            hidden += usize::from(ticket["description"].as_str().unwrap().contains(evil));
            assert!(!text.contains(evil) && !structured.to_string().contains(evil), "{evil}: {text}");
        }
        let seen = ["Operations", "confidential", "Sent by"];
        assert!(seen.iter().any(|seen| description.contains(seen)), "{description}");
        assert_eq!(structured["custom_fields"]["cf_order_number"].as_str().unwrap().chars().next(), Some('⟦'));
    }
    assert!(hidden > 20, "{hidden}");
}

/// Freshdesk's own text of a description has in it what the description hides.
#[test]
fn text_is_read_from_the_html_also_where_it_is_chosen() {
    let ticket = json!({
        "id": 1, "description": "<div>seen<i style='display:none'>evil</i></div>", "description_text": "seen evil",
        "conversations": [
            {"id": 2, "body": "<p>said<b hidden>evil</b>", "body_text": "said evil"}, {"id": 3, "body_text": "a note"},
        ],
    });
    for fields in
        [Value::Null, json!("description_text,conversations"), json!(["description_text", "conversations.body_text"])]
    {
        let Shaped { structured, text } = shaped(ticket.clone(), json!({"fields": fields}));
        assert_eq!(structured["description_text"], "⟦seen⟧");
        assert_eq!(
            structured["conversations"],
            json!([{"id": 2, "body_text": "⟦said⟧"}, {"id": 3, "body_text": "⟦a note⟧"}])
        );
        assert!(!text.contains("evil"), "{text}");
    }
    let chosen = shaped(ticket.clone(), json!({"fields": ["description"]})).structured;
    assert_eq!((&chosen["id"], &chosen["description"]), (&json!(1), &json!("⟦seen⟧")));
    let full = shaped(ticket.clone(), json!({"detail": "full"})).structured;
    assert_eq!(full["description"], json!(format!("⟦{}⟧", ticket["description"].as_str().unwrap())));
    assert_eq!(full["description_text"], "⟦seen evil⟧");
}

#[test]
fn full_has_everything_marked() {
    for ticket in tickets()["tickets"].as_array().unwrap() {
        let Shaped { structured, text } = shaped(ticket.clone(), json!({"detail": "full"}));
        for (name, value) in ticket.as_object().unwrap() {
            let plain = !value.is_string() || marks::plain(name, value.as_str().unwrap());
            if plain && !value.is_array() && !value.is_object() {
                assert_eq!(structured[name], *value);
            } else if let Some(text) = value.as_str() {
                assert_eq!(structured[name], format!("⟦{text}⟧"));
            }
            assert!(text.contains(&format!("\n{name}")), "{name}: {text}");
        }
        assert_eq!(structured.as_object().unwrap().len(), ticket.as_object().unwrap().len() + 1);
        assert_eq!(structured["tags"].as_array().unwrap().len(), ticket["tags"].as_array().unwrap().len());
    }
}

#[test]
fn what_nobody_sees_is_not_in_a_summary() {
    let subject = "in\u{200b}vis\u{202e}ible\u{e0041}\u{feff}\u{ad} \
        \u{1f468}\u{200d}\u{1f469} می\u{200c}خواهم ❤\u{fe0f}\u{fe0f}\u{fe01}\u{7}";
    let Shaped { structured, .. } =
        shaped(json!({"id": 1, "subject": subject, "description_text": "a\u{2028}b\r\nc"}), json!({}));
    assert_eq!(structured["subject"], "⟦invisible \u{1f468}\u{200d}\u{1f469} می\u{200c}خواهم ❤\u{fe0f}⟧");
    assert_eq!(structured["description_text"], "⟦a\nb\nc⟧");
}

#[test]
fn nothing_that_says_nothing_is_in_a_summary() {
    let stats = json!({"resolved_at": "2026-11-28T03:35:51Z"});
    let requester = json!({"id": 7, "name": "Sarah W", "language": "en"});
    let ticket = json!({"id": 1, "subject": "", "tags": [], "custom_fields": {"cf_a": null, "cf_b": []},
        "requester": requester, "stats": stats, "fr_escalated": false, "extra": {"id": "x"}});
    let Shaped { structured, text } = shaped(ticket, json!({}));
    assert_eq!(
        structured,
        json!({"untrusted": marks::MEANING, "id": 1, "requester": {"name": "⟦Sarah W⟧", "id": 7}, "stats": stats})
    );
    assert_eq!(
        text.lines().skip(1).collect::<Vec<_>>(),
        ["id: 1", "requester.name: ⟦Sarah W⟧", "requester.id: 7", "stats.resolved_at: 2026-11-28T03:35:51Z"]
    );
}

#[test]
fn an_answer_without_text_of_others_does_not_speak_of_it() {
    let Shaped { structured, text } = shaped(json!({"contact_id": 501001204038_u64}), json!({}));
    assert_eq!((structured, text.as_str()), (json!({"contact_id": 501001204038_u64}), "contact_id: 501001204038"));
}
