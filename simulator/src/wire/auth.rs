//! Whose API key it is: `docs/freshdesk.md §1`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::errors::Refusal;
use super::message::Request;
use crate::state::Helpdesk;

/// The agent whose key is the user name of HTTP Basic. The password may be anything.
pub(crate) fn caller(helpdesk: &Helpdesk, request: &Request) -> Result<u64, Refusal> {
    let key = request.authorization().and_then(key).ok_or_else(Refusal::unauthorized)?;
    helpdesk.agent_by_key(&key).map(|agent| agent.id).ok_or_else(Refusal::unauthorized)
}

fn key(authorization: &str) -> Option<String> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, _) = decoded.split_once(':')?;
    Some(user.to_owned())
}
