//! A tenant's server, to which webhooks are posted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::office::wait_for;

/// A server on this machine that takes all that is posted to it.
pub(crate) struct Receiver {
    /// Where it is.
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Delivery>>>,
}

/// One webhook as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The head, as text.
    pub(crate) head: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Receiver {
    /// Starts one; it ends with the process.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&got);
        std::thread::spawn(move || {
            // What is not whole, as of a host that was killed, is none.
            let deliveries = listener.incoming().filter_map(|stream| take(stream.ok()?));
            deliveries.for_each(|delivery| taken.lock().unwrap().push(delivery));
        });
        Self { url, got }
    }

    /// What arrived so far.
    pub(crate) fn got(&self) -> Vec<Delivery> {
        self.got.lock().unwrap().clone()
    }

    /// Waits for the event that a user's account went from one state to another.
    pub(crate) fn await_event(&self, identifier: &str, old_state: &str, new_state: &str) -> Delivery {
        let is_it = |event: &Value| {
            let data = &event["data"];
            data["identifier"] == identifier && data["old_state"] == old_state && data["new_state"] == new_state
        };
        let find = || self.got().into_iter().find(|delivery| is_it(&delivery.json()));
        wait_for(&format!("the event that {identifier} is {new_state}"), || find().is_some());
        find().unwrap()
    }
}

impl Delivery {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts that the library of the scheme accepts the signature by this key.
    pub(crate) fn is_signed_by(&self, key: &str) {
        Webhook::new(key).unwrap().verify(&self.body, &self.headers).unwrap();
    }
}

/// Reads one request whole, and answers that it was taken.
fn take(stream: TcpStream) -> Option<Delivery> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let headers: HeaderMap = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter_map(|(name, value)| Some((name.parse::<HeaderName>().ok()?, value.parse::<HeaderValue>().ok()?)))
        .collect();
    let length = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    (&stream).write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").ok()?;
    Some(Delivery { head, headers, body })
}
