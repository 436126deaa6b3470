//! What may leave: a pure function over the request's head. The plugin is not trusted with any of it.

use http::Uri;
use http::header::{self, HeaderName};
use http::request::Parts;
use thiserror::Error;

/// Where Freshdesk serves its API (`docs/freshdesk.md` §1).
const API: &str = "/api/v2/";

/// Headers that the host alone may set.
pub(crate) const HOSTS_OWN: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
];

/// Why a request was not let out.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Denied {
    /// It was not for `https://{label}.freshdesk.com/api/v2/`.
    #[error("its destination {0:?} is not the account's helpdesk")]
    Destination(String),
    /// Its path could be read as another one.
    #[error("its path {0:?} is not plain")]
    Path(String),
    /// It carried a header that the host alone may set.
    #[error("it carried the header {0:?}")]
    Header(HeaderName),
    /// A call makes one request.
    #[error("the call had made its one request already")]
    SecondRequest,
}

/// Lets a request out that goes to `host`, and carries nothing that is the host's own to say.
pub(crate) fn check(request: &Parts, host: &str) -> Result<(), Denied> {
    destination(&request.uri, host)?;
    path(request.uri.path())?;
    match request.headers.keys().find(|name| HOSTS_OWN.contains(name) || name.as_str().starts_with("proxy-")) {
        Some(name) => Err(Denied::Header(name.clone())),
        None => Ok(()),
    }
}

/// The authority is compared as text, so that no spelling of another one can pass for it.
fn destination(uri: &Uri, host: &str) -> Result<(), Denied> {
    let exact =
        uri.scheme_str() == Some("https") && uri.authority().is_some_and(|authority| authority.as_str() == host);
    if exact { Ok(()) } else { Err(Denied::Destination(uri.to_string())) }
}

/// The plugin's paths are ids and words: nothing in them needs an escape.
fn path(path: &str) -> Result<(), Denied> {
    let plain =
        |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match path.strip_prefix(API) {
        Some(below) if below.split('/').all(plain) => Ok(()),
        _ => Err(Denied::Path(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const HOST: &str = "acme.freshdesk.com";

    fn checked(uri: &str, headers: &[(&str, &str)]) -> Result<(), Denied> {
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        check(&request.body(()).unwrap().into_parts().0, HOST)
    }

    #[test]
    fn the_accounts_helpdesk_is_reached() {
        for path in ["tickets", "tickets/42817/reply", "tickets?email=a%2Bb&page=2", "agents/me"] {
            assert_eq!(checked(&format!("https://{HOST}/api/v2/{path}"), &[("accept", "application/json")]), Ok(()));
        }
    }

    /// B12, B13: no spelling of another destination passes for the account's.
    #[test]
    fn b12_no_other_destination_is_reached() {
        for uri in [
            "http://acme.freshdesk.com/api/v2/tickets",
            "https://acme.freshdesk.com:443/api/v2/tickets",
            "https://acme.freshdesk.com:8443/api/v2/tickets",
            "https://acme.freshdesk.com./api/v2/tickets",
            "https://ACME.freshdesk.com/api/v2/tickets",
            "https://acme.freshdesk.com@evil.tld/api/v2/tickets",
            "https://user@acme.freshdesk.com/api/v2/tickets",
            "https://acme.freshdesk.com.evil.tld/api/v2/tickets",
            "https://other.freshdesk.com/api/v2/tickets",
            "https://evil.tld/api/v2/tickets",
            "https://127.0.0.1/api/v2/tickets",
            "https://[::1]/api/v2/tickets",
        ] {
            assert!(matches!(checked(uri, &[]), Err(Denied::Destination(_))), "{uri}");
        }
    }

    #[test]
    fn only_plain_paths_of_the_api_are_reached() {
        for path in [
            "/",
            "/api/v2",
            "/api/v2/",
            "/api/v1/tickets",
            "/api/v2//tickets",
            "/api/v2/tickets/",
            "/api/v2/../admin",
            "/api/v2/..%2fadmin",
            "/api/v2/tickets%2f1",
            "//evil.tld/api/v2/tickets",
            "/api/v2/tickets;x",
            "/API/v2/tickets",
            "/api/v2/./tickets",
            "/api/v2/tick%00ets",
        ] {
            assert!(matches!(checked(&format!("https://{HOST}{path}"), &[]), Err(Denied::Path(_))), "{path}");
        }
    }

    #[test]
    fn headers_of_the_hosts_own_are_refused_in_any_case() {
        for name in ["Authorization", "COOKIE", "host", "Proxy-Authorization", "proxy-x", "Transfer-Encoding", "TE"] {
            let denied = checked(&format!("https://{HOST}/api/v2/tickets"), &[(name, "x")]);
            assert!(matches!(denied, Err(Denied::Header(_))), "{name}");
        }
    }
}
