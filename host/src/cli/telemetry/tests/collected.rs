//! A collector that keeps what it is sent.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A collector on this machine, on threads of its own.
pub(crate) struct Collector {
    address: SocketAddr,
    sent: Arc<Mutex<Sent>>,
}

/// Heads and bodies of requests.
#[derive(Clone, Default)]
struct Sent {
    heads: String,
    bodies: Vec<Vec<u8>>,
}

/// What a collector was sent.
pub(crate) struct Collected {
    pub(crate) heads: String,
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) spans: Vec<Span>,
}

/// A span, as far as tests look at it.
#[derive(Debug, Default)]
pub(crate) struct Span {
    pub(crate) trace: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) parent: Vec<u8>,
    pub(crate) name: String,
    pub(crate) said: BTreeMap<String, String>,
    pub(crate) events: usize,
}

impl Collector {
    /// One that answers with this status, and this header.
    pub(crate) fn start(status: &'static str, header: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, sent) = (listener.local_addr().unwrap(), Arc::default());
        let (kept, answer) = (Arc::clone(&sent), format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, answer) = (Arc::clone(&kept), answer.clone());
                std::thread::spawn(move || serve(&stream.unwrap(), &kept, &answer));
            }
        });
        Self { address, sent }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn collected(&self) -> Collected {
        let Sent { heads, bodies } = self.sent.lock().unwrap().clone();
        // Of the request its resources' spans, of these the scopes', of these the spans themselves.
        let spans = bodies.iter().flat_map(|body| of(body, 1)).flat_map(|resource| of(resource, 2));
        let spans = spans.flat_map(|scope| of(scope, 2)).map(Span::read).collect();
        Collected { heads, bodies, spans }
    }
}

/// Answers requests on a connection until it ends.
fn serve(stream: &TcpStream, kept: &Mutex<Sent>, answer: &str) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let before = head.len();
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = head[before..].to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut sent = kept.lock().unwrap();
        sent.heads += &head;
        sent.bodies.push(body);
        drop(sent);
        let mut to = stream;
        to.write_all(answer.as_bytes()).unwrap();
    }
}

impl Collected {
    /// All that was sent, as far as it is text.
    pub(crate) fn text(&self) -> String {
        self.bodies.iter().map(|body| String::from_utf8_lossy(body)).collect()
    }
}

impl Span {
    fn read(bytes: &[u8]) -> Self {
        let one = |number| of(bytes, number).first().map(|bytes| bytes.to_vec()).unwrap_or_default();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let said = of(bytes, 9).into_iter().map(|pair| {
            // A value is a text or, for a number, something else.
            let value =
                of(pair, 2).first().map(|value| of(value, 1).first().map(|value| text(value)).unwrap_or_default());
            (text(of(pair, 1)[0]), value.unwrap_or_default())
        });
        let (trace, id, parent, name) = (one(1), one(2), one(4), text(&one(5)));
        Self { trace, id, parent, name, said: said.collect(), events: of(bytes, 11).len() }
    }
}

/// The fields of this number in a message of Protocol Buffers that are messages, texts or bytes.
fn of(message: &[u8], number: u64) -> Vec<&[u8]> {
    let (mut rest, mut found) = (message, Vec::new());
    while !rest.is_empty() {
        let key = varint(&mut rest);
        let length = match key & 7 {
            0 => {
                varint(&mut rest);
                0
            }
            1 => 8,
            2 => varint(&mut rest) as usize,
            5 => 4,
            kind => panic!("there is no kind {kind}"),
        };
        let (field, after) = rest.split_at(length);
        if key & 7 == 2 && key >> 3 == number {
            found.push(field);
        }
        rest = after;
    }
    found
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first().unwrap();
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}
