//! What a browser keeps of a link while it is used: its token, a number of its own, and whose key it gave; afterwards,
//! what came of it.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use serde_json::{Value, json};

use super::guard::{self, Key};

/// How long a browser keeps a link, in seconds: longer than it is good for, so that a page that was left open says so.
const KEPT: u32 = 3600;

/// How long it keeps what came of one, in seconds: for going back and loading again.
const KEPT_DONE: u32 = 300;

/// Longest value: what comes with a request must fit into its header, whatever else the browser keeps.
const LONGEST: usize = 1024;

/// Longest name, in characters, where the whole is too long.
const SHORT: usize = 40;

/// A browser that uses a link.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Session {
    /// The link's token.
    pub(super) token: String,
    /// What this browser alone knows.
    pub(super) nonce: String,
    /// Shows whose key this browser gave, since whoever else has the link may use it in theirs.
    pub(super) offered: Option<String>,
    /// Whether the cookie it came in is for TLS alone.
    pub(super) secure: bool,
}

/// What came of a link, for the page that says so: the link itself is not asked again, since that would be an alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// Whether the account is connected; otherwise its tenant has to confirm.
    pub(super) connected: bool,
    /// The tenant's name, and the addresses of its logo and colour.
    pub(super) app: String,
    pub(super) logo: Option<String>,
    pub(super) colour: Option<String>,
    /// Who was connected, and where.
    pub(super) person: String,
    pub(super) helpdesk: String,
    /// Where the browser was sent, for a user who did not arrive.
    pub(super) back: Option<String>,
}

/// What a browser brings.
pub(super) enum Kept {
    Open(Session),
    Done(Done),
}

/// The link's name in addresses and cookies: two tabs may use two links. It tells nothing about the token.
pub(super) fn id(key: &Key, token: &str) -> String {
    guard::text(&guard::sign(key, "page id", &[token.as_bytes()])[..9])
}

/// Whether this could be a token: a word of bounded length.
pub(super) fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=100).contains(&text.len()) && text.bytes().all(plain)
}

/// What the browser brings for the link of this name.
pub(super) fn read(headers: &HeaderMap, key: &Key, id: &str, secure: bool) -> Option<Kept> {
    let name = name(id, secure);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let values = cookies.filter_map(|pair| pair.trim().split_once('=')).filter(|pair| pair.0 == name);
    let kept = values.filter_map(|pair| understood(pair.1, key, id, secure));
    // Of a link that is done and was opened again, both come.
    kept.reduce(|one, other| if matches!(one, Kept::Done(_)) { one } else { other })
}

/// A value that a browser brings for the link of this name.
fn understood(value: &str, key: &Key, id: &str, secure: bool) -> Option<Kept> {
    let mut parts = value.split('.');
    match (parts.next()?, parts.next()?, parts.next()?) {
        ("open", token, nonce) if is_word(token) && is_word(nonce) => {
            let offered = parts.next().map(str::to_owned);
            let session = Session { token: token.to_owned(), nonce: nonce.to_owned(), offered, secure };
            guard::same(self::id(key, token).as_bytes(), id.as_bytes()).then_some(Kept::Open(session))
        }
        ("done", body, mac) => {
            let signed = guard::text(&guard::sign(key, "page done", &[id.as_bytes(), body.as_bytes()]));
            guard::same(signed.as_bytes(), mac.as_bytes()).then(|| Done::decode(body)).flatten().map(Kept::Done)
        }
        _ => None,
    }
}

/// The header that has the browser keep a session.
pub(super) fn open(id: &str, session: &Session) -> Option<HeaderValue> {
    let offered = session.offered.as_deref().map(|offered| format!(".{offered}")).unwrap_or_default();
    header(id, session.secure, &format!("open.{}.{}{offered}", session.token, session.nonce), OPEN_PATH, KEPT)
}

/// The headers that have the browser forget the session, and keep what came of it for the pages of this link alone. What
/// is too long for that goes without the way back, or with short names and nothing else.
pub(super) fn done(key: &Key, id: &str, secure: bool, done: &Done) -> Option<[HeaderValue; 2]> {
    let value = |done: &Done| {
        let body = done.encode();
        let mac = guard::text(&guard::sign(key, "page done", &[id.as_bytes(), body.as_bytes()]));
        format!("done.{body}.{mac}")
    };
    let wayless = Done { back: None, ..done.clone() };
    let short = [value(done), value(&wayless)].into_iter().find(|value| value.len() <= LONGEST);
    let kept = short.unwrap_or_else(|| value(&wayless.short()));
    Some([header(id, secure, "", OPEN_PATH, 0)?, header(id, secure, &kept, &format!("/connect/at/{id}"), KEPT_DONE)?])
}

/// A link that is open is for all pages, since its address has its token.
const OPEN_PATH: &str = "/connect";

fn name(id: &str, secure: bool) -> String {
    format!("{}connect-{id}", if secure { "__Secure-" } else { "" })
}

/// `Lax`, because users come from their mail: a stricter cookie would not be sent on the first click.
fn header(id: &str, secure: bool, value: &str, path: &str, age: u32) -> Option<HeaderValue> {
    let secure_only = if secure { "; Secure" } else { "" };
    let name = name(id, secure);
    let text = format!("{name}={value}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax{secure_only}");
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl Session {
    /// The same session, once its browser gave the key of whom [`crate::accounts::Visit::seen`] names so.
    pub(super) fn with_offered(&self, key: &Key, seen: &str) -> Self {
        Self { offered: Some(self.sign(key, seen)), ..self.clone() }
    }

    /// Whether it was this browser that gave the key of whom [`crate::accounts::Visit::seen`] names so.
    pub(super) fn has_offered(&self, key: &Key, seen: &str) -> bool {
        let meant = self.sign(key, seen);
        self.offered.as_ref().is_some_and(|offered| guard::same(offered.as_bytes(), meant.as_bytes()))
    }

    fn sign(&self, key: &Key, seen: &str) -> String {
        guard::text(&guard::sign(key, "page offered", &[&self.token, &self.nonce, seen].map(|part| part.as_bytes())))
    }
}

impl Done {
    /// What is never too long.
    fn short(&self) -> Self {
        let cut = |text: &str| text.chars().take(SHORT).collect();
        Self { app: cut(&self.app), person: cut(&self.person), logo: None, colour: None, back: None, ..self.clone() }
    }

    /// All of it as one word.
    fn encode(&self) -> String {
        guard::text(self.to_json().to_string().as_bytes())
    }

    fn decode(body: &str) -> Option<Self> {
        Some(Self::from_json(&serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok()?).ok()?))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "connected": self.connected,
            "app": self.app,
            "logo": self.logo,
            "colour": self.colour,
            "person": self.person,
            "helpdesk": self.helpdesk,
            "back": self.back,
        })
    }

    pub(super) fn from_json(json: &Value) -> Self {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        Self {
            connected: json["connected"] == true,
            app: text("app").unwrap_or_default(),
            logo: text("logo"),
            colour: text("colour"),
            person: text("person").unwrap_or_default(),
            helpdesk: text("helpdesk").unwrap_or_default(),
            back: text("back"),
        }
    }
}
