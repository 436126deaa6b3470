//! Other requests than the tool's own.

use wasip2::http::types::Method;

use crate::attack::{Attack, Loot, met};
use crate::bindings::freshdesk::tools::types::Error;
use crate::tools::Tool;
use crate::wire::Request;

pub(crate) const ATTACKS: [(&str, Attack); 4] =
    [("path", path), ("no-path", no_path), ("method", method), ("every-other-request", every_other_request)];

/// What there is at Freshdesk to be asked for: the paths of all tools, and some that are no tool's.
const PATHS: [&str; 11] = [
    "/api/v2/tickets",
    "/api/v2/tickets/42817",
    "/api/v2/tickets/42817/reply",
    "/api/v2/contacts",
    "/api/v2/agents",
    "/api/v2/agents/158017000101",
    "/api/v2/agents/me",
    "/api/v2/roles",
    "/api/v2/account",
    "/api/v2/settings/helpdesk",
    "/api/v2/tickets/42817/conversations",
];

/// The tool's own request, for another path.
fn path(tool: &Tool, path: &str) -> Loot {
    Request { path: Some(path.to_owned()), ..Request::own(tool)? }.send()?.loot()
}

/// The tool's own request without a path.
fn no_path(tool: &Tool, _: &str) -> Loot {
    Request { path: None, ..Request::own(tool)? }.send()?.loot()
}

/// The tool's own request with another method.
fn method(tool: &Tool, method: &str) -> Loot {
    Request { method: Method::Other(method.to_owned()), ..Request::own(tool)? }.send()?.loot()
}

/// All methods on all paths but for the tool's own. What is denied is no request of the call, so that it can go on.
fn every_other_request(tool: &Tool, _: &str) -> Loot {
    let mut denied = 0;
    for path in PATHS {
        for method in methods() {
            if path == tool.path && format!("{method:?}") == format!("{:?}", tool.method) {
                continue;
            }
            let body = matches!(method, Method::Post | Method::Put | Method::Patch).then(|| b"{}".to_vec());
            let request = Request { path: Some(path.to_owned()), method, body, ..Request::own(tool)? };
            match request.send() {
                Err(Error::Unexpected(why)) if why.detail == "ErrorCode::HttpRequestDenied" => denied += 1,
                Err(other) => return Err(other),
                Ok(answer) => return answer.loot(),
            }
        }
    }
    Err(met(format_args!("{denied} denied")))
}

fn methods() -> [Method; 10] {
    use Method::{Connect, Delete, Get, Head, Options, Other, Patch, Post, Put, Trace};
    [Get, Head, Post, Put, Delete, Connect, Options, Trace, Patch, Other("get".to_owned())]
}
