//! `GET /tickets/{id}`: `docs/freshdesk.md §7.2`.

use serde_json::Value;

use super::shape;
use crate::wire::call::Call;
use crate::wire::conversations;
use crate::wire::errors::Refusal;
use crate::wire::include::ON_VIEW;
use crate::wire::message::Answer;
use crate::wire::query::Query;

/// How many conversations a view embeds, beginning with the oldest.
const EMBEDDED: usize = 10;

/// Shows a ticket, in the trash or not.
pub(crate) fn view(mut call: Call<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(call.query);
    let mut errors = query.unknown(&["include"]);
    errors.extend(ON_VIEW.check(&query));
    call.ticket()?;
    Refusal::unless_empty(errors)?;

    let ticket = call.helpdesk.tickets.get(&call.id).ok_or(Refusal::NotFound)?;
    let mut shown = shape::viewed(call.helpdesk, ticket);
    shape::embed(&mut shown, call.helpdesk, ticket, &query);
    if query.includes("conversations") {
        let thread = call.helpdesk.thread(ticket.id).into_iter().take(EMBEDDED);
        shown["conversations"] = thread.map(conversations::listed).collect::<Vec<Value>>().into();
    }
    if query.includes("sla_policy") {
        shown["sla_policy"] = shape::sla_policy();
    }
    Ok(Answer::json(200, &shown))
}
