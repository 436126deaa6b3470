//! Tells of the tools.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::print;
use crate::Tool;
use crate::contract::Contract;

/// Lists the tools, or tells one in full.
pub(super) fn tools(name: Option<&str>, as_json: bool) -> Result<()> {
    let contract = Contract::load()?;
    let tools: Vec<_> = contract.tools().iter().filter(|tool| name.is_none_or(|name| name == tool.name())).collect();
    match (tools.as_slice(), name) {
        ([], _) => bail!("there is no such tool: see freshdesk-host tools"),
        (_, _) if as_json => print(&Value::Array(tools.into_iter().map(published).collect())),
        ([tool], Some(_)) => {
            tell(tool);
            Ok(())
        }
        _ => {
            for tool in tools {
                anstream::println!("{BOLD}{}{BOLD:#}\n{}\n", tool.name(), wrapped(tool.description(), 4));
            }
            anstream::println!("One tool with its parameters: freshdesk-host tools NAME");
            anstream::println!("All, with JSON Schemas:       freshdesk-host tools --json");
            Ok(())
        }
    }
}

/// A tool as an agent is told of it.
fn published(tool: &Tool) -> Value {
    json!({
        "name": tool.name(),
        "description": tool.description(),
        "inputSchema": tool.input_schema(),
        "outputSchema": tool.output_schema(),
    })
}

/// Prints a tool with its parameters for a person.
fn tell(tool: &Tool) {
    anstream::println!("{BOLD}{}{BOLD:#}\n{}\n", tool.name(), wrapped(tool.description(), 4));
    let schema = tool.input_schema();
    let required = |name: &String| schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if required(name) { " (required)" } else { "" };
        anstream::println!(
            "    {BOLD}{name}{BOLD:#}{mark}\n{}",
            wrapped(property["description"].as_str().unwrap_or_default(), 8)
        );
    }
}

/// How wide a line may be, so that it fits every terminal.
const WIDTH: usize = 79;

/// A text broken into lines that begin with `indent` spaces.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![" ".repeat(indent)];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.trim().is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => *line += &format!(" {word}"),
            _ => lines.push(" ".repeat(indent) + word),
        }
    }
    lines.join("\n")
}

const BOLD: anstyle::Style = anstyle::Style::new().bold();
