//! Takes parameters and bodies, as their schemas say. All that is wrong with one is told together.

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use http::request::Parts;
use http::{HeaderMap, Uri};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, PartialSchema};

use super::check;
use super::code::Code;
use super::problem::Problem;
use crate::surface::whole::{self, Unread};

/// Longest body, in bytes: as long as the longest request to Freshdesk.
const LONGEST: usize = 1 << 20;

/// Parameters of the path, of the query, or of the headers: of one of them.
pub(super) struct Given<T>(pub(super) T);

/// A body of JSON.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: IntoParams + DeserializeOwned> FromRequestParts<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = T::into_params(|| None);
        let given = match parameters.first().map(|parameter| &parameter.parameter_in) {
            Some(ParameterIn::Query) => of_query(&parts.uri),
            Some(ParameterIn::Header) => of_headers(&parts.headers, &parameters)?,
            _ => of_path(parts, state).await?,
        };
        let schema = object(&parameters);
        let mut fields = Map::new();
        for (name, text) in given {
            let value = typed(&schema["properties"][&name], text);
            if fields.insert(name.clone(), value).is_some() {
                return Err(Problem::invalid_field(&name, "is given more than once"));
            }
        }
        read(&schema, Value::Object(fields)).map(Self)
    }
}

impl<S: Send + Sync, T: PartialSchema + DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        if !whole::is_of(&head.headers, "application/json") {
            return Err(Problem::of(Code::UnsupportedMediaType));
        }
        let text = whole::read(&head.headers, body, LONGEST).await.map_err(|why| match why {
            Unread::TooLarge => Problem::of(Code::TooLarge),
            Unread::TooSlow => Problem::of(Code::TooSlow),
            Unread::Broken => Problem::invalid_field("", "the body broke off"),
        })?;
        let value = serde_json::from_slice(&text);
        let value = value.map_err(|why| Problem::invalid_field("", format!("the body is no JSON: {why}")))?;
        read(&serde_json::to_value(T::schema()).unwrap_or_default(), value).map(Self)
    }
}

/// Reads a value that is as its schema says.
fn read<T: DeserializeOwned>(schema: &Value, mut value: Value) -> Result<T, Problem> {
    let problems = check::problems(schema, &mut value);
    if !problems.is_empty() {
        return Err(Problem::invalid(&problems));
    }
    serde_json::from_value(value).map_err(|why| Problem::invalid_field("", why.to_string()))
}

/// The schema of an object that has these parameters, and no others.
fn object(parameters: &[Parameter]) -> Value {
    let required = parameters.iter().filter(|parameter| parameter.required == utoipa::openapi::Required::True);
    let required: Vec<_> = required.map(|parameter| parameter.name.as_str()).collect();
    let properties = parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), serde_json::to_value(&parameter.schema).unwrap_or_default()));
    let properties: Map<_, _> = properties.collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// What a text stands for: a number where the schema wants one and the text is one.
fn typed(schema: &Value, text: String) -> Value {
    let number = if schema["type"] == "integer" { text.parse::<i64>().ok() } else { None };
    number.map_or(Value::String(text), Value::from)
}

async fn of_path<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<(String, String)>, Problem> {
    let given = RawPathParams::from_request_parts(parts, state).await;
    let given = given.map_err(|_| Problem::invalid_field("", "the path is to be percent-encoded UTF-8"))?;
    Ok(given.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn of_query(uri: &Uri) -> Vec<(String, String)> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The named headers alone; others are none of the API's business.
fn of_headers(headers: &HeaderMap, parameters: &[Parameter]) -> Result<Vec<(String, String)>, Problem> {
    let mut given = Vec::new();
    for name in parameters.iter().map(|parameter| &parameter.name) {
        for value in headers.get_all(name) {
            let value = value.to_str();
            let value = value.map_err(|_| Problem::invalid_field(name, "is to be of visible ASCII characters"))?;
            given.push((name.clone(), value.to_owned()));
        }
    }
    Ok(given)
}
