//! A client that says what becomes of its request, also where a host ends under it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

/// The longest time for an answer.
const LONGEST: Duration = Duration::from_secs(60);

/// An answer that is whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

/// Asks a host at `http://ADDRESS`, on a connection of its own, by a token if there is one.
pub(crate) fn ask(
    url: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let server = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(LONGEST))?;
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n{token}\
         content-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Answer::read(&String::from_utf8_lossy(&answer)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Runs a tool for a user by the HTTP API of a host; with a key, once.
pub(crate) fn execute(
    url: &str,
    token: &str,
    identifier: &str,
    tool: &str,
    input: &Value,
    once: Option<&str>,
) -> io::Result<Answer> {
    let body = json!({"identifier": identifier, "tool_name": tool, "tool_input": input});
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(once.map(|key| ("idempotency-key", key)));
    ask(url, "POST", "/v1/tools/execute", Some(token), &headers, &body.to_string())
}

impl Answer {
    /// None for what is not whole.
    fn read(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let answer = Self { status: head.get(9..12)?.parse().ok()?, head: head.to_owned(), body: body.to_owned() };
        let whole = match (answer.header("content-length"), answer.header("transfer-encoding")) {
            (Some(length), _) => body.len() >= length.parse().ok()?,
            (None, Some(_)) => body.ends_with("0\r\n\r\n"),
            (None, None) => true,
        };
        whole.then_some(answer)
    }

    /// A header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// Its JSON, alone or as the one message of a stream.
    pub(crate) fn json(&self) -> Value {
        let text = self.body.lines().find_map(|line| line.strip_prefix("data: {"));
        let text = text.map_or_else(|| self.body.clone(), |rest| format!("{{{rest}"));
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// The code of a problem, where it is one.
    pub(crate) fn code(&self) -> String {
        if self.status < 400 {
            return String::new();
        }
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}
