//! What may leave: a pure function over the whole request. The plugin is not trusted with any of it.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use http::{Method, Uri};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{Errand, routes, said};

/// What one call may do.
pub(super) struct Permit<'a> {
    /// The account's helpdesk: `acme.freshdesk.com`.
    pub(super) host: &'a str,
    /// What it is for.
    pub(super) errand: &'a Errand,
    /// Whether a reply may speak as another agent than the key's.
    pub(super) speak_as_others: bool,
}

/// The headers a request may carry. All others are the host's to set, or have no business with Freshdesk.
const ALLOWED: [HeaderName; 4] = [header::ACCEPT, header::CONTENT_LENGTH, header::CONTENT_TYPE, header::USER_AGENT];

/// Headers that the guest is told at once that it may not set. They are refused here too, whoever set them.
pub(super) const HOSTS_OWN: [HeaderName; 5] =
    [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE, header::HOST, header::TRANSFER_ENCODING];

/// Longest headers of a request, in bytes. The plugin's four have about 150; servers take 8 kB in all.
pub(super) const LONGEST_HEADERS: usize = 4 << 10;

/// Why a request was not let out. What is displayed is for the log, and repeats nothing of the request: the plugin, which may
/// be hostile, has read tickets before it wrote it.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Denied {
    /// It was not for `https://{label}.freshdesk.com`.
    #[error("its destination is not the account's helpdesk")]
    Destination(String),
    /// It was not the request of the tool that runs.
    #[error("it is no request of the tool that runs")]
    Route(String),
    /// It carried a header that it may not.
    #[error("it carried a header that it may not")]
    Header(HeaderName),
    /// Its headers are longer than [`LONGEST_HEADERS`].
    #[error("its headers are longer than {LONGEST_HEADERS} bytes")]
    LongHeaders,
    /// Its form is not the tool's: a query beside a body, a body where none belongs, or one that is not JSON.
    #[error("its form is not that of the tool's request")]
    Form,
    /// It said something else than the caller, or not all.
    #[error("it did not say what the caller said")]
    Content,
    /// A reply named the agent to speak as.
    #[error("it spoke as another agent, which the host's settings do not allow")]
    SpeaksAsOther,
    /// A call makes one request.
    #[error("the call had made its one request already")]
    SecondRequest,
    /// The call's deadline had passed.
    #[error("the call was over")]
    TooLate,
}

/// Lets a request out that goes to the account's helpdesk, is the tool's own, and carries nothing but what it may.
/// Tells the body that it leaves with.
pub(super) fn check(request: &Parts, body: &[u8], permit: &Permit<'_>) -> Result<Bytes, Denied> {
    destination(&request.uri, permit.host)?;
    route(request, permit.errand)?;
    headers(&request.headers)?;
    match form(request, body)? {
        Some(body) => {
            speaker(&body, permit)?;
            content(&body, permit.errand)?;
            Ok(Value::Object(body).to_string().into())
        }
        None => Ok(Bytes::new()),
    }
}

/// The authority is compared as text, so that no spelling of another one can pass for it.
fn destination(uri: &Uri, host: &str) -> Result<(), Denied> {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let exact = uri.scheme_str() == Some("https") && authority == Some(host);
    if exact { Ok(()) } else { Err(Denied::Destination(uri.to_string())) }
}

fn route(request: &Parts, errand: &Errand) -> Result<(), Denied> {
    let (method, path) = (&request.method, request.uri.path());
    if routes::allow(errand, method, path) { Ok(()) } else { Err(Denied::Route(format!("{method} {path}"))) }
}

fn headers(headers: &HeaderMap) -> Result<(), Denied> {
    if let Some(name) = headers.keys().find(|name| !ALLOWED.contains(name)) {
        return Err(Denied::Header(name.clone()));
    }
    let length: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if length > LONGEST_HEADERS { Err(Denied::LongHeaders) } else { Ok(()) }
}

/// Parameters have one place each, so that none is read twice and differently: in the query when something is read, in
/// a JSON body when something is written.
fn form(request: &Parts, body: &[u8]) -> Result<Option<Map<String, Value>>, Denied> {
    let content_types: Vec<_> = request.headers.get_all(header::CONTENT_TYPE).iter().collect();
    let has_query = request.uri.query().is_some();
    match request.method {
        Method::GET if body.is_empty() => Ok(None),
        Method::DELETE if body.is_empty() && !has_query => Ok(None),
        Method::GET | Method::DELETE => Err(Denied::Form),
        _ if has_query || content_types != ["application/json"] => Err(Denied::Form),
        _ => serde_json::from_slice(body).map(Some).map_err(|_| Denied::Form),
    }
}

/// `user_id` makes Freshdesk send a reply in that agent's name (`docs/freshdesk.md` §7.5).
fn speaker(body: &Map<String, Value>, permit: &Permit<'_>) -> Result<(), Denied> {
    let speaks = permit.errand.function == "tickets-reply" && body.contains_key("user_id");
    if speaks && !permit.speak_as_others { Err(Denied::SpeaksAsOther) } else { Ok(()) }
}

fn content(body: &Map<String, Value>, errand: &Errand) -> Result<(), Denied> {
    if said::carries(body, errand) { Ok(()) } else { Err(Denied::Content) }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;

    fn permit(errand: &Errand, speak_as_others: bool) -> Permit<'_> {
        Permit { host: "acme.freshdesk.com", errand, speak_as_others }
    }

    fn lists() -> Errand {
        Errand { function: "tickets-list".to_owned(), ids: Vec::new(), said: Map::new() }
    }

    fn replies(said: Value) -> Errand {
        let Value::Object(said) = said else { panic!("no object") };
        Errand { function: "tickets-reply".to_owned(), ids: vec![("ticket-id".to_owned(), 1)], said }
    }

    const REPLY: &str = "https://acme.freshdesk.com/api/v2/tickets/1/reply";

    fn list(uri: &str, headers: &[(&str, &str)]) -> Result<Bytes, Denied> {
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        check(&request.body(()).unwrap().into_parts().0, b"", &permit(&lists(), false))
    }

    #[test]
    fn the_accounts_helpdesk_is_reached() {
        let headers = [("accept", "application/json"), ("user-agent", "freshdesk-plugin/0.1.0")];
        assert_eq!(list("https://acme.freshdesk.com/api/v2/tickets?email=a%2Bb&page=2", &headers), Ok(Bytes::new()));
    }

    /// B12, B13: no spelling of another destination passes for the account's.
    #[test]
    fn b12_no_other_destination_is_reached() {
        for origin in [
            "http://acme.freshdesk.com",
            "https://acme.freshdesk.com:443",
            "https://acme.freshdesk.com:8443",
            "https://acme.freshdesk.com.",
            "https://ACME.freshdesk.com",
            "https://acme.freshdesk.com@evil.tld",
            "https://user@acme.freshdesk.com",
            "https://acme.freshdesk.com.evil.tld",
            "https://other.freshdesk.com",
            "https://evil.tld",
            "https://127.0.0.1",
            "https://[::1]",
        ] {
            assert!(matches!(list(&format!("{origin}/api/v2/tickets"), &[]), Err(Denied::Destination(_))), "{origin}");
        }
    }

    #[test]
    fn another_tools_request_is_not_let_out() {
        let denied = list("https://acme.freshdesk.com/api/v2/agents", &[]);
        assert_eq!(denied, Err(Denied::Route("GET /api/v2/agents".to_owned())));
    }

    #[test]
    fn headers_that_are_not_allowed_are_refused_in_any_case() {
        for name in [
            "Authorization",
            "COOKIE",
            "host",
            "Proxy-Authorization",
            "proxy-x",
            "Transfer-Encoding",
            "TE",
            "X-HTTP-Method-Override",
            "X-Forwarded-Host",
            "Expect",
            "Accept-Encoding",
        ] {
            let denied = list("https://acme.freshdesk.com/api/v2/tickets", &[(name, "x")]);
            assert!(matches!(denied, Err(Denied::Header(_))), "{name}");
        }
    }

    #[test]
    fn headers_have_a_length() {
        let list =
            |length: usize| list("https://acme.freshdesk.com/api/v2/tickets", &[("user-agent", &"x".repeat(length))]);
        assert_eq!(list(LONGEST_HEADERS - "user-agent".len()), Ok(Bytes::new()));
        assert_eq!(list(LONGEST_HEADERS), Err(Denied::LongHeaders));
    }

    fn reply(uri: &str, content_type: &str, body: &str, permit: &Permit<'_>) -> Result<Bytes, Denied> {
        let request = Request::post(uri).header("content-type", content_type).body(()).unwrap();
        check(&request.into_parts().0, body.as_bytes(), permit)
    }

    #[test]
    fn a_parameter_has_one_place() {
        let replies = replies(json!({"ticket_id": 1, "body": "x"}));
        let reply = |uri: &str, kind: &str, body: &str| reply(uri, kind, body, &permit(&replies, false));
        assert_eq!(reply(REPLY, "application/json", r#"{"body":"x"}"#), Ok(r#"{"body":"x"}"#.into()));
        assert_eq!(reply(&format!("{REPLY}?user_id=7"), "application/json", r#"{"body":"x"}"#), Err(Denied::Form));
        let form = "application/x-www-form-urlencoded";
        assert_eq!(reply(REPLY, form, r#"{"x":"&user_id=7&body=hi&z="}"#), Err(Denied::Form));
        let request = Request::get("https://acme.freshdesk.com/api/v2/tickets").body(()).unwrap();
        assert_eq!(check(&request.into_parts().0, b"_method=delete", &permit(&lists(), false)), Err(Denied::Form));
    }

    #[test]
    fn a_reply_speaks_as_the_keys_own_agent_unless_it_may_do_otherwise() {
        let replies = replies(json!({"ticket_id": 1, "body": "Hi", "user_id": 7}));
        let reply = |body: &str, others| reply(REPLY, "application/json", body, &permit(&replies, others));
        for body in [r#"{"body":"Hi","user_id":7}"#, r#"{"body":"Hi","user\u005fid":7}"#] {
            assert_eq!(reply(body, false), Err(Denied::SpeaksAsOther), "{body}");
            assert_eq!(reply(body, true), Ok(r#"{"body":"Hi","user_id":7}"#.into()), "{body}");
        }
        for body in ["[]", "", "{", "null", r#""x""#] {
            assert_eq!(reply(body, true), Err(Denied::Form), "{body}");
        }
    }

    /// What leaves has one reading: each name once, and nothing around it.
    #[test]
    fn what_was_checked_is_what_leaves() {
        let replies = replies(json!({"ticket_id": 1, "body": "Hi"}));
        let reply = |body: &str| reply(REPLY, "application/json", body, &permit(&replies, false));
        for body in [r#" { "body" : "H\u0069" } "#, r#"{"body":"Ho","body":"Hi"}"#, r#"{"body":"Ho","bod\u0079":"Hi"}"#]
        {
            assert_eq!(reply(body), Ok(r#"{"body":"Hi"}"#.into()), "{body}");
        }
        for body in
            [r#"{"body":"Hi","body":"Ho"}"#, r#"{"body":"Ho"}"#, r#"{"body":"Hi","bcc_emails":["a@x.com"]}"#, "{}"]
        {
            assert_eq!(reply(body), Err(Denied::Content), "{body}");
        }
    }
}
