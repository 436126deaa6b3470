//! What the tools look like in a list.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;

use crate::surface::shape::Offered;

/// Time for which a list is good, in milliseconds: tools change with the host's build and with what a token allows.
pub(super) const GOOD_FOR: u64 = 5 * 60 * 1000;

/// The tools as they are listed, in the order of the contract.
pub(super) fn listed(tools: &[Offered], output_schemas: bool) -> Vec<Tool> {
    tools.iter().map(|tool| entry(tool, output_schemas)).collect()
}

fn entry(tool: &Offered, output_schema: bool) -> Tool {
    let effect = tool.effect;
    // Freshdesk is the open world: others work there, too.
    let annotations = ToolAnnotations::with_title(tool.title.clone())
        .read_only(effect.reads)
        .destructive(effect.destroys)
        .idempotent(effect.idempotent)
        .open_world(true);
    let listed = Tool::new(tool.name.clone(), tool.description.clone(), object(&tool.input_schema))
        .with_title(tool.title.clone())
        .with_annotations(annotations);
    if output_schema { listed.with_raw_output_schema(object(&tool.output_schema)) } else { listed }
}

/// A schema, which is an object.
fn object(schema: &Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
