//! Agents and applications that call as fast as they are answered: by the HTTP API, and by MCP with and without sessions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use freshdesk_simulator::Dice;
use freshdesk_tests::good;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Site, USERS, user};

/// How many call at a time, by each way.
const BY_API: usize = 20;
const BY_MCP: usize = 6;
const BY_SESSION: usize = 4;

/// Calls of a session, and of a connection.
const CALLS: usize = 25;

/// By which way somebody calls.
#[derive(Clone, Copy)]
enum Way {
    Api,
    Mcp,
    Session,
}

/// Somebody who calls.
pub(super) struct Agent {
    way: Way,
    address: String,
    token: String,
    dice: Dice,
    told: BTreeMap<String, usize>,
}

/// Calls for so long, all at once.
pub(super) async fn round(agents: &mut Vec<Agent>, time: Duration) {
    let end = Instant::now() + time;
    let mut calling = JoinSet::new();
    for mut agent in agents.drain(..) {
        calling.spawn(async move {
            while Instant::now() < end {
                agent.connection(end).await;
            }
            agent
        });
    }
    agents.extend(calling.join_all().await);
}

/// How often what was told.
pub(super) fn told(agents: &[Agent]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for (what, times) in agents.iter().flat_map(|agent| &agent.told) {
        *all.entry(what.clone()).or_default() += times;
    }
    all
}

/// What the server counts.
pub(super) async fn metrics(address: &str) -> String {
    let mut wire = Wire::connect(address).await;
    let request = Request::get("/metrics").header("host", address).body(Full::default()).unwrap();
    String::from_utf8(wire.send(request).await.into_body().to_vec()).unwrap()
}

impl Agent {
    /// All who call.
    pub(super) fn all(site: &Site) -> Vec<Self> {
        let ways = [(Way::Api, BY_API), (Way::Mcp, BY_MCP), (Way::Session, BY_SESSION)];
        let ways = ways.into_iter().flat_map(|(way, times)| std::iter::repeat_n(way, times));
        let agent = |(number, way): (usize, Way)| Self {
            way,
            address: site.address.clone(),
            token: match way {
                Way::Api => site.tenant_token.clone(),
                Way::Mcp | Way::Session => site.user_tokens[number % USERS].clone(),
            },
            dice: Dice::new(number as u64),
            told: BTreeMap::new(),
        };
        ways.enumerate().map(agent).collect()
    }

    /// Calls on one connection, some times.
    async fn connection(&mut self, end: Instant) {
        let mut wire = Wire::connect(&self.address).await;
        let session = match self.way {
            Way::Session => Some(self.begin(&mut wire).await),
            _ => None,
        };
        for _ in 0..CALLS {
            if Instant::now() >= end {
                break;
            }
            let tools = good();
            let good = &tools[self.dice.below(tools.len())];
            let tool = format!("freshdesk_{}", good.tool);
            let told = match self.way {
                Way::Api => self.by_api(&mut wire, &tool, &good.input).await,
                Way::Mcp => self.by_mcp(&mut wire, &tool, &good.input).await,
                Way::Session => {
                    let session = session.as_deref().unwrap_or_default();
                    self.by_session(&mut wire, session, &tool, &good.input).await
                }
            };
            *self.told.entry(told).or_default() += 1;
        }
        if let Some(session) = session {
            let request = self.request("DELETE", "/mcp").header("mcp-session-id", session);
            let request = request.header("mcp-protocol-version", "2025-11-25").body(Full::default()).unwrap();
            wire.send(request).await;
        }
    }

    async fn by_api(&mut self, wire: &mut Wire, tool: &str, input: &Value) -> String {
        let body = json!({"identifier": user(self.dice.below(USERS)), "tool_name": tool, "tool_input": input});
        let mut request = self.request("POST", "/v1/tools/execute");
        if self.dice.below(2) == 0 {
            request = request.header("idempotency-key", format!("\"{:016x}\"", self.dice.roll()));
        }
        let answer = wire.send(request.body(Full::from(body.to_string())).unwrap()).await;
        let code = serde_json::from_slice::<Value>(answer.body()).unwrap_or_default()["code"].clone();
        format!("api {}", code.as_str().unwrap_or(answer.status().as_str()))
    }

    async fn by_mcp(&mut self, wire: &mut Wire, tool: &str, input: &Value) -> String {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = call(&json!({"name": tool, "arguments": input, "_meta": meta}));
        let request = self.request("POST", "/mcp").header("mcp-protocol-version", "2026-07-28");
        let request = request.header("mcp-method", "tools/call").header("mcp-name", tool);
        format!("mcp {}", wire.send(request.body(body).unwrap()).await.status().as_str())
    }

    async fn by_session(&mut self, wire: &mut Wire, session: &str, tool: &str, input: &Value) -> String {
        let body = call(&json!({"name": tool, "arguments": input}));
        let request = self.request("POST", "/mcp").header("mcp-session-id", session);
        let request = request.header("mcp-protocol-version", "2025-11-25").body(body).unwrap();
        format!("session {}", wire.send(request).await.status().as_str())
    }

    /// Begins a session.
    async fn begin(&self, wire: &mut Wire) -> String {
        let info = json!({"name": "soak", "version": "1"});
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).to_string();
        let answer = wire.send(self.request("POST", "/mcp").body(Full::from(body)).unwrap()).await;
        let session = answer.headers().get("mcp-session-id").expect("there is a session");
        session.to_str().unwrap().to_owned()
    }

    fn request(&self, method: &str, path: &str) -> hyper::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("host", &self.address);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        request.header("content-type", "application/json").header("accept", "application/json, text/event-stream")
    }
}

/// A call of a tool, as MCP has it.
fn call(params: &Value) -> Full<Bytes> {
    Full::from(json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}).to_string())
}

/// A connection.
struct Wire(SendRequest<Full<Bytes>>);

impl Wire {
    async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request and reads the whole answer.
    async fn send(&mut self, request: Request<Full<Bytes>>) -> Response<Bytes> {
        self.0.ready().await.unwrap();
        let (head, body) = self.0.send_request(request).await.unwrap().into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }
}
