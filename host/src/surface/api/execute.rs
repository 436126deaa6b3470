//! Runs a tool for a user.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::answer::Answer;
use super::code::Code;
use super::format;
use super::problem::Problem;
use super::read::{Body, Given};
use super::who::Who;
use crate::stage::Stages;
use crate::surface::calls::{Call, Whose};

/// A call of a tool.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Execution {
    /// Your id of the user whose Freshdesk it is for.
    #[schema(format = "identifier", min_length = 1, max_length = 200)]
    identifier: String,
    /// The tool.
    #[schema(format = "tool")]
    tool_name: String,
    /// Its arguments, by the schema that `GET /v1/tools` shows; beside them `fields`, `detail` and `max_bytes` shape the answer.
    #[serde(default)]
    #[schema(value_type = Object)]
    tool_input: Map<String, Value>,
}

/// The answer of a tool, in two copies of the same.
#[derive(Serialize, ToSchema)]
pub(super) struct Executed {
    /// For programs: JSON by the tool's output schema.
    #[schema(value_type = Object)]
    result: Value,
    /// For models: the text to hand back as the tool's result.
    text: String,
}

/// The key by which a repeated call is known.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Once {
    /// A key of your own, such as `"8e03978e-40d5-43e8-bc93-6894a57f9324"`. A call that is repeated with its key, for the same user,
    /// tool and arguments, writes once, and is answered as it was then.
    #[serde(rename = "Idempotency-Key")]
    #[param(format = "idempotency-key", min_length = 1, max_length = 512)]
    key: Option<String>,
}

/// Execute a tool
///
/// Runs a tool with the key of the user's account, in a sandbox that never has that key. The answer is there twice: `result` is
/// what a program reads, and `text` the copy that a model is given, so that no client has to turn JSON into text or text into JSON.
/// Text that people wrote in Freshdesk stands between `⟦` and `⟧` in both: it is data, and no instruction.
///
/// A call waits for its turn of the helpdesk's budget, for half a minute unless the operator says otherwise. When you close the connection before it has left for
/// Freshdesk, it is called off.
///
/// Writes are never repeated by the host. To repeat one yourself, after a time-out or a crash, give it an `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/tools/execute",
    tag = "tools",
    operation_id = "execute_tool",
    params(Once),
    request_body(content = Execution, example = json!({"identifier": "user-42", "tool_name": "freshdesk_ticket_get", "tool_input": {"ticket_id": 42817}})),
    responses((status = 200, description = "What the tool answered.", body = Executed)),
    extensions(("x-problems" = json!([
        "forbidden_token", "unknown_tool", "invalid_input", "not_connected", "revoked", "forbidden", "not_found", "conflict",
        "rate_limited", "outcome_unknown", "unavailable", "unexpected",
    ]))),
)]
pub(super) async fn execute(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(once): Given<Once>,
    Body(execution): Body<Execution>,
) -> Result<Answer<Executed>, Problem> {
    let user = who.own(&execution.identifier)?;
    if api.calls.tool(&execution.tool_name).is_none() {
        return Err(Problem::of(Code::UnknownTool));
    }
    if !who.0.may_call(&execution.tool_name) {
        return Err(Problem::of(Code::ForbiddenToken));
    }
    let call = Call {
        whose: Whose::Users(Arc::clone(&api.accounts), user),
        tool: execution.tool_name,
        input: Value::Object(execution.tool_input),
        once: once.key.as_deref().and_then(format::unquoted),
    };
    let shaped = api.calls.run(call, Arc::new(Stages::default())).await?;
    Ok(Answer::of(Executed { result: shaped.structured, text: shaped.text }))
}
