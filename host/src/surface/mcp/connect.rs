//! Connecting in the conversation: a call for a user who has not connected is answered by a link, in the way that its
//! client understands. Once the user has connected, the same call simply works.

use std::collections::BTreeMap;

use rmcp::model::{
    CallToolResponse, ElicitRequest, ElicitRequestParams, ErrorCode, InputRequest, InputRequiredResult, InputResponses,
    ProtocolVersion,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Map, Value, json};

use super::outcome::failure;
use super::seat::Seat;
use crate::accounts::{AccountsError, Wish};
use crate::sandbox::contract::ToolError;
use crate::surface::calls::Whose;

/// The name of our one request among those that a client is asked to fulfil.
const CONNECT: &str = "connect";

/// What a used state is remembered as.
const KIND: &str = "mcp_request_state";

/// The error of 2025-11-25 for a call that needs its user to open a link first.
const LINK_NEEDED: ErrorCode = ErrorCode(-32042);

/// A call as its client made it.
pub(super) struct Asked<'a> {
    pub(super) tool: &'a str,
    pub(super) arguments: &'a Map<String, Value>,
    /// What came of the requests that an earlier answer made.
    pub(super) responses: Option<&'a InputResponses>,
}

/// How a client can be asked to have its user open a link.
enum Way {
    /// By an answer that the call be repeated with what came of it.
    Answer,
    /// By an error that names the link.
    Error,
}

/// Sees that a state that comes with a call was made for it, and uses it up.
pub(super) async fn redeem(seat: &Seat, asked: &Asked<'_>, state: &str) -> Result<(), ErrorData> {
    let opened = seat.purpose(asked.tool, asked.arguments).and_then(|(accounts, user, purpose)| {
        let opened = seat.toolbox.seal.as_ref()?.open(state, &purpose, accounts.now())?;
        Some((accounts, user, opened))
    });
    let Some((accounts, user, opened)) = opened else { return Err(bad_state()) };
    match accounts.use_once(user, KIND, &opened.nonce, opened.end).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(bad_state()),
        Err(why) => {
            tracing::warn!(%why, "a state that came with a call was not looked up");
            Err(ErrorData::internal_error("the host cannot tell now whether requestState is good: call again", None))
        }
    }
}

/// What is the same for a state that was changed, used, or made for something else.
fn bad_state() -> ErrorData {
    ErrorData::invalid_params(
        "requestState is not good for this call: it was changed, used before, has ended, or belongs to another call. \
         Call again without it.",
        None,
    )
}

/// Makes an account for a caller who has none, so that a link can be offered where its tenant has a proof for all of its users.
/// False when nothing was made. The caller's token says whose it is.
pub(super) async fn introduces(seat: &Seat, error: &ToolError) -> bool {
    let Whose::Users(accounts, user) = &seat.whose else { return false };
    if error.case != "not_connected" || error.detail.contains_key("connect_url") {
        return false;
    }
    match accounts.get(user).await {
        Err(AccountsError::Missing(_)) => {
            accounts.get_or_create(user, &Wish::default()).await.is_ok_and(|(_, new)| new)
        }
        _ => false,
    }
}

/// The answer to a call that failed for want of an account: a request to open its link, where there is one and the
/// client can do that.
pub(super) fn answer(
    seat: &Seat,
    asked: &Asked<'_>,
    error: ToolError,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    if asked.declined() {
        return Ok(failure(&declined(error)).into());
    }
    let way = way(context);
    let needed = error.detail.get("connect_url").and_then(Value::as_str).zip(way);
    let sealed = needed.and_then(|(link, way)| {
        let (accounts, _, purpose) = seat.purpose(asked.tool, asked.arguments)?;
        Some((link, way, seat.toolbox.seal.as_ref()?, purpose, accounts.now()))
    });
    let Some((link, way, seal, purpose, now)) = sealed else { return Ok(failure(&error).into()) };
    let message = message(&error.case);
    let id = seal.id(link);
    match way {
        Way::Error => {
            let elicitation = json!({"mode": "url", "elicitationId": id, "url": link, "message": message});
            Err(ErrorData::new(LINK_NEEDED, message, Some(json!({"elicitations": [elicitation]}))))
        }
        Way::Answer => match seal.seal(&purpose, now) {
            Some(state) => Ok(required(message, link, id, state).into()),
            None => Ok(failure(&error).into()),
        },
    }
}

/// Whether an error is one that a link can end.
pub(super) fn ends_by_link(error: &ToolError) -> bool {
    matches!(error.case.as_str(), "not_connected" | "revoked")
}

/// How this client can be asked, by what it has declared.
fn way(context: &RequestContext<RoleServer>) -> Option<Way> {
    let declared = context.client_capabilities()?.elicitation?.url.is_some();
    match context.protocol_version()?.as_str() {
        version if !declared || version < ProtocolVersion::V_2025_11_25.as_str() => None,
        version if version < ProtocolVersion::V_2026_07_28.as_str() => Some(Way::Error),
        _ => Some(Way::Answer),
    }
}

fn required(message: &str, link: &str, id: String, state: String) -> InputRequiredResult {
    let params = ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: message.to_owned(),
        url: link.to_owned(),
        elicitation_id: id,
    };
    let request = InputRequest::Elicitation(ElicitRequest::new(params));
    InputRequiredResult::new(Some(BTreeMap::from([(CONNECT.to_owned(), request)])), Some(state))
}

/// What the user reads beside the link.
fn message(case: &str) -> &'static str {
    match case {
        "revoked" => {
            "Freshdesk no longer accepts the API key of your account. Open the page, connect your account again, and \
             the request can be repeated."
        }
        _ => {
            "Your Freshdesk account is not connected yet. Open the page, connect it with your API key, and the request \
             can be repeated."
        }
    }
}

/// The same error for a user who does not want to connect: with no link, since it was shown.
fn declined(error: ToolError) -> ToolError {
    let message = "The user was asked to connect a Freshdesk account and declined. Nothing was changed. Ask no more, \
                   unless the user wants to.";
    ToolError { message: message.to_owned(), detail: Map::new(), ..error }
}

impl Asked<'_> {
    /// Whether the user was asked to open the link, and did not want to.
    fn declined(&self) -> bool {
        let response = self.responses.and_then(|responses| responses.get(CONNECT));
        let action = response.and_then(|response| response["action"].as_str());
        matches!(action, Some("decline" | "cancel"))
    }
}
