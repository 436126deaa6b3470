//! The tools that the suite calls.

use std::time::Duration;

use rmcp::model::*;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::fixture::{Fixture, List, value};
use super::forms::{choices, defaults, user};

/// A red dot.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/// No sound, for no time.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// Time between two steps of a tool that takes its time.
const STEP: Duration = Duration::from_millis(50);

/// Tools without arguments, and what they are for.
const PLAIN: [(&str, &str); 24] = [
    ("test_simple_text", "Answers a text"),
    ("test_image_content", "Answers an image"),
    ("test_audio_content", "Answers a sound"),
    ("test_embedded_resource", "Answers a resource"),
    ("test_multiple_content_types", "Answers all of them"),
    ("test_error_handling", "Fails"),
    ("test_tool_with_logging", "Logs"),
    ("test_tool_with_progress", "Tells of its progress"),
    ("test_logging_tool", "Logs where it was asked to"),
    ("test_elicitation_sep1034_defaults", "Asks with default values"),
    ("test_elicitation_sep1330_enums", "Asks with choices"),
    ("test_missing_capability", "Needs a client that can sample"),
    ("test_streaming_elicitation", "Asks, on a stream"),
    ("test_trigger_tool_change", "Changes the list of tools"),
    ("test_trigger_prompt_change", "Changes the list of prompts"),
    ("test_input_required_result_elicitation", "Asks for a name"),
    ("test_input_required_result_sampling", "Asks for a sample"),
    ("test_input_required_result_list_roots", "Asks for roots"),
    ("test_input_required_result_request_state", "Asks, with a state"),
    ("test_input_required_result_multiple_inputs", "Asks for everything"),
    ("test_input_required_result_multi_round", "Asks twice"),
    ("test_input_required_result_tampered_state", "Asks, with a state that must not be changed"),
    ("test_input_required_result_capabilities", "Asks for what the client can give"),
    ("test_reconnection", "Answers"),
];

/// All tools.
pub(crate) fn all() -> Result<Vec<Tool>, ErrorData> {
    let none = json!({"type": "object", "additionalProperties": false});
    let plain = PLAIN.iter().map(|(name, told)| json!({"name": name, "description": told, "inputSchema": none}));
    plain.chain(with_arguments()).map(value).collect()
}

/// The others.
fn with_arguments() -> [Value; 4] {
    let text = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}, "required": [name]});
    [
        json!({"name": "test_sampling", "description": "Asks for a sample", "inputSchema": text("prompt")}),
        json!({"name": "test_elicitation", "description": "Asks the user", "inputSchema": text("message")}),
        json!({
            "name": "test_headers",
            "description": "Has its argument in a header",
            "inputSchema": {
                "type": "object",
                "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
                "required": ["region"],
            },
        }),
        json!({
            "name": "json_schema_2020_12_tool",
            "description": "Tool with JSON Schema 2020-12 features",
            "inputSchema": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "$defs": {
                    "address": {
                        "$anchor": "addressDef",
                        "type": "object",
                        "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
                    },
                },
                "properties": {
                    "name": {"type": "string"},
                    "address": {"$ref": "#/$defs/address"},
                    "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                    "phone": {"type": "string"},
                    "email": {"type": "string"},
                },
                "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
                "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
                "then": {"required": ["phone"]},
                "else": {"required": ["email"]},
                "additionalProperties": false,
            },
        }),
    ]
}

/// Calls a tool.
pub(crate) async fn call(
    fixture: &Fixture,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let arguments = Value::Object(request.arguments.unwrap_or_default());
    let content = match request.name.as_ref() {
        "test_simple_text" => json!([text("This is a simple text response for testing.")]),
        "test_image_content" => json!([image()]),
        "test_audio_content" => json!([{"type": "audio", "data": WAV, "mimeType": "audio/wav"}]),
        "test_embedded_resource" => {
            json!([resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")])
        }
        "test_multiple_content_types" => json!([
            text("Multiple content types test:"),
            image(),
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ]),
        "test_error_handling" => {
            let failed = text("This tool intentionally returns an error for testing");
            return value(json!({"resultType": "complete", "isError": true, "content": [failed]}));
        }
        "test_tool_with_logging" => logged(&context).await,
        "test_logging_tool" if context.meta.log_level().is_some() => logged(&context).await,
        "test_tool_with_progress" => progressed(&context).await,
        "test_sampling" => sampled(&context, &arguments).await?,
        "test_elicitation" => elicited(&context, arguments["message"].clone(), user()).await?,
        "test_elicitation_sep1034_defaults" => elicited(&context, "Look at these".into(), defaults()).await?,
        "test_elicitation_sep1330_enums" => elicited(&context, "Choose".into(), choices()).await?,
        "test_missing_capability" => {
            if context.client_capabilities().is_none_or(|client| client.sampling.is_none()) {
                return Err(ErrorData::missing_required_client_capability(value(json!({"sampling": {}}))?));
            }
            json!([text("The client can sample.")])
        }
        "test_trigger_tool_change" => changed(fixture, List::Tools),
        "test_trigger_prompt_change" => changed(fixture, List::Prompts),
        "test_logging_tool" | "test_reconnection" | "test_headers" | "json_schema_2020_12_tool" => {
            json!([text("Done.")])
        }
        name => return Err(ErrorData::invalid_params(format!("there is no tool {name:?}"), None)),
    };
    value(json!({"resultType": "complete", "content": content}))
}

/// A text.
pub(crate) fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// An image.
pub(crate) fn image() -> Value {
    json!({"type": "image", "data": PNG, "mimeType": "image/png"})
}

/// A resource in an answer.
pub(crate) fn resource(uri: &str, kind: &str, text: &str) -> Value {
    json!({"type": "resource", "resource": {"uri": uri, "mimeType": kind, "text": text}})
}

fn changed(fixture: &Fixture, list: List) -> Value {
    let told = fixture.changes.send(list).unwrap_or_default();
    json!([text(&format!("{told} were told."))])
}

#[expect(deprecated, reason = "older revisions log, and the suite looks at it")]
async fn logged(context: &RequestContext<RoleServer>) -> Value {
    for step in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        let note = LoggingMessageNotificationParam::new(LoggingLevel::Info, step.into());
        let _ = context.peer.notify_logging_message(note).await;
        sleep(STEP).await;
    }
    json!([text("It was logged.")])
}

async fn progressed(context: &RequestContext<RoleServer>) -> Value {
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let note = ProgressNotificationParam::new(token, done).with_total(100.0);
            let _ = context.peer.notify_progress(note).await;
        }
        sleep(STEP).await;
    }
    json!([text("It is done.")])
}

#[expect(deprecated, reason = "older revisions sample, and the suite looks at it")]
async fn sampled(context: &RequestContext<RoleServer>, arguments: &Value) -> Result<Value, ErrorData> {
    let message = json!({"role": "user", "content": text(arguments["prompt"].as_str().unwrap_or_default())});
    let wanted = value(json!({"messages": [message], "maxTokens": 100}))?;
    let sampled = context.peer.create_message(wanted).await.map_err(refused)?;
    let sampled = serde_json::to_value(&sampled).unwrap_or_default();
    Ok(json!([text(&format!("LLM response: {}", sampled["content"]))]))
}

/// Asks the user in the way of older revisions.
async fn elicited(context: &RequestContext<RoleServer>, message: Value, schema: Value) -> Result<Value, ErrorData> {
    let params = value(json!({"mode": "form", "message": message, "requestedSchema": schema}))?;
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(params));
    let answer = context.peer.send_request(request).await.map_err(refused)?;
    let answer = serde_json::to_value(&answer).unwrap_or_default();
    let told = format!("Elicitation completed: action={}, content={}", answer["action"], answer["content"]);
    Ok(json!([text(&told)]))
}

fn refused(error: rmcp::ServiceError) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
