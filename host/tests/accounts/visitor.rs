//! A user with a browser, as far as the page needs one: it keeps cookies, fills in forms and goes where it is sent.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use form_urlencoded::Serializer;

/// A browser. Calls wait for their answer, and fail when the host ends before it is whole.
#[derive(Clone)]
pub(crate) struct Visitor {
    /// Host and port.
    server: String,
    cookies: BTreeMap<String, String>,
    /// The pages that arrived, without their heads.
    pub(crate) seen: String,
}

/// A page, or what stands in its place.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The status.
    pub(crate) status: u16,
    /// Where it was found.
    pub(crate) path: String,
    /// Where the browser is sent to.
    pub(crate) location: Option<String>,
    /// The body.
    pub(crate) text: String,
}

impl Visitor {
    /// A browser that knows nothing yet, at this server: `http://127.0.0.1:PORT`.
    pub(crate) fn at(url: &str) -> Self {
        let server = url.strip_prefix("http://").unwrap().to_owned();
        Self { server, cookies: BTreeMap::new(), seen: String::new() }
    }

    /// The same browser, once the host has started again elsewhere.
    pub(crate) fn moved(self, url: &str) -> Self {
        Self { server: Self::at(url).server, ..self }
    }

    /// Opens a link, and arrives at the form.
    pub(crate) fn open(&mut self, link: &str) -> io::Result<Page> {
        let path = &link[link.find("/connect/").unwrap()..];
        self.get(path)
    }

    /// Loads a page, and follows where it leads.
    pub(crate) fn get(&mut self, path: &str) -> io::Result<Page> {
        let page = self.exchange("GET", path, "")?;
        self.follow(page)
    }

    /// Gives helpdesk and key at the form.
    pub(crate) fn offer(&mut self, form: &Page, key: &str) -> io::Result<Page> {
        self.submit(form, &[("helpdesk", "acme.freshdesk.com"), ("key", key)])
    }

    /// Presses the button of a page, and follows where it leads on this server.
    pub(crate) fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> io::Result<Page> {
        let (action, hidden) = page.form();
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = Serializer::new(String::new()).extend_pairs(hidden.chain(fields.iter().copied())).finish();
        let page = self.exchange("POST", &action, &body)?;
        self.follow(page)
    }

    fn follow(&mut self, mut page: Page) -> io::Result<Page> {
        while let Some(next) = page.location.clone().filter(|next| next.starts_with('/')) {
            page = self.exchange("GET", &next, "")?;
        }
        Ok(page)
    }

    /// One request and its whole answer.
    fn exchange(&mut self, method: &str, path: &str, body: &str) -> io::Result<Page> {
        let mut stream = TcpStream::connect(&self.server)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.server);
        head += &format!("sec-fetch-site: same-origin\r\ncookie: {}\r\n", cookies.join("; "));
        if method == "POST" {
            head += &format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", body.len());
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let page = self.read(path, &String::from_utf8_lossy(&answer)).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.seen += &page.text;
        Ok(page)
    }

    /// Reads an answer and keeps its cookies; none when it is not whole.
    fn read(&mut self, path: &str, answer: &str) -> Option<Page> {
        let (head, text) = answer.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).map(|(n, v)| (n, v.trim())).collect();
        let header = |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, v)| *v);
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if text.len() < length {
            return None;
        }
        for (_, cookie) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let (name, value) = cookie.split(';').next()?.split_once('=')?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = header("location").map(str::to_owned);
        Some(Page { status, path: path.to_owned(), location, text: text.to_owned() })
    }
}

impl Page {
    /// The form: where it goes, and what it carries along.
    fn form(&self) -> (String, Vec<(String, String)>) {
        let action =
            between(&self.text, "<form method=\"post\" action=\"", "\"").unwrap_or_else(|| panic!("no form: {self:?}"));
        let inputs = self.text.split("<input type=\"hidden\" ").skip(1);
        let hidden = inputs.map(|input| {
            let value = |name: &str| between(input, &format!("{name}=\""), "\"").unwrap().to_owned();
            (value("name"), value("value"))
        });
        (action.to_owned(), hidden.collect())
    }

    /// Whether this is the page that asks for the confirmation.
    pub(crate) fn asks_to_confirm(&self) -> bool {
        self.status == 200 && self.path.ends_with("/confirm")
    }

    /// Whether this is the page that says that the account is connected.
    pub(crate) fn says_connected(&self) -> bool {
        self.status == 200 && self.path.ends_with("/done")
    }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &text[text.find(before)? + before.len()..];
    Some(&rest[..rest.find(after)?])
}
