//! `DELETE /agents/{id}`: `docs/freshdesk.md §7.8`.

use crate::wire::call::Call;
use crate::wire::errors::Refusal;
use crate::wire::message::Answer;
use crate::wire::query::Query;

/// Turns an agent into a contact with the same id. The agent's tickets stay, the agent's key is void.
pub(crate) fn delete(call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    let agent = call.helpdesk.agents.get(&call.id).ok_or(Refusal::NotFound)?;
    if agent.owner || call.id == call.caller {
        return Err(Refusal::access_denied());
    }
    let contact = agent.clone().into_contact(call.now);
    call.helpdesk.agents.remove(&call.id);
    call.helpdesk.contacts.insert(call.id, contact);
    Ok(Answer::empty(204))
}
