//! Tools and prompts that ask for something first, in the way of 2026-07-28.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, InputRequiredResult, InputResponses,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value, json};

use super::fixture::{Fixture, value};
use super::tools::text;

/// What a tool of this kind answers; none for other tools.
pub(crate) fn tool(
    fixture: &Fixture,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<Option<CallToolResponse>, ErrorData> {
    let name = request.name.strip_prefix("test_input_required_result_").unwrap_or(&request.name);
    let responses = request.input_responses.as_ref();
    let has = |key: &str| answered(responses, key).is_some();
    let first_step = request.request_state.as_ref().is_none_or(|state| state.starts_with("one"));
    let (asked, state) = match name {
        "elicitation" | "test_streaming_elicitation" if !has("user_name") => (vec![user_name()], None),
        "sampling" if !has("capital_question") => {
            (vec![sample("capital_question", "What is the capital of France?")], None)
        }
        "list_roots" if !has("client_roots") => (vec![roots()], None),
        "request_state" | "tampered_state" if !has("confirm") => (vec![confirm()], Some("one")),
        "multiple_inputs" if !(has("user_name") && has("greeting") && has("client_roots")) => {
            (vec![user_name(), sample("greeting", "Generate a greeting"), roots()], Some("one"))
        }
        "multi_round" if !has("step1") && first_step => {
            (vec![step("step1", "What is your name?", "name")], Some("one"))
        }
        "multi_round" if first_step => (vec![step("step2", "What is your favorite color?", "color")], Some("two")),
        "capabilities" if !has("greeting") => (what_it_can(context.client_capabilities().unwrap_or_default()), None),
        "elicitation"
        | "test_streaming_elicitation"
        | "sampling"
        | "list_roots"
        | "request_state"
        | "tampered_state"
        | "multiple_inputs"
        | "multi_round"
        | "capabilities" => {
            let state = fixture.redeem(request.request_state.as_deref())?;
            let answers = json!(responses);
            let told = text(&format!("{state} with {answers}"));
            let done: CallToolResult = value(json!({"resultType": "complete", "content": [told]}))?;
            return Ok(Some(done.into()));
        }
        _ => return Ok(None),
    };
    fixture.redeem(request.request_state.as_deref())?;
    let state = state.map(|step| fixture.hand_out(step));
    required(asked, state).map(|required| Some(required.into()))
}

/// What came of a request; none where nothing did that could be read.
pub(crate) fn answered<'a>(responses: Option<&'a InputResponses>, key: &str) -> Option<&'a Value> {
    responses?.get(key).filter(|answer| answer.is_object())
}

/// What the prompt asks for.
pub(crate) fn context() -> Result<InputRequiredResult, ErrorData> {
    required(vec![form("user_context", "What context should the prompt use?", "context", "string")], None)
}

impl Fixture {
    /// A state that nobody can guess.
    fn hand_out(&self, step: &str) -> String {
        let state = format!(
            "{step}-{:016x}{:016x}",
            RandomState::new().build_hasher().finish(),
            RandomState::new().build_hasher().finish()
        );
        self.states.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(state.clone());
        state
    }

    /// Takes a state back. One that was not handed out is refused.
    fn redeem(&self, state: Option<&str>) -> Result<&'static str, ErrorData> {
        let Some(state) = state else { return Ok("no state") };
        match self.states.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(state) {
            true => Ok("state-ok"),
            false => Err(ErrorData::invalid_params("this is no state of ours", None)),
        }
    }
}

fn required(asked: Vec<(String, Value)>, state: Option<String>) -> Result<InputRequiredResult, ErrorData> {
    let asked: Map<_, _> = asked.into_iter().collect();
    Ok(InputRequiredResult::new(Some(value(Value::Object(asked))?), state))
}

fn form(key: &str, message: &str, field: &str, kind: &str) -> (String, Value) {
    let schema = json!({"type": "object", "properties": {field: {"type": kind}}, "required": [field]});
    let params = json!({"mode": "form", "message": message, "requestedSchema": schema});
    (key.to_owned(), json!({"method": "elicitation/create", "params": params}))
}

fn user_name() -> (String, Value) {
    form("user_name", "What is your name?", "name", "string")
}

fn confirm() -> (String, Value) {
    form("confirm", "Please confirm", "ok", "boolean")
}

fn step(key: &str, message: &str, field: &str) -> (String, Value) {
    form(key, message, field, "string")
}

fn sample(key: &str, prompt: &str) -> (String, Value) {
    let params = json!({"messages": [{"role": "user", "content": text(prompt)}], "maxTokens": 100});
    (key.to_owned(), json!({"method": "sampling/createMessage", "params": params}))
}

fn roots() -> (String, Value) {
    ("client_roots".to_owned(), json!({"method": "roots/list", "params": {}}))
}

/// What this client says it can give.
fn what_it_can(client: ClientCapabilities) -> Vec<(String, Value)> {
    let sampling = client.sampling.is_some().then(|| sample("greeting", "Generate a greeting"));
    let elicitation = client.elicitation.is_some().then(user_name);
    sampling.into_iter().chain(elicitation).collect()
}
