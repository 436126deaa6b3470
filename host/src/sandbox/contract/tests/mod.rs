//! What the walks do, and that they agree.

mod agreement;
mod answers;
mod contract;
mod requests;

use serde_json::{Value, json};
use wasmtime::component::Val;

use super::{Contract, Problem, Tool, ToolError};

/// The contract that is built in.
fn contract() -> Contract {
    Contract::load().unwrap()
}

/// A contract with one tool, `freshdesk_try`, out of type definitions that name `request` and `answer`.
fn small(types: &str) -> Result<Contract, super::ContractError> {
    let text = format!(
        "package a:b; interface i {{ {types} variant error {{ /// No.\n no, }}
         try: func(request: request) -> result<answer, error>; }} world plugin {{ export i; }}"
    );
    Contract::parse(&[("small.wit", &text)])
}

/// A built-in tool by its name without the prefix.
fn tool<'a>(contract: &'a Contract, name: &str) -> &'a Tool {
    contract.tool(&format!("freshdesk_{name}")).unwrap()
}

/// What a tool reads.
fn read(name: &str, input: Value) -> Result<Val, Vec<Problem>> {
    let contract = contract();
    contract.read(tool(&contract, name), &input)
}

/// What a tool reads into one field.
fn read_field(name: &str, input: Value, field: &str) -> Val {
    field_of(&read(name, input).unwrap(), field)
}

/// A field of a record.
fn field_of(record: &Val, field: &str) -> Val {
    let Val::Record(fields) = record else { panic!("{record:?} is not a record") };
    fields.iter().find(|(name, _)| name == field).unwrap().1.clone()
}

/// The one problem a tool has with a request.
fn problem(name: &str, input: Value) -> (String, String) {
    let problems = read(name, input).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    (problems[0].field.clone(), problems[0].message.clone())
}

/// A present value.
fn some(val: Val) -> Val {
    Val::Option(Some(Box::new(val)))
}

/// A text.
fn text(text: &str) -> Val {
    Val::String(text.into())
}

/// A pair with a text.
fn pair(key: &str, val: Val) -> Val {
    Val::Tuple(vec![text(key), val])
}

/// A record.
fn record<const N: usize>(fields: [(&str, Val); N]) -> Val {
    Val::Record(fields.into_iter().map(|(name, val)| (name.to_owned(), val)).collect())
}

/// A case with a payload.
fn case(name: &str, payload: Val) -> Val {
    Val::Variant(name.into(), Some(Box::new(payload)))
}

/// What a tool writes of a result.
fn write(
    contract: &Contract,
    name: &str,
    result: Result<Val, Val>,
) -> Result<Result<Value, ToolError>, super::Mismatch> {
    let result = match result {
        Ok(answer) => Ok(Some(Box::new(answer))),
        Err(error) => Err(Some(Box::new(error))),
    };
    contract.write(tool(contract, name), &Val::Result(result))
}

/// A list of tools as a client sees it, in its compact form.
fn listed(contract: &Contract, outputs: bool) -> String {
    let tools = contract.tools().iter().map(|tool| {
        let mut listed = json!({
            "name": tool.name(), "description": tool.description(), "inputSchema": tool.input_schema()
        });
        if outputs {
            listed["outputSchema"] = tool.output_schema().clone();
        }
        listed
    });
    Value::Array(tools.collect()).to_string()
}
