//! The plainest HTTP: a client without a browser, as mail scanners are, and a site of somebody else's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest time that anything here waits for the other side.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back, with header names in lower case.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    /// The first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }
}

/// Sends one request to `http://HOST:PORT/…`, on a connection of its own.
pub(super) fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let rest = url.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head =
        format!("{method} /{path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    stream.write_all(format!("{head}{headers}\r\n{body}").as_bytes()).unwrap();
    read(BufReader::new(stream), method == "HEAD")
}

/// Reads an answer, to its end or as far as it says: browsers' drivers do not hang up.
fn read(mut stream: impl BufRead, bodiless: bool) -> Answer {
    let mut lines = (&mut stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| {
        line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let mut answer = Answer { status, headers: headers.collect(), body: String::new() };
    let length = answer.header("content-length").map_or(u64::MAX, |length| length.parse().unwrap());
    stream.take(if bodiless { 0 } else { length }).read_to_string(&mut answer.body).unwrap();
    answer
}

/// Fetches an address.
pub(super) fn get(url: &str) -> Answer {
    request("GET", url, &[], "")
}

/// A site that shows one page at all of its addresses, until it is dropped. It can be reached as 127.0.0.1, which for a
/// browser is the same site as the host, and as localhost, which is another one.
pub(super) struct Site {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
}

impl Site {
    /// A site with this body of a page.
    pub(super) fn open(body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let page = format!("<!doctype html><title>Elsewhere</title>{body}");
        let shared = (Arc::clone(&seen), Arc::clone(&over));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.1.load(Ordering::Relaxed) {
                    return;
                }
                let (page, seen) = (page.clone(), Arc::clone(&shared.0));
                std::thread::spawn(move || answer(&stream, &page, &seen));
            }
        });
        Self { port, seen, over }
    }

    /// An address of it: of the host's own site, or of another.
    pub(super) fn url(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.port)
    }

    /// The heads of the requests for addresses that begin like this.
    pub(super) fn seen(&self, path: &str) -> Vec<String> {
        let begin = format!("GET {path}");
        self.seen.lock().unwrap().iter().filter(|head| head.starts_with(&begin)).cloned().collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Reads a head and answers it. Browsers open connections that they do not use; those end in silence.
fn answer(stream: &TcpStream, page: &str, seen: &Mutex<Vec<String>>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let head = lines.collect::<Vec<_>>().join("\n");
    if head.is_empty() {
        return;
    }
    seen.lock().unwrap().push(head);
    let kind = "content-type: text/html; charset=utf-8";
    let text =
        format!("HTTP/1.1 200 OK\r\n{kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}", page.len());
    let mut stream = stream;
    let _ = stream.write_all(text.as_bytes());
}
