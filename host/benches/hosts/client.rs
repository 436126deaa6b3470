//! A program that calls tools over `/v1`, on a connection that it keeps.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use freshdesk_simulator::seed;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::office::user;

/// Longest time that a call may take, its waiting for its turn included.
const PATIENCE: Duration = Duration::from_secs(150);

/// A call of the bench, by its number: which user's it is, and what makes it another than all before.
pub(crate) type Make = fn(usize) -> Call;

/// A call.
pub(crate) struct Call {
    body: Value,
    /// The key by which a repeated call is known.
    key: Option<String>,
}

/// Reads a ticket.
pub(crate) fn read(number: usize) -> Call {
    let input = json!({"ticket_id": seed::TICKET_ID});
    Call { body: body(number, "freshdesk_ticket_get", input), key: None }
}

/// Makes a ticket, with an idempotency key.
pub(crate) fn write(number: usize) -> Call {
    let unique = format!("{}-{:x}", number, fastrand::u64(..));
    let input = json!({
        "subject": format!("Ticket {unique}"), "description": "Made by a bench.", "email": "sarah@example.com",
    });
    Call { body: body(number, "freshdesk_ticket_create", input), key: Some(unique) }
}

fn body(number: usize, tool: &str, input: Value) -> Value {
    json!({"identifier": user(number), "tool_name": tool, "tool_input": input})
}

/// Who calls one host.
pub(crate) struct Client {
    address: String,
    token: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub(crate) fn new(address: &str, token: &str) -> Self {
        Self { address: address.to_owned(), token: token.to_owned(), connection: None }
    }

    /// Makes a call. Fails unless it is answered as it has to be.
    pub(crate) async fn call(&mut self, call: &Call) -> Result<()> {
        let (status, body) = tokio::time::timeout(PATIENCE, self.post(call)).await.context("no answer in time")??;
        let text = String::from_utf8_lossy(&body);
        ensure!(status == StatusCode::OK, "{status}: {text}");
        let answer: Value = serde_json::from_slice(&body)?;
        let result = &answer["result"];
        ensure!(result["id"].is_u64() || result["ticket"]["id"].is_u64(), "it was answered {text}");
        Ok(())
    }

    async fn post(&mut self, call: &Call) -> Result<(StatusCode, Bytes)> {
        let mut connection = match self.connection.take().filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection.ready().await?;
        let mut request = Request::post("/v1/tools/execute").header(HOST, &self.address);
        request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        request = request.header(CONTENT_TYPE, "application/json");
        if let Some(key) = &call.key {
            request = request.header("Idempotency-Key", format!("\"{key}\""));
        }
        let (head, body) =
            connection.send_request(request.body(Full::from(call.body.to_string()))?).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.connection = Some(connection);
        Ok((head.status, body))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (connection, running) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(running);
        Ok(connection)
    }
}
