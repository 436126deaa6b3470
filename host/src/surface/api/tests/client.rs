//! Clients of the API, which hold each answer against the API's own description.

use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tower_service::Service;

use crate::surface::api::{described, document};

/// The API's own description, without its tools.
pub(super) static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| document::finished(&described().1, &[]));

/// A client of the API.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) router: Router,
    pub(super) headers: Vec<(String, String)>,
    pub(super) from: SocketAddr,
}

/// What it was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    pub(super) json: Value,
}

impl Client {
    /// The same client, with another header.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// A request with a body as it is. The answer is what the description says of it.
    pub(super) async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.from));
        let Ok(response) = self.router.clone().call(request).await;
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        let answer = Answer { status: head.status, headers: head.headers, text, json };
        answer.is_as_described(&method, path.split('?').next().unwrap());
        answer
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.with(CONTENT_TYPE.as_str(), "application/json").send(Method::POST, path, body.to_string().into()).await
    }

    /// Executes a tool.
    pub(super) async fn execute(&self, identifier: &str, tool: &str, input: Value) -> Answer {
        let call = json!({"identifier": identifier, "tool_name": tool, "tool_input": input});
        self.post("/v1/tools/execute", call).await
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that it succeeded, with this status.
    #[track_caller]
    pub(super) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Asserts that it is a whole problem document of this status and code.
    #[track_caller]
    pub(super) fn is_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status.as_u16(), &self.json["code"]), (status, &json!(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["type"], format!("/v1/docs#{code}"));
        assert!(self.json["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(self.json["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        self
    }

    /// The fields that its problems are about.
    pub(super) fn fields(&self) -> Vec<&str> {
        self.json["problems"].as_array().unwrap().iter().map(|problem| problem["field"].as_str().unwrap()).collect()
    }

    /// Asserts that the description of the operation has this status, and a schema that this body is valid by.
    fn is_as_described(&self, method: &Method, path: &str) {
        let Some(operation) = operation(method, path) else { return };
        if method == Method::HEAD {
            return;
        }
        let answer = &operation["responses"][self.status.as_str()];
        assert!(answer.is_object(), "{method} {path} does not say that it answers {}: {}", self.status, self.text);
        let kind = self.header("content-type").split(';').next().unwrap();
        let Some(content) = answer.get("content") else {
            return assert_eq!((kind, self.text.as_str()), ("", ""), "{method} {path}");
        };
        let schema = &content[kind]["schema"];
        assert!(schema.is_object(), "{method} {path} does not say that it answers {kind}");
        if kind.ends_with("json") {
            let schema = json!({"allOf": [schema], "components": DESCRIPTION["components"]});
            let validator = jsonschema::validator_for(&schema).unwrap();
            let errors: Vec<_> = validator.iter_errors(&self.json).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{method} {path}: {errors:?} in {}", self.text);
        }
    }
}

/// The operation that the description has for a path.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let parts: Vec<_> = path.split('/').collect();
    let fits = |described: &str| {
        let described: Vec<_> = described.split('/').collect();
        described.len() == parts.len()
            && described.iter().zip(&parts).all(|(one, part)| one == part || (one.starts_with('{') && !part.is_empty()))
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    // What is written out goes before what has a name in braces.
    let found =
        paths.iter().filter(|(described, _)| fits(described)).min_by_key(|(described, _)| described.contains('{'));
    found.and_then(|(_, item)| item.get(method.as_str().to_lowercase()))
}
