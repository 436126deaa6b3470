//! From where a request may come: by a name that is ours, and from no web page that we do not know. A page of somebody
//! else may have its name lead to this machine; the browser then says so in `Host` and `Origin`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri};

use super::McpSettings;
use super::body::NO_MESSAGE;
use super::web::refuse;

/// Names and origins that are known.
pub(super) struct Gate {
    hosts: Vec<Authority>,
    origins: Vec<Origin>,
}

/// Where a web page comes from.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// Lets a request pass that comes from where it may.
pub(super) async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    if !gate.knows_host(request.uri(), request.headers()) {
        return refuse(StatusCode::FORBIDDEN, NO_MESSAGE, "this server is not called by this name", None);
    }
    if !gate.knows_origin(request.headers()) {
        return refuse(StatusCode::FORBIDDEN, NO_MESSAGE, "pages of this origin may not call", None);
    }
    next.run(request).await
}

impl Gate {
    /// What is understood of the settings.
    pub(super) fn new(settings: &McpSettings) -> Self {
        let origins: Vec<_> = settings.origins.iter().filter_map(|origin| Origin::parse(origin)).collect();
        let hosts = settings.hosts.iter().filter_map(|host| host.parse().ok()).collect();
        Self { hosts, origins }
    }

    /// Whether the name is one of ours. Nobody else's page can be at a name of this machine.
    fn knows_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(HOST).iter();
        let name = match (named.next(), named.next()) {
            (Some(host), None) => host.to_str().ok().and_then(|host| host.parse().ok()),
            (None, _) => uri.authority().cloned(),
            _ => None,
        };
        name.filter(|name: &Authority| !name.as_str().contains('@'))
            .is_some_and(|name| is_this_machine(name.host()) || self.hosts.iter().any(|known| same_place(known, &name)))
    }

    /// Whether the request comes from a page that is known, or from none.
    fn knows_origin(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => true,
            (Some(origin), None) => {
                let origin = origin.to_str().ok().and_then(Origin::parse);
                origin.is_some_and(|origin| self.origins.contains(&origin))
            }
            _ => false,
        }
    }
}

impl Origin {
    /// None for what is no origin, such as `null`.
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?.to_ascii_lowercase(), uri.authority()?);
        let usual = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        let plain = uri.path() == "/" && uri.query().is_none() && !authority.as_str().contains('@');
        let port = authority.port_u16().or(usual);
        plain.then(|| Self { scheme, host: authority.host().to_ascii_lowercase(), port })
    }
}

/// Whether a name is a known one; without a port, it is known at all.
fn same_place(known: &Authority, name: &Authority) -> bool {
    known.host().eq_ignore_ascii_case(name.host()) && known.port_u16().is_none_or(|port| name.port_u16() == Some(port))
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
