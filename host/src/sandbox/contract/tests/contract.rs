//! Tools and their schemas.

use jsonschema::draft202012;
use wit_parser::{Docs, Resolve, SourceMap, Stability, Type, TypeDefKind};

use super::*;

#[test]
fn the_ten_tools_are_in_the_order_of_the_contract() {
    let contract = contract();
    let names: Vec<_> = contract.tools().iter().map(|tool| tool.name().trim_start_matches("freshdesk_")).collect();
    assert_eq!(
        names,
        [
            "ticket_create",
            "ticket_get",
            "ticket_update",
            "tickets_list",
            "tickets_reply",
            "contact_create",
            "agent_create",
            "agent_delete",
            "agents_list",
            "roles_list"
        ]
    );
}

#[test]
fn a_tool_names_its_function_and_its_interface() {
    let contract = contract();
    let tool = tool(&contract, "agents_list");
    assert_eq!((tool.interface(), tool.function()), ("freshdesk:tools/agents@0.1.0", "agents-list"));
    assert!(tool.description().starts_with("List Freshdesk agents, sorted by name, or find one by email. Needs"));
    assert!(!tool.description().contains('\n'));
    assert!(contract.tool("agents_list").is_none());
}

#[test]
fn the_tool_list_is_compact() {
    let contract = contract();
    let (inputs, all) = (listed(&contract, false).len(), listed(&contract, true).len());
    println!("with input schemas {inputs} bytes, with output schemas too {all} bytes");
    assert!(inputs <= 15_000, "{inputs}");
    assert!(all <= 26_000, "{all}");
}

#[test]
fn schemas_are_schemas() {
    for tool in contract().tools() {
        assert!(draft202012::meta::is_valid(tool.input_schema()), "{}", tool.name());
        assert!(draft202012::meta::is_valid(tool.output_schema()), "{}", tool.name());
    }
}

#[test]
fn every_property_has_a_description() {
    /// Counts the properties anywhere in a schema.
    fn described(schema: &Value) -> usize {
        let Some(keywords) = schema.as_object() else { return 0 };
        let properties = keywords.get("properties").and_then(Value::as_object);
        let here = properties.into_iter().flatten().map(|(name, property)| {
            assert!(!property["description"].as_str().unwrap_or_default().is_empty(), "{name}: {property}");
            1 + described(property)
        });
        here.sum::<usize>() + keywords.get("items").map_or(0, described)
    }
    let contract = contract();
    let all = contract.tools().iter().map(|tool| described(tool.input_schema()) + described(tool.output_schema()));
    assert!(all.sum::<usize>() > 200);
}

#[test]
fn a_request_schema_says_what_is_needed_and_refuses_the_rest() {
    let contract = contract();
    let schema = tool(&contract, "tickets_reply").input_schema();
    assert_eq!(schema["required"], json!(["ticket_id", "body"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(
        schema["properties"]["ticket_id"],
        json!({ "type": "integer", "minimum": 1, "maximum": 1e19, "description": "Id of the ticket." })
    );
    assert_eq!(
        schema["properties"]["cc_emails"],
        json!({ "type": ["array", "null"], "items": { "type": "string" }, "description": "Emails to copy." })
    );
    assert!(tool(&contract, "roles_list").input_schema().get("required").is_none());
}

#[test]
fn words_numbers_and_values_of_ones_own_have_compact_schemas() {
    let contract = contract();
    let mut schema = tool(&contract, "ticket_create").input_schema()["properties"].clone();
    let mut of = |name: &str| {
        schema[name].as_object_mut().unwrap().remove("description");
        schema[name].take()
    };
    assert_eq!(of("priority"), json!({ "enum": ["low", "medium", "high", "urgent", 1, 2, 3, 4, null] }));
    assert_eq!(
        of("status"),
        json!({ "anyOf": [
            { "enum": ["open", "pending", "resolved", "closed", null] },
            { "type": "integer", "minimum": 0, "maximum": u32::MAX }
        ] })
    );
    assert_eq!(
        of("custom_fields"),
        json!({ "type": ["object", "null"], "additionalProperties": {
            "type": ["string", "boolean", "number", "array", "null"], "items": { "type": "string" }
        } })
    );
    let include = &tool(&contract, "ticket_get").input_schema()["properties"]["include"];
    assert_eq!(include["type"], json!(["array", "string", "null"]));
    assert_eq!(include["items"], json!({ "enum": ["conversations", "requester", "company", "stats"] }));
}

#[test]
fn an_answer_schema_has_the_fields_of_spread_records_beside_the_others() {
    let contract = contract();
    let schema = tool(&contract, "ticket_get").output_schema();
    let properties = schema["properties"].as_object().unwrap();
    assert!(properties.contains_key("subject") && properties.contains_key("stats"));
    assert!(!properties.contains_key("ticket") && !properties.contains_key("extra"));
    assert_eq!(schema["required"], json!(["id", "url", "tags", "custom_fields"]));
    assert!(schema.get("additionalProperties").is_none());
    assert_eq!(properties["priority"]["enum"], json!(["low", "medium", "high", "urgent"]));
    let page = tool(&contract, "roles_list").output_schema();
    assert_eq!(page["required"], json!(["roles", "has_more", "query"]));
}

#[test]
fn every_numbered_case_is_in_the_contract() {
    let source: String = super::super::SOURCE.iter().map(|(_, text)| *text).collect();
    for (name, cases) in super::super::words::NUMBERED {
        let start = [format!("enum {name} {{"), format!("variant {name} {{")].iter().find_map(|head| source.find(head));
        let body = source[start.unwrap()..].split_once('}').unwrap().0;
        for (case, number) in *cases {
            let line = body.lines().position(|line| line.trim() == format!("{case},")).unwrap();
            let doc = body.lines().nth(line - 1).unwrap();
            assert!(doc.contains(&format!("Freshdesk's {number}")), "{name}.{case}: {doc}");
        }
    }
}

#[test]
fn a_contract_that_json_cannot_say_is_refused() {
    let refused = |types: &str| small(types).unwrap_err().to_string();
    let answer = "record answer { a: bool, }";
    assert!(refused(&format!("{answer} record request {{ a: tuple<u8, u8>, }}")).contains("tuple"));
    assert!(refused(&format!("{answer} record request {{ a: char, }}")).contains("Char"));
    assert!(refused(&format!("{answer} variant v {{ a, b(string), }} record request {{ a: v, }}")).contains("`v`"));
    assert!(refused(&format!("{answer} variant v {{ a(u8), b(u64), }} record request {{ a: v, }}")).contains("`v`"));
    assert!(refused("type request = string; record answer { a: bool, }").contains("`try`"));
    assert!(
        refused("record request { a: bool, } record page { a: bool, } record answer { page: page, a: bool, }")
            .contains("`a` twice")
    );
    assert!(refused("record").contains("small.wit"));
}

#[test]
fn every_item_of_the_contract_is_documented_and_dated() {
    let mut source = SourceMap::default();
    super::super::SOURCE.iter().for_each(|(name, text)| source.push_str(name, *text));
    let mut resolve = Resolve::default();
    let package = resolve.push_group(source.parse().map_err(|_| ()).unwrap()).unwrap();
    let mut items: Vec<(String, &Docs, Option<&Stability>)> = Vec::new();
    for (name, id) in &resolve.packages[package].worlds {
        let world = &resolve.worlds[*id];
        items.push((name.clone(), &world.docs, Some(&world.stability)));
    }
    for (_, id) in &resolve.packages[package].interfaces {
        let interface = &resolve.interfaces[*id];
        items.push((interface.name.clone().unwrap(), &interface.docs, Some(&interface.stability)));
        for function in interface.functions.values() {
            items.push((function.name.clone(), &function.docs, Some(&function.stability)));
        }
        for id in interface.types.values() {
            let ty = &resolve.types[*id];
            let name = ty.name.clone().unwrap();
            match &ty.kind {
                // A name taken over from another interface is documented there.
                TypeDefKind::Type(Type::Id(_)) if ty.docs.contents.is_none() => continue,
                TypeDefKind::Record(record) => {
                    items.extend(
                        record.fields.iter().map(|field| (format!("{name}.{}", field.name), &field.docs, None)),
                    );
                }
                TypeDefKind::Variant(variant) => {
                    items.extend(variant.cases.iter().map(|case| (format!("{name}.{}", case.name), &case.docs, None)));
                }
                TypeDefKind::Enum(words) => {
                    items.extend(words.cases.iter().map(|case| (format!("{name}.{}", case.name), &case.docs, None)));
                }
                _ => {}
            }
            items.push((name, &ty.docs, Some(&ty.stability)));
        }
    }
    assert!(items.len() > 250, "{}", items.len());
    for (name, docs, stability) in items {
        assert!(
            docs.contents.as_deref().is_some_and(|text| text.trim().ends_with(['.', '?'])),
            "{name} has no sentence"
        );
        assert!(!matches!(stability, Some(Stability::Unknown)), "{name} has no @since");
    }
}
