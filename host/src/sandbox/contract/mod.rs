//! The contract with the plugin, read from its WIT source. Tools, their descriptions and their JSON Schemas, the values
//! that requests become and the JSON that answers become are all walks over the same types: no tool is known by name.

mod error;
mod read;
mod schema;
mod shape;
mod words;
mod write;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use thiserror::Error;
use wasmtime::component::Val;
use wit_parser::{Function, Resolve, SourceMap, Type, TypeDefKind, WorldItem};

use self::error::Errors;
pub use self::error::{Mismatch, Problem, ToolError};
use self::shape::{Record, Shape};

/// The contract's source.
const SOURCE: [(&str, &str); 6] = [
    ("world.wit", include_str!("../../../../wit/world.wit")),
    ("types.wit", include_str!("../../../../wit/types.wit")),
    ("credentials.wit", include_str!("../../../../wit/credentials.wit")),
    ("tickets.wit", include_str!("../../../../wit/tickets.wit")),
    ("contacts.wit", include_str!("../../../../wit/contacts.wit")),
    ("agents.wit", include_str!("../../../../wit/agents.wit")),
];

/// The world whose exported functions are the tools.
const WORLD: &str = "plugin";

/// What every tool's name begins with.
const PREFIX: &str = "freshdesk_";

/// The contract cannot be made tools of. The source is built in, so this shows in the first test.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ContractError {
    /// The source is not WIT.
    #[error("the contract cannot be parsed: {0}")]
    Source(String),
    /// The source has something that has no form in JSON here.
    #[error("the contract has what JSON cannot say here: {0}")]
    Unsupported(String),
}

impl ContractError {
    /// The contract has something that has no form in JSON here.
    fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }
}

/// The tools of the plugin and the one way in which all of them fail. Made once a process.
#[derive(Clone, Debug)]
pub struct Contract {
    tools: Vec<Tool>,
    errors: Errors,
}

/// A tool: a function of the contract as agents see it.
#[derive(Clone, Debug)]
pub struct Tool {
    name: String,
    interface: String,
    function: String,
    description: String,
    input_schema: Value,
    output_schema: Value,
    request: Record,
    answer: Record,
}

impl Contract {
    /// Reads the contract that is built in.
    pub fn load() -> Result<Self, ContractError> {
        Self::parse(&SOURCE)
    }

    /// Reads a contract from its files.
    fn parse(files: &[(&str, &str)]) -> Result<Self, ContractError> {
        let mut source = SourceMap::default();
        for (name, text) in files {
            source.push_str(name, *text);
        }
        let group = source.parse().map_err(|(source, error)| ContractError::Source(error.render(&source)))?;
        let mut resolve = Resolve::default();
        let package = resolve.push_group(group).map_err(|error| ContractError::Source(error.to_string()))?;
        let world = resolve.select_world(&[package], Some(WORLD));
        let world = world.map_err(|error| ContractError::Source(error.to_string()))?;
        Self::of(&resolve, resolve.worlds[world].exports.values())
    }

    /// The contract of a world's exports. All functions fail with the same type.
    fn of<'a>(resolve: &Resolve, exports: impl Iterator<Item = &'a WorldItem>) -> Result<Self, ContractError> {
        let mut tools = Vec::new();
        let mut errors = None;
        for export in exports {
            let WorldItem::Interface { id, .. } = export else { continue };
            let interface = resolve.id_of(*id).unwrap_or_default();
            for function in resolve.interfaces[*id].functions.values() {
                let (request, answer, error) = signature(resolve, function)?;
                tools.push(Tool::of(resolve, &interface, function, request, answer)?);
                let error = shape::aliased(resolve, error);
                if *errors.get_or_insert(error) != error {
                    return Err(ContractError::unsupported(format!("the error of `{}`", function.name)));
                }
            }
        }
        let error = errors.ok_or_else(|| ContractError::unsupported("a world without functions"))?;
        Ok(Self { tools, errors: Errors::of(resolve, &error)? })
    }

    /// All tools, in the contract's order.
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of a name.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// Reads JSON into the tool's request record. Accepts exactly what the tool's input schema does.
    ///
    /// Fails with all problems that were found, or the first hundred.
    pub fn read(&self, tool: &Tool, input: &Value) -> Result<Val, Vec<Problem>> {
        read::read(&tool.request, input)
    }

    /// The same request as one would spell it: with words for numbers, and without what is left out. None where it cannot be
    /// read.
    #[cfg(feature = "accounts")]
    pub(crate) fn spelt(&self, tool: &Tool, input: &Value) -> Option<Map<String, Value>> {
        write::object(&tool.request, &self.read(tool, input).ok()?).ok()
    }

    /// A request that was read of this input, as one would spell it, with what is null in the input: it is what is to be cleared.
    pub(crate) fn said(&self, tool: &Tool, input: &Value, request: &Val) -> Map<String, Value> {
        let mut said = write::object(&tool.request, request).unwrap_or_default();
        with_nulls(&mut said, input);
        said
    }

    /// The ids that a request names, by field: which records the call is about.
    pub(crate) fn ids(request: &Val) -> Vec<(String, u64)> {
        let Val::Record(fields) = request else { return Vec::new() };
        let id =
            |(name, value): &(String, Val)| if let Val::U64(id) = value { Some((name.clone(), *id)) } else { None };
        fields.iter().filter_map(id).collect()
    }

    /// Writes what the tool's function returned: an answer as its output schema says, or the error.
    ///
    /// Fails when the value, which is controlled by the guest, is not of the function's type.
    pub fn write(&self, tool: &Tool, result: &Val) -> Result<Result<Value, ToolError>, Mismatch> {
        match result {
            Val::Result(Ok(Some(answer))) => write::object(&tool.answer, answer).map(|object| Ok(object.into())),
            Val::Result(Err(Some(error))) => self.errors.read(error).map(Err),
            _ => Err(Mismatch::of("a result with a payload")),
        }
    }

    /// The cases of the contract's error.
    pub fn error_cases(&self) -> Vec<String> {
        self.errors.cases()
    }

    /// An error of the host's own making, with what the contract says about its case. A case that the contract does
    /// not have says nothing but its name.
    pub fn error(&self, case: &str, detail: Map<String, Value>) -> ToolError {
        self.errors.error(case, detail)
    }

    /// The error that tells these problems, in the form in which the plugin tells its own.
    pub fn invalid_input(&self, problems: &[Problem]) -> ToolError {
        self.errors.error("invalid_input", error::problems(problems))
    }
}

impl Tool {
    /// The tool that a function is.
    fn of(
        resolve: &Resolve,
        interface: &str,
        function: &Function,
        request: &Type,
        answer: &Type,
    ) -> Result<Self, ContractError> {
        let (Shape::Record(input), Shape::Record(output)) = (Shape::of(resolve, request)?, Shape::of(resolve, answer)?)
        else {
            return Err(ContractError::unsupported(format!("`{}` without records", function.name)));
        };
        let docs = shape::definition(resolve, request).map(|record| &record.docs);
        Ok(Self {
            name: format!("{PREFIX}{}", words::snake_case(&function.name)),
            interface: interface.to_owned(),
            function: function.name.clone(),
            description: words::fold(docs.and_then(|docs| docs.contents.as_deref())),
            input_schema: schema::input(&input),
            output_schema: schema::output(&output),
            request: input,
            answer: output,
        })
    }

    /// The name agents call it by, such as `freshdesk_ticket_create`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The interface its function is exported in, such as `freshdesk:tools/tickets@0.1.0`.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// The name of its function, such as `ticket-create`.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// What an agent reads about it, on one line.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The JSON Schema of its request.
    pub fn input_schema(&self) -> &Value {
        &self.input_schema
    }

    /// The JSON Schema of its answer.
    pub fn output_schema(&self) -> &Value {
        &self.output_schema
    }
}

/// Puts what is null in it beside what is said.
fn with_nulls(said: &mut Map<String, Value>, input: &Value) {
    for (name, value) in input.as_object().into_iter().flatten() {
        match (said.get_mut(name), value) {
            (None, Value::Null) => drop(said.insert(name.clone(), Value::Null)),
            (Some(Value::Object(said)), Value::Object(_)) => with_nulls(said, value),
            _ => {}
        }
    }
}

/// The types of a function that takes one request and returns `result<answer, error>`.
fn signature<'a>(
    resolve: &'a Resolve,
    function: &'a Function,
) -> Result<(&'a Type, &'a Type, &'a Type), ContractError> {
    if let ([request], Some(Type::Id(id))) = (function.params.as_slice(), &function.result)
        && let TypeDefKind::Result(result) = &resolve.types[*id].kind
        && let (Some(answer), Some(error)) = (&result.ok, &result.err)
    {
        return Ok((&request.ty, answer, error));
    }
    Err(ContractError::unsupported(format!("the signature of `{}`", function.name)))
}
