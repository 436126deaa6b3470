//! The page that people read: the OpenAPI description and the table of codes, in plain HTML. What it shows comes from the
//! handlers, so that the page and the description never differ.

mod told;

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use tracing::error;

use super::Api;
use super::code::Code;
use crate::surface::headers::FOR_EVER;
use crate::surface::page::{ICON_PATH, STYLE_PATH as LOOK, hash};
use told::{Field, Piece, Prose, curl, fields, kind, prose, text};

/// What the page has beside the style of all pages.
const STYLE: &str = include_str!("../../../../templates/api.css");

/// Where that is, by what is in it.
pub(super) static STYLE_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/v1/docs/style-{}.css", hash(STYLE.as_bytes())));

/// The page.
#[derive(Template)]
#[template(path = "api.html")]
struct Docs<'a> {
    look: &'a str,
    style: &'a str,
    icon: &'a str,
    title: &'a str,
    version: &'a str,
    about: Vec<Prose>,
    groups: Vec<Group<'a>>,
    codes: Vec<Entry>,
}

/// Operations about one thing.
struct Group<'a> {
    name: &'a str,
    about: Vec<Prose>,
    operations: Vec<Operation<'a>>,
}

/// An operation.
struct Operation<'a> {
    id: &'a str,
    method: String,
    path: &'a str,
    summary: &'a str,
    about: Vec<Prose>,
    parameters: Vec<Field>,
    body: Vec<Field>,
    curl: String,
    answers: Vec<Field>,
    /// The fields of what it answers when it succeeds.
    fields: Vec<Field>,
}

/// A code, and what it means.
struct Entry {
    name: &'static str,
    status: u16,
    title: &'static str,
    advice: Vec<Prose>,
}

/// Read the OpenAPI description
///
/// OpenAPI 3.1, made of the handlers themselves.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "description",
    operation_id = "openapi",
    security(()),
    responses((status = 200, description = "The description.", body = Object, content_type = "application/json")),
)]
pub(super) async fn description(State(api): State<Arc<Api>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], api.document.clone()).into_response()
}

/// Read this page
///
/// The same for people, with the table of codes.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "description",
    operation_id = "docs",
    security(()),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
pub(super) async fn docs(State(api): State<Arc<Api>>) -> Html<String> {
    Html(api.docs.clone())
}

/// The page's own style.
pub(super) async fn style() -> Response {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")), (CACHE_CONTROL, FOR_EVER)];
    (headers, STYLE).into_response()
}

/// The page of a finished description.
pub(super) fn page(document: &Value) -> String {
    let tags = document["tags"].as_array().into_iter().flatten();
    let docs = Docs {
        look: &LOOK,
        style: &STYLE_PATH,
        icon: &ICON_PATH,
        title: text(&document["info"]["title"]),
        version: text(&document["info"]["version"]),
        about: prose(text(&document["info"]["description"])),
        groups: tags.map(|tag| group(document, tag)).collect(),
        codes: Code::ALL.into_iter().map(entry).collect(),
    };
    docs.render().unwrap_or_else(|reason| {
        error!(%reason, "the page of the API cannot be written");
        String::new()
    })
}

fn group<'a>(document: &'a Value, tag: &'a Value) -> Group<'a> {
    let name = text(&tag["name"]);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let own = item.as_object().into_iter().flatten().filter(|(_, operation)| operation["tags"][0] == name);
        let mut own: Vec<_> = own.collect();
        // What makes something comes first.
        own.sort_by_key(|(method, _)| *method != "post");
        operations.extend(own.into_iter().map(|(method, operation)| one(document, path, method, operation)));
    }
    Group { name, about: prose(text(&tag["description"])), operations }
}

fn one<'a>(document: &'a Value, path: &'a str, method: &str, operation: &'a Value) -> Operation<'a> {
    let body = &operation["requestBody"]["content"]["application/json"];
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let answers = operation["responses"].as_object().into_iter().flatten();
    let success = answers.clone().find(|(status, _)| status.starts_with('2'));
    let success = success.map(|(_, answer)| &answer["content"]["application/json"]["schema"]);
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path,
        summary: text(&operation["summary"]),
        about: prose(text(&operation["description"])),
        parameters: parameters.map(|parameter| parameter_of(document, parameter)).collect(),
        body: fields(document, &body["schema"]),
        curl: curl(path, method, operation, &body["example"]),
        answers: answers.map(|(status, answer)| answer_of(status, answer)).collect(),
        fields: success.map(|schema| fields(document, schema)).unwrap_or_default(),
    }
}

fn parameter_of(document: &Value, parameter: &Value) -> Field {
    let optional = if parameter["required"] == true { "" } else { ", optional" };
    let kind = format!("{}, {}{optional}", text(&parameter["in"]), kind(document, &parameter["schema"]));
    Field { name: text(&parameter["name"]).to_owned(), kind, about: prose(text(&parameter["description"])) }
}

fn answer_of(status: &str, answer: &Value) -> Field {
    Field { name: status.to_owned(), kind: String::new(), about: prose(text(&answer["description"])) }
}

fn entry(code: Code) -> Entry {
    let row = code.row();
    Entry { name: row.name, status: row.status, title: row.title, advice: prose(row.advice) }
}

/// Whether a piece of code is a code of the table, to which it can lead.
fn is_code(piece: &str) -> bool {
    Code::named(piece).is_some()
}
