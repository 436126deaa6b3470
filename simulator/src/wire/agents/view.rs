//! `GET /agents/me` and `GET /agents/{id}`: `docs/freshdesk.md §7.11`.

use super::shape;
use crate::wire::call::Call;
use crate::wire::errors::Refusal;
use crate::wire::message::Answer;
use crate::wire::query::Query;

/// Shows the agent whose key it is, whatever the agent's roles.
pub(crate) fn me(call: Call<'_>) -> Result<Answer, Refusal> {
    show(&call, call.caller)
}

/// Shows an agent.
pub(crate) fn view(call: Call<'_>) -> Result<Answer, Refusal> {
    show(&call, call.id)
}

fn show(call: &Call<'_>, id: u64) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    let agent = call.helpdesk.agents.get(&id).ok_or(Refusal::NotFound)?;
    Ok(Answer::json(200, &shape::viewed(agent)))
}
