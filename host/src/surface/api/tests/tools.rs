//! The tools, in three forms.

use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_are_listed_in_the_forms_of_the_vendors() {
    let world = World::new().await;
    let client = world.client().await;
    let mcp = client.get("/v1/tools").await;
    assert_eq!(mcp.is(200).json, client.get("/v1/tools?form=mcp").await.json);
    let (openai, anthropic) = (client.get("/v1/tools?form=openai").await, client.get("/v1/tools?form=anthropic").await);
    let list = |json: &Value| json["tools"].as_array().unwrap().clone();
    let (mcp, openai, anthropic) = (list(&mcp.json), list(&openai.is(200).json), list(&anthropic.is(200).json));
    assert_eq!((mcp.len(), openai.len(), anthropic.len()), (10, 10, 10));
    for ((mcp, openai), anthropic) in mcp.iter().zip(&openai).zip(&anthropic) {
        let (name, schema) = (&mcp["name"], &mcp["inputSchema"]);
        assert_eq!(
            *openai,
            json!({"type": "function", "function": {"name": name, "description": mcp["description"], "parameters": schema}})
        );
        assert_eq!(*anthropic, json!({"name": name, "description": mcp["description"], "input_schema": schema}));
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(mcp["annotations"][hint].is_boolean());
        }
    }
}

/// What OpenAI and Anthropic ask of functions: a name of letters, digits, `_` and `-`, 64 at most; a description of at most 1024
/// characters; and a schema that is an object at its top, without alternatives there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_are_what_the_vendors_take() {
    let world = World::new().await;
    for tool in world.client().await.get("/v1/tools?form=anthropic").await.json["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        assert!((1..=64).contains(&name.len()), "{name}");
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'), "{name}");
        let description = tool["description"].as_str().unwrap();
        assert!((1..=1024).contains(&description.chars().count()), "{name}");
        let schema = &tool["input_schema"];
        assert_eq!(schema["type"], "object", "{name}");
        assert!(schema["properties"].is_object(), "{name}");
        for keyword in ["oneOf", "anyOf", "allOf", "not", "enum"] {
            assert!(schema.get(keyword).is_none(), "{name} has {keyword} at its top");
        }
        jsonschema::meta::validate(schema).unwrap();
    }
}
