//! The tools, in the form in which a model's vendor wants to be told of them.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::answer::Answer;
use super::problem::Problem;
use super::read::Given;
use super::who::Who;
use crate::surface::shape::Offered;

/// In which form.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// As MCP's `tools/list` has them.
    Mcp,
    /// As OpenAI's chat completions take them.
    Openai,
    /// As Anthropic's messages take them.
    Anthropic,
}

/// How to list them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ToolQuery {
    /// In which form: `mcp`, by default, is as its `tools/list` has them, `openai` as chat completions take them, and `anthropic`
    /// as messages take them.
    #[param(inline)]
    form: Option<Form>,
}

/// The tools that the token is good for.
#[derive(Serialize, ToSchema)]
pub(super) struct ToolList {
    /// The tools, always in the same order. They can be handed to the vendor as they are.
    tools: Vec<Tool>,
}

/// A tool, in the form that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Tool {
    /// As MCP has it.
    Mcp {
        /// What it is called by.
        name: String,
        /// A name for people.
        title: String,
        /// What a model reads about it.
        description: String,
        /// The JSON Schema of its arguments.
        #[serde(rename = "inputSchema")]
        #[schema(value_type = Object)]
        input_schema: Value,
        /// The JSON Schema of its answer.
        #[serde(rename = "outputSchema")]
        #[schema(value_type = Object)]
        output_schema: Value,
        /// What it does to the helpdesk.
        annotations: Annotations,
    },
    /// As OpenAI takes it.
    Openai {
        /// `function`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The function.
        function: Function,
    },
    /// As Anthropic takes it.
    Anthropic {
        /// What it is called by.
        name: String,
        /// What a model reads about it.
        description: String,
        /// The JSON Schema of its arguments.
        #[schema(value_type = Object)]
        input_schema: Value,
    },
}

/// What a tool does to the helpdesk, as MCP says it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Annotations {
    /// It changes nothing.
    read_only_hint: bool,
    /// It may overwrite or remove what is there.
    destructive_hint: bool,
    /// Called again with the same arguments, it changes nothing more.
    idempotent_hint: bool,
    /// It reaches beyond this host: to Freshdesk.
    open_world_hint: bool,
}

/// A function, as OpenAI takes it.
#[derive(Serialize, ToSchema)]
pub(super) struct Function {
    /// What it is called by.
    name: String,
    /// What a model reads about it.
    description: String,
    /// The JSON Schema of its arguments.
    #[schema(value_type = Object)]
    parameters: Value,
}

impl Form {
    fn of(self, tool: &Offered) -> Tool {
        let Offered { name, title, description, input_schema, output_schema, effect } = tool.clone();
        match self {
            Self::Mcp => Tool::Mcp {
                name,
                title,
                description,
                input_schema,
                output_schema,
                annotations: Annotations {
                    read_only_hint: effect.reads,
                    destructive_hint: effect.destroys,
                    idempotent_hint: effect.idempotent,
                    open_world_hint: true,
                },
            },
            Self::Openai => {
                Tool::Openai { kind: "function", function: Function { name, description, parameters: input_schema } }
            }
            Self::Anthropic => Tool::Anthropic { name, description, input_schema },
        }
    }
}

/// List tools
///
/// The tools that the token is good for, with their schemas, in the form that a vendor of models takes: put `tools` into the
/// request to the model, and send what it calls to `POST /v1/tools/execute`.
#[utoipa::path(
    get,
    path = "/tools",
    tag = "tools",
    operation_id = "list_tools",
    params(ToolQuery),
    responses((status = 200, description = "The tools.", body = ToolList)),
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(query): Given<ToolQuery>,
) -> Result<Answer<ToolList>, Problem> {
    let form = query.form.unwrap_or(Form::Mcp);
    let tools = api.calls.tools().iter().filter(|tool| who.0.may_call(&tool.name));
    Ok(Answer::of(ToolList { tools: tools.map(|tool| form.of(tool)).collect() }))
}
