//! The prompts that the suite gets.

use rmcp::ErrorData;
use rmcp::model::{GetPromptRequestParams, GetPromptResponse, GetPromptResult, Prompt};
use serde_json::{Value, json};

use super::asks;
use super::fixture::value;
use super::tools::{image, resource, text};

/// All prompts.
pub(crate) fn all() -> Result<Vec<Prompt>, ErrorData> {
    let argument = |name: &str| json!({"name": name, "description": "An argument", "required": true});
    value(json!([
        {"name": "test_simple_prompt", "description": "A prompt"},
        {
            "name": "test_prompt_with_arguments",
            "description": "A prompt with arguments",
            "arguments": [argument("arg1"), argument("arg2")],
        },
        {
            "name": "test_prompt_with_embedded_resource",
            "description": "A prompt with a resource",
            "arguments": [argument("resourceUri")],
        },
        {"name": "test_prompt_with_image", "description": "A prompt with an image"},
        {"name": "test_input_required_result_prompt", "description": "A prompt that asks"},
    ]))
}

/// One of them.
pub(crate) fn get(request: GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let arguments = Value::Object(request.arguments.unwrap_or_default());
    let argument = |name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
    let contents = match request.name.as_str() {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (one, two) = (argument("arg1"), argument("arg2"));
            vec![text(&format!("Prompt with arguments: arg1='{one}', arg2='{two}'"))]
        }
        "test_prompt_with_embedded_resource" => vec![
            resource(&argument("resourceUri"), "text/plain", "Embedded resource content for testing."),
            text("Please process the embedded resource above."),
        ],
        "test_prompt_with_image" => vec![image(), text("Please analyze the image above.")],
        "test_input_required_result_prompt" => match asks::answered(request.input_responses.as_ref(), "user_context") {
            Some(answer) => vec![text(&format!("Context: {}", answer["content"]["context"]))],
            None => return asks::context().map(Into::into),
        },
        name => return Err(ErrorData::invalid_params(format!("there is no prompt {name:?}"), None)),
    };
    let messages: Vec<_> = contents.into_iter().map(|content| json!({"role": "user", "content": content})).collect();
    value::<GetPromptResult>(json!({"resultType": "complete", "messages": messages})).map(Into::into)
}
