//! A client that speaks JSON-RPC as it is, over either transport.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tower_service::Service;

/// A client of one revision.
pub(super) struct Client {
    pub(super) wire: Wire,
    pub(super) revision: &'static str,
    can: Value,
    next: u64,
    /// Notifications that came in.
    pub(super) notes: Vec<Value>,
}

/// How it reaches the server.
pub(super) enum Wire {
    Web(Web),
    Line { input: WriteHalf<DuplexStream>, output: BufReader<ReadHalf<DuplexStream>> },
}

/// Over HTTP.
#[derive(Clone)]
pub(super) struct Web {
    pub(super) router: Router,
    pub(super) token: Option<String>,
    pub(super) session: Option<String>,
    /// Headers that are sent instead of the usual ones; an empty one is left out.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) from: SocketAddr,
}

/// What came back over HTTP.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Client {
    pub(super) fn web(router: Router, token: Option<String>, revision: &'static str, can: Value) -> Self {
        let from = ([192, 0, 2, 1], 4711).into();
        let web = Web { router, token, session: None, headers: Vec::new(), from };
        Self { wire: Wire::Web(web), revision, can, next: 0, notes: Vec::new() }
    }

    pub(super) fn line(stream: DuplexStream, revision: &'static str, can: Value) -> Self {
        let (output, input) = tokio::io::split(stream);
        let wire = Wire::Line { input, output: BufReader::new(output) };
        Self { wire, revision, can, next: 0, notes: Vec::new() }
    }

    /// Shakes hands, where the revision has that.
    pub(super) async fn begun(mut self) -> Self {
        if !self.stands_alone() {
            let info = json!({"name": "test", "version": "1"});
            let params = json!({"protocolVersion": self.revision, "capabilities": self.can, "clientInfo": info});
            let begun = self.ask("initialize", params).await;
            assert_eq!(begun["result"]["protocolVersion"], self.revision, "{begun}");
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        }
        self
    }

    /// Whether each of its requests says everything by itself.
    pub(super) fn stands_alone(&self) -> bool {
        self.revision >= "2026-07-28"
    }

    /// The HTTP client that it is.
    pub(super) fn http(&mut self) -> &mut Web {
        match &mut self.wire {
            Wire::Web(web) => web,
            Wire::Line { .. } => panic!("this client is no HTTP client"),
        }
    }

    /// A request with the next id.
    pub(super) fn request(&mut self, method: &str, mut params: Value) -> Value {
        self.next += 1;
        if self.stands_alone() {
            let meta = params["_meta"].take();
            let mut all = json!({
                "io.modelcontextprotocol/protocolVersion": self.revision,
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": self.can,
            });
            for (name, value) in meta.as_object().into_iter().flatten() {
                all[name] = value.clone();
            }
            params["_meta"] = all;
        }
        json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params})
    }

    /// What is answered to a request.
    pub(super) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let request = self.request(method, params);
        self.send(request.clone()).await;
        self.answer(&request).await
    }

    /// What a tool's call comes to: a result, or an error of the protocol.
    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_ne!(answer.get("result").is_some(), answer.get("error").is_some(), "{answer}");
        answer
    }

    /// Sends a message. Over HTTP, what comes back is taken in.
    pub(super) async fn send(&mut self, message: Value) {
        match &mut self.wire {
            Wire::Web(web) => {
                let answer = web.post(&message, self.revision).await;
                web.session = answer.header("mcp-session-id").map(str::to_owned).or(web.session.take());
                self.notes.extend(answer.messages());
            }
            Wire::Line { input, .. } => {
                input.write_all(format!("{message}\n").as_bytes()).await.unwrap();
            }
        }
    }

    /// The answer to a request that was sent.
    pub(super) async fn answer(&mut self, request: &Value) -> Value {
        loop {
            if let Some(at) = self.notes.iter().position(|note| note["id"] == request["id"]) {
                return self.notes.remove(at);
            }
            let Wire::Line { output, .. } = &mut self.wire else { panic!("no answer among {:?}", self.notes) };
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).await.unwrap(), 0, "the server ended");
            self.notes.push(serde_json::from_str(&line).unwrap_or_else(|why| panic!("{line:?}: {why}")));
        }
    }
}

impl Web {
    /// The request for a message.
    pub(super) fn request(&self, message: &Value, revision: &str) -> Request<Body> {
        let mut headers = vec![
            ("host", "127.0.0.1:8080".to_owned()),
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
        ];
        headers.extend(self.token.iter().map(|token| ("authorization", format!("Bearer {token}"))));
        headers.extend(self.session.iter().map(|session| ("mcp-session-id", session.clone())));
        if revision >= "2025-06-18" && message["method"] != "initialize" {
            headers.push(("mcp-protocol-version", revision.to_owned()));
        }
        if revision >= "2026-07-28" {
            headers.push(("mcp-method", message["method"].as_str().unwrap_or_default().to_owned()));
            headers.extend(message["params"]["name"].as_str().map(|name| ("mcp-name", name.to_owned())));
        }
        headers.retain(|(name, _)| self.headers.iter().all(|(own, _)| own != name));
        headers.extend(self.headers.iter().filter(|(_, value)| !value.is_empty()).cloned());
        let mut request = Request::builder().method(Method::POST).uri("/mcp");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(message.to_string())).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.from));
        request
    }

    /// Sends a request as it is.
    pub(super) async fn raw(&self, request: Request<Body>) -> Response {
        let Ok(response) = self.router.clone().call(request).await;
        response
    }

    /// Posts a message, and reads what comes back to its end.
    pub(super) async fn post(&self, message: &Value, revision: &str) -> Answer {
        Answer::read(self.raw(self.request(message, revision)).await).await
    }
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: head.status, headers: head.headers, text }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The messages in it.
    pub(super) fn messages(&self) -> Vec<Value> {
        match self.header("content-type") {
            Some("text/event-stream") => events(&self.text),
            Some("application/json") => vec![serde_json::from_str(&self.text).unwrap()],
            _ => Vec::new(),
        }
    }
}

/// The messages in a part of an event stream.
pub(super) fn events(text: &str) -> Vec<Value> {
    let data =
        text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim).filter(|data| !data.is_empty());
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}
