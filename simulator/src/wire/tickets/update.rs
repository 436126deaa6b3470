//! `PUT /tickets/{id}`: `docs/freshdesk.md §7.3`.

use http::Method;

use super::attributes::{FEATURES, apply, associate, check_references, of_update};
use super::shape;
use crate::state::{Deadlines, Helpdesk, Moment, Pending, Ticket};
use crate::wire::attribute::{self, Purpose};
use crate::wire::body::Fields;
use crate::wire::call::Call;
use crate::wire::errors::{FieldError, Refusal};
use crate::wire::message::Answer;
use crate::wire::query::Query;
use crate::wire::requester;

/// Changes what is sent and nothing else.
pub(crate) fn update(mut call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    let before = call.ticket()?.clone();
    call.check_features(FEATURES)?;
    let mut errors = attribute::check(of_update(), Purpose::Update, &call.fields, call.helpdesk);
    errors.extend(requester::check(call.helpdesk, &call.fields));
    errors.extend(check_references(call.helpdesk, &call.fields));
    Refusal::unless_empty(errors)?;
    if before.hidden() {
        return Err(Refusal::verb(&Method::PUT, vec!["GET"]));
    }
    check_outbound(&before, &call.fields)?;

    let ticket = changed(call.helpdesk, &before, &call.fields, call.now);
    call.helpdesk.tickets.insert(call.id, ticket);
    associate(call.helpdesk, call.id, &call.fields);
    let ticket = call.helpdesk.tickets.get(&call.id).ok_or(Refusal::NotFound)?;
    Ok(Answer::json(200, &shape::updated(call.helpdesk, ticket)))
}

/// The subject and description of an outbound ticket are a mail that has left.
fn check_outbound(ticket: &Ticket, fields: &Fields) -> Result<(), Refusal> {
    let sent = ["subject", "description"].into_iter().filter(|name| ticket.source == 10 && fields.has(name));
    let message = "It cannot be updated for an outbound email ticket";
    Refusal::unless_empty(sent.map(|name| FieldError::new(name, "incompatible_field", message)).collect())
}

/// The ticket after the change. One that changes nothing keeps its `updated_at`.
fn changed(helpdesk: &mut Helpdesk, before: &Ticket, fields: &Fields, now: Moment) -> Ticket {
    let mut ticket = before.clone();
    if requester::is_named(fields) {
        ticket.requester_id = requester::find_or_make(helpdesk, fields, now);
        let contact = helpdesk.contacts.get(&ticket.requester_id);
        ticket.company_id = contact.and_then(|contact| contact.company_id);
    }
    apply(&mut ticket, fields);
    if let Some(status) = fields.number("status").filter(|status| *status != before.status) {
        ticket.enter(status, now);
    }
    reschedule(&mut ticket, before, fields, now, helpdesk.settling);
    if ticket != *before {
        ticket.updated_at = now;
    }
    ticket
}

/// Deadlines that change are shown from the next call on, those that a new priority gives a moment later.
fn reschedule(ticket: &mut Ticket, before: &Ticket, fields: &Fields, now: Moment, settling: std::time::Duration) {
    let shown = before.deadlines;
    let sent = |name: &str, shown| if fields.has(name) { fields.moment(name) } else { shown };
    let wanted = Deadlines { due_by: sent("due_by", shown.due_by), fr_due_by: sent("fr_due_by", shown.fr_due_by) };
    if wanted != shown {
        ticket.pending = Some(Pending { from: now, deadlines: wanted });
    } else if ticket.priority != before.priority {
        let deadlines = ticket.promised(ticket.created_at);
        ticket.pending = Some(Pending { from: now + settling, deadlines });
    }
}
