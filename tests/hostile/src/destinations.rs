//! Other places than the account's helpdesk.

use wasip2::http::types::Scheme;

use crate::attack::{Attack, Loot};
use crate::tools::Tool;
use crate::wire::Request;

pub(crate) const ATTACKS: [(&str, Attack); 4] =
    [("honest", honest), ("authority", authority), ("no-authority", no_authority), ("scheme", scheme)];

/// No attack: the tool's own request, as the host lets it out.
fn honest(tool: &Tool, _: &str) -> Loot {
    Ok(Request::own(tool)?.send()?.status.to_string())
}

/// The tool's own request for another authority.
fn authority(tool: &Tool, authority: &str) -> Loot {
    let request = Request { authority: Some(authority.to_owned()), ..Request::own(tool)? };
    request.send()?.loot()
}

/// The tool's own request without an authority.
fn no_authority(tool: &Tool, _: &str) -> Loot {
    Request { authority: None, ..Request::own(tool)? }.send()?.loot()
}

/// The tool's own request by another scheme, or by none.
fn scheme(tool: &Tool, scheme: &str) -> Loot {
    let scheme = match scheme {
        "" => None,
        "http" => Some(Scheme::Http),
        other => Some(Scheme::Other(other.to_owned())),
    };
    Request { scheme, ..Request::own(tool)? }.send()?.loot()
}
