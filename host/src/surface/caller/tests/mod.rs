//! Who calls, by the host's tokens and by an issuer's.

mod crypto;
mod issuer;
mod jwts;
mod metadata;
mod sets;
mod signer;
mod tokens;

use std::net::{IpAddr, Ipv4Addr};

use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::accounts::{TenantWish, TokenWish};
use crate::office::{self, Office};
use issuer::Issuing;
use signer::Signer;

/// The issuer of most tests.
const ISSUER: &str = "https://login.example.com/";

/// Whom its tokens are for.
const RESOURCE: &str = "https://connect.example.com/mcp";

/// Accounts of a tenant `app`, and nothing else.
struct World {
    accounts: Arc<Accounts>,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let Office { accounts, folder, .. } = Office::open(&office::settings()).await;
        accounts.create_tenant("app", &TenantWish::default()).await.unwrap();
        Self { accounts, folder }
    }

    /// A token of the host's for alice.
    async fn token(&self) -> (String, String) {
        let wish = TokenWish {
            tenant: "app".to_owned(),
            identifier: Some("alice".to_owned()),
            name: "test".to_owned(),
            tools: Some(vec!["freshdesk_ticket_get".to_owned()]),
            ..TokenWish::default()
        };
        let (about, token) = self.accounts.create_token(&wish).await.unwrap();
        (about.id, token)
    }

    /// Callers who trust an issuer with these keys.
    async fn trusting(&self, keys: KeySource) -> Callers {
        self.in_times(keys, Times::default()).await
    }

    async fn in_times(&self, keys: KeySource, times: Times) -> Callers {
        Callers::in_times(Arc::clone(&self.accounts), &settings(keys), times).await.unwrap()
    }

    /// A file with this text.
    fn file(&self, text: &str) -> KeySource {
        let path = self.folder.path().join("jwks.json");
        std::fs::write(&path, text).unwrap();
        KeySource::File(path)
    }
}

fn settings(keys: KeySource) -> IssuerSettings {
    IssuerSettings { issuer: ISSUER.to_owned(), audiences: Vec::new(), tenant: "app".to_owned(), keys }
}

/// A set of these keys.
fn set(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

/// What a good token says.
fn claims() -> Value {
    let now = crate::accounts::now() / 1000;
    json!({"iss": ISSUER, "aud": RESOURCE, "sub": "alice", "iat": now, "exp": now + 300})
}

/// Good claims, but for these; null takes one away.
fn but(changed: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn from(number: u8) -> Address {
    Address::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number)))
}

/// Who shows this token.
async fn who(callers: &Callers, token: &str) -> Result<Caller, Unknown> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    callers.who(&headers, from(1)).await
}

/// The issuer's alice.
fn alice() -> Caller {
    let (tenant, identifier) = ("app".to_owned(), Some("alice".to_owned()));
    Caller { tenant, identifier, token: ISSUER.to_owned(), tools: None }
}
