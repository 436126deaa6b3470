//! The description.

use serde_json::Value;

use super::world::World;

/// The routes, as they are written in the code: an operation that is not described is not there either.
const OPERATIONS: [(&str, &str); 14] = [
    ("post", "/v1/accounts"),
    ("get", "/v1/accounts"),
    ("get", "/v1/accounts/{identifier}"),
    ("delete", "/v1/accounts/{identifier}"),
    ("post", "/v1/accounts/{identifier}/links"),
    ("post", "/v1/accounts/{identifier}/confirmations"),
    ("post", "/v1/accounts/{identifier}/tokens"),
    ("get", "/v1/tokens"),
    ("delete", "/v1/tokens/{id}"),
    ("post", "/v1/tools/execute"),
    ("get", "/v1/tools"),
    ("get", "/v1/helpdesks"),
    ("get", "/v1/openapi.json"),
    ("get", "/v1/docs"),
];

async fn document() -> Value {
    World::new().await.stranger().get("/v1/openapi.json").await.is(200).json.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_has_every_route_and_no_other() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())));
    }
    let mut expected: Vec<_> = OPERATIONS.map(|(method, path)| (method.to_owned(), path.to_owned())).into();
    described.sort();
    expected.sort();
    assert_eq!(described, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_parameter_field_and_answer_is_told_of() {
    let document = document().await;
    for (method, path) in OPERATIONS {
        let operation = &document["paths"][path][method];
        for text in ["operationId", "summary", "description"] {
            assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {text}");
        }
        for answer in operation["responses"].as_object().unwrap().values() {
            assert!(answer["description"].is_string(), "{method} {path}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{method} {path}: {parameter}");
        }
        let open = operation["security"] == serde_json::json!([{}]);
        assert_eq!(open, path.ends_with("docs") || path.ends_with(".json"), "{method} {path}");
        assert_eq!(operation["responses"].get("401").is_none(), open, "{method} {path}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let told = property.to_string().contains("\"description\":") || property.get("$ref").is_some();
            assert!(told, "{name}.{field}");
        }
    }
    let operations: Vec<_> =
        OPERATIONS.iter().map(|(method, path)| &document["paths"][path][method]["operationId"]).collect();
    let different: std::collections::HashSet<_> = operations.iter().collect();
    assert_eq!(different.len(), operations.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_schema_of_the_description_is_one_and_every_reference_leads_somewhere() {
    let document = document().await;
    fn look(document: &Value, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| look(document, item)),
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
                }
                if let Some(schema) = fields.get("schema") {
                    jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{error}: {schema}"));
                }
                assert!(!fields.contains_key("x-problems") && !fields.values().any(Value::is_null), "{value}");
                fields.values().for_each(|field| look(document, field));
            }
            _ => {}
        }
    }
    look(&document, &document);
    for schema in document["components"]["schemas"].as_object().unwrap().values() {
        jsonschema::meta::validate(schema).unwrap();
    }
    let names = &document["components"]["schemas"]["Execution"]["properties"]["tool_name"]["enum"];
    assert_eq!(names.as_array().unwrap().len(), 10, "{names}");
}
