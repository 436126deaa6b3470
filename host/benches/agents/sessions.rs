//! A thousand sessions of MCP at once, each on a connection of its own: all connect, and then all begin at the same time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::common::command::Operator;
use crate::common::figures::{Bar, Figures};
use crate::common::simulator::Simulator;
use crate::process::{most_resident, percentile};
use crate::start::{about, discover, initialize};

/// Sessions at once, and the users that they are of: an account has some calls running at a time, and no more.
const SESSIONS: usize = 1000;
const USERS: usize = 20;

/// Longest time that a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

const TOOL: &str = "freshdesk_tickets_list";

/// How a session goes, by the revision of MCP.
#[derive(Clone, Copy)]
enum Revision {
    /// With `initialize` and a session that the server knows.
    Old,
    /// With every request for itself.
    New,
}

pub(crate) fn measure((): &(), figures: &mut Figures) -> Result<()> {
    let simulator = Simulator::start()?;
    let operator = Operator::begin(simulator.introduction(), None)?;
    let token = |number: usize| {
        let user = format!("user-{number}");
        operator.connect(&user)?;
        operator.token(Some(&user))
    };
    let tokens: Vec<_> = (0..USERS).map(token).collect::<Result<_>>()?;
    let server = operator.serve("host", &[])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for (name, revision) in [("2025-11-25", Revision::Old), ("2026-07-28", Revision::New)] {
        let once = runtime.block_on(sessions(&server.address, &tokens[..1], 1, revision))?;
        ensure!(once.errors.is_empty(), "one session alone fails: {:?}", once.errors);
        let all = runtime.block_on(sessions(&server.address, &tokens, SESSIONS, revision))?;
        all.errors.iter().take(3).for_each(|error| eprintln!("  {error}"));
        let figure = format!("{SESSIONS} sessions of {name} at once, each lists tickets: errors");
        figures.hold(&figure, all.errors.len() as f64, "", Bar::AtMost(0.0));
        figures.tell("  all are done after", all.took.as_secs_f64(), "s");
        figures.tell("  a session, p50", percentile(&all.times, 0.5), "s");
        figures.tell("  p95", percentile(&all.times, 0.95), "s");
    }
    figures.tell("most memory resident of the server", most_resident(server.id())? / f64::from(1 << 20), "MiB");
    Ok(())
}

/// What became of sessions.
struct Done {
    took: Duration,
    /// Seconds that each session took that went well, sorted.
    times: Vec<f64>,
    errors: Vec<String>,
}

async fn sessions(address: &str, tokens: &[String], number: usize, revision: Revision) -> Result<Done> {
    let start = Arc::new(Barrier::new(number + 1));
    let mut all = JoinSet::new();
    for session in 0..number {
        let (start, address) = (Arc::clone(&start), address.to_owned());
        let token = tokens[session % tokens.len()].clone();
        all.spawn(async move {
            let connected = Client::connect(&address, &token).await;
            start.wait().await;
            let began = Instant::now();
            connected?.session(revision).await?;
            Ok::<_, anyhow::Error>(began.elapsed().as_secs_f64())
        });
    }
    start.wait().await;
    let began = Instant::now();
    let (mut times, mut errors) = (Vec::new(), Vec::new());
    while let Some(done) = all.join_next().await {
        match done? {
            Ok(time) => times.push(time),
            Err(error) => errors.push(format!("{error:#}")),
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(Done { took: began.elapsed(), times, errors })
}

/// An agent's connection.
struct Client {
    connection: SendRequest<Full<Bytes>>,
    headers: HeaderMap,
}

impl Client {
    async fn connect(address: &str, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (connection, running) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(running);
        let mut headers = HeaderMap::new();
        headers.insert(HOST, address.parse()?);
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        Ok(Self { connection, headers })
    }

    async fn session(mut self, revision: Revision) -> Result<()> {
        match revision {
            Revision::Old => {
                let (head, answer) = self.ask(&initialize()).await.context("initialize")?;
                ensure!(answer["result"]["protocolVersion"] == "2025-11-25", "initialize was answered {answer}");
                self.header("mcp-protocol-version", "2025-11-25")?;
                if let Some(session) = head.get("mcp-session-id") {
                    self.headers.insert(HeaderName::from_static("mcp-session-id"), session.clone());
                }
                let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
                let (status, ..) = self.post(&ready).await.context("initialized")?;
                ensure!(status == StatusCode::ACCEPTED, "initialized was answered {status}");
                self.list(json!({"name": TOOL, "arguments": {}})).await
            }
            Revision::New => {
                self.header("mcp-protocol-version", "2026-07-28")?;
                self.header("mcp-method", "server/discover")?;
                let (_, answer) = self.ask(&discover()).await.context("server/discover")?;
                ensure!(answer["result"]["capabilities"].is_object(), "server/discover was answered {answer}");
                self.header("mcp-method", "tools/call")?;
                self.header("mcp-name", TOOL)?;
                self.list(json!({"name": TOOL, "arguments": {}, "_meta": about()})).await
            }
        }
    }

    fn header(&mut self, name: &'static str, value: &'static str) -> Result<()> {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        Ok(())
    }

    /// Lists tickets.
    async fn list(&mut self, params: Value) -> Result<()> {
        let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params});
        let (_, answer) = self.ask(&call).await.context("tools/call")?;
        let tickets = answer["result"]["structuredContent"]["tickets"].as_array();
        ensure!(tickets.is_some_and(|tickets| !tickets.is_empty()), "tools/call was answered {answer}");
        Ok(())
    }

    /// Sends a request, and reads its answer.
    async fn ask(&mut self, message: &Value) -> Result<(HeaderMap, Value)> {
        let (status, head, body) = self.post(message).await?;
        ensure!(status == StatusCode::OK, "{status}: {body}");
        let answer = match head.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) {
            Some(kind) if kind.starts_with("text/event-stream") => {
                let data = body.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?).ok());
                let mut answers = data.filter(|event: &Value| event["id"] == message["id"]);
                answers.next().with_context(|| format!("there is no answer in {body:?}"))?
            }
            Some(_) => serde_json::from_str(&body)?,
            None => bail!("it answered nothing"),
        };
        Ok((head, answer))
    }

    async fn post(&mut self, message: &Value) -> Result<(StatusCode, HeaderMap, String)> {
        let mut request = Request::post("/mcp").body(Full::from(message.to_string()))?;
        request.headers_mut().clone_from(&self.headers);
        let connection = &mut self.connection;
        let exchange = async move {
            connection.ready().await?;
            let (head, body) = connection.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>((head.status, head.headers, body.collect().await?.to_bytes()))
        };
        let (status, headers, body) = tokio::time::timeout(PATIENCE, exchange).await.context("no answer in time")??;
        Ok((status, headers, String::from_utf8_lossy(&body).into_owned()))
    }
}
