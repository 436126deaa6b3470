//! The OpenAPI description: what the handlers say of themselves, and what goes for all of them.

use serde_json::{Map, Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi};
use utoipa::{Modify, PartialSchema, ToSchema};

use super::code::Code;
use super::format;
use super::problem::{Document, PROBLEM_JSON};

/// Where a handler names the codes that are its own.
pub(super) const PROBLEMS: &str = "x-problems";

/// What goes for the whole API.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Freshdesk for agents",
        description = "Ten Freshdesk tools for AI agents, on behalf of your users. A **tenant** is your application, an **account** is one \
            user's connection to Freshdesk, and an **identifier** is your own id of that user.\n\nMake an account, send its user a link to \
            connect, and execute tools for them. Keys of Freshdesk stay inside the host: no answer has one.\n\nShow a token with each \
            request: `Authorization: Bearer fdp_…`. The operator makes those of a tenant (`freshdesk-host tokens create`), which may do \
            everything here. A token for one user may execute tools for that user and read that account.\n\nBodies are JSON of at most \
            1 MiB. Fields that are not described are refused. An absent field and null mean the same.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    servers((url = "/", description = "This host.")),
    security(("token" = [])),
    tags(
        (name = "accounts", description = "Your users' connections to Freshdesk, and the links by which they connect."),
        (name = "tools", description = "What an agent can do, and doing it."),
        (name = "tokens", description = "Tokens for the agents of one user."),
        (name = "helpdesks", description = "What helpdesks allow, and what of it is used."),
        (name = "description", description = "This description. It needs no token."),
    ),
    modifiers(&Token),
)]
pub(super) struct About;

/// How callers show who they are.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let token = token.description(Some("A token of a tenant, or one for a user of it: `fdp_…`."));
        let components = ComponentsBuilder::new().security_scheme("token", SecurityScheme::Http(token.build()));
        openapi.components = Some(components.schema(Document::name(), Document::schema()).build());
    }
}

/// The description as it is served: formats are patterns, tools have names, and each operation has the problems that it can
/// answer with.
pub(super) fn finished(openapi: &OpenApi, tools: &[&str]) -> Value {
    let mut document = serde_json::to_value(openapi).unwrap_or_default();
    spell_out(&mut document, tools);
    let paths = document["paths"].as_object_mut();
    for operation in
        paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut).flat_map(Map::values_mut)
    {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(|parameter| never_null(&mut parameter["schema"]));
        add_problems(operation);
    }
    document
}

/// Puts patterns and names in the place of formats that only this API knows.
fn spell_out(value: &mut Value, tools: &[&str]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spell_out(item, tools)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| spell_out(field, tools));
            let name = fields.get("format").and_then(Value::as_str).unwrap_or_default();
            if name == "tool" {
                fields.remove("format");
                fields.insert("enum".to_owned(), json!(tools));
            } else if let Some(format) = format::named(name) {
                fields.remove("format");
                fields.insert("pattern".to_owned(), format.pattern.into());
            }
        }
        _ => {}
    }
}

/// A parameter is given or left out: it is never null.
fn never_null(schema: &mut Value) {
    if let Some([kind, _]) = schema["type"].as_array().map(Vec::as_slice) {
        schema["type"] = kind.clone();
    }
}

/// Adds an answer for each status that a problem of this operation has.
fn add_problems(operation: &mut Value) {
    let answers = answers(&codes(operation));
    if let Some(fields) = operation.as_object_mut() {
        fields.remove(PROBLEMS);
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.extend(answers);
    }
}

/// The codes of an operation: its own, and those of all that take a token, a body, or parameters.
fn codes(operation: &Value) -> Vec<Code> {
    let own = operation[PROBLEMS].as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(Code::named);
    let own: Vec<_> = own.collect();
    let by_token = [Code::Unauthorized, Code::TooManyRequests, Code::Broken, Code::Unavailable];
    let by_body = [Code::InvalidRequest, Code::TooSlow, Code::TooLarge, Code::UnsupportedMediaType];
    let has = |code: &Code| {
        own.contains(code)
            || (operation.get("security").is_none() && by_token.contains(code))
            || (operation.get("requestBody").is_some() && by_body.contains(code))
            || (operation.get("parameters").is_some() && *code == Code::InvalidRequest)
    };
    Code::ALL.into_iter().filter(has).collect()
}

/// The answers to these codes, by status.
fn answers(codes: &[Code]) -> Map<String, Value> {
    let mut answers = Map::new();
    let mut statuses: Vec<_> = codes.iter().map(|code| code.row().status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let rows: Vec<_> = codes.iter().map(|code| code.row()).filter(|row| row.status == status).collect();
        let names: Vec<_> = rows.iter().map(|row| row.name).collect();
        let texts: Vec<_> = rows.iter().map(|row| format!("`{}`: {}.", row.name, row.title)).collect();
        let schema = json!({
            "allOf": [
                {"$ref": format!("#/components/schemas/{}", Document::name())},
                {"type": "object", "properties": {"code": {"enum": names}, "status": {"const": status}}},
            ],
        });
        let mut answer = json!({"description": texts.join(" "), "content": {PROBLEM_JSON: {"schema": schema}}});
        if let Some((name, description, required, kind)) = header(status) {
            answer["headers"] =
                json!({name: {"description": description, "required": required, "schema": {"type": kind}}});
        }
        answers.insert(status.to_string(), answer);
    }
    answers
}

/// The header that answers of a status have.
fn header(status: u16) -> Option<(&'static str, &'static str, bool, &'static str)> {
    match status {
        401 => Some(("WWW-Authenticate", "How to show who you are.", true, "string")),
        429 => Some(("Retry-After", "Seconds to wait, where they are known.", false, "integer")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_a_handler_names_is_in_the_table() {
        let document = serde_json::to_value(super::super::described().1).unwrap();
        let operations =
            document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
        let named: Vec<_> =
            operations.flat_map(|operation| operation[PROBLEMS].as_array().cloned().unwrap_or_default()).collect();
        assert!(named.len() > 20);
        for name in named {
            assert!(Code::named(name.as_str().unwrap()).is_some(), "{name}");
        }
    }
}
