//! What a call's end looks like.

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::json;

use crate::error::CallError;
use crate::sandbox::contract::ToolError;
use crate::surface::shape::Shaped;

/// An answer, in both copies.
pub(super) fn success(answer: Shaped) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
    result.structured_content = Some(answer.structured);
    result
}

/// A tool's error: a text that a model can act on. Nothing of it is structured: clients would check that by the
/// answer's schema.
pub(super) fn failure(error: &ToolError) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(error.to_json().to_string())])
}

/// What the client is told of a call that failed.
pub(super) fn failed(error: CallError) -> Result<CallToolResult, ErrorData> {
    match error {
        CallError::UnknownTool(name) => Err(unknown(&name)),
        CallError::Tool { error, .. } => Ok(failure(&error)),
        CallError::Broken(_) => {
            let text = json!({"error": "broken", "message": error.to_string()}).to_string();
            Ok(CallToolResult::error(vec![ContentBlock::text(text)]))
        }
    }
}

/// There is no such tool, or not for this caller.
pub(super) fn unknown(name: &str) -> ErrorData {
    let name: String = name.chars().take(100).collect();
    ErrorData::invalid_params(format!("there is no tool {name:?}: tools/list has those there are"), None)
}
