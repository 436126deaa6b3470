//! The resources that the suite reads.

use rmcp::ErrorData;
use rmcp::model::{CacheScope, ReadResourceResult, Resource, ResourceTemplate};
use serde_json::json;

use super::fixture::value;
use super::tools::PNG;

/// All resources.
pub(crate) fn all() -> Result<Vec<Resource>, ErrorData> {
    let entry = |uri: &str, kind: &str| json!({"uri": uri, "name": uri, "description": "A resource", "mimeType": kind});
    value(json!([
        entry("test://static-text", "text/plain"),
        entry("test://static-binary", "image/png"),
        entry("test://watched-resource", "text/plain"),
    ]))
}

/// All templates.
pub(crate) fn templates() -> Result<Vec<ResourceTemplate>, ErrorData> {
    value(json!([{
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "A template",
        "mimeType": "application/json",
    }]))
}

/// Reads one.
pub(crate) fn read(uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let content = match uri {
        "test://static-text" | "test://watched-resource" => {
            json!({"uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource."})
        }
        "test://static-binary" => json!({"uri": uri, "mimeType": "image/png", "blob": PNG}),
        _ => {
            let id = uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
            let Some(id) = id else {
                return Err(ErrorData::resource_not_found("there is no such resource", Some(json!({"uri": uri}))));
            };
            let data = json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
            json!({"uri": uri, "mimeType": "application/json", "text": data.to_string()})
        }
    };
    let read: ReadResourceResult = value(json!({"resultType": "complete", "contents": [content]}))?;
    Ok(read.with_ttl_ms(1000).with_cache_scope(CacheScope::Public))
}
