//! `GET /tickets/{id}/conversations`: all that a view embeds the first ten of.

use super::shape;
use crate::wire::call::Call;
use crate::wire::errors::Refusal;
use crate::wire::message::Answer;
use crate::wire::page::Page;
use crate::wire::query::Query;

/// Lists the conversations of a ticket, oldest first.
pub(crate) fn list(mut call: Call<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(call.query);
    let mut errors = query.unknown(&["page", "per_page"]);
    let page = Page::read(&query, &mut errors);
    call.ticket()?;
    Refusal::unless_empty(errors)?;
    let (thread, more) = page.cut(call.helpdesk.thread(call.id));
    let items = thread.into_iter().map(shape::listed).collect();
    Ok(page.answer(&call, items, more))
}
