//! `POST /tickets`: `docs/freshdesk.md §7.1`.

use super::attributes::{ATTRIBUTES, FEATURES, apply, associate, check_references};
use super::shape;
use crate::state::{Deadlines, Helpdesk, Moment, Pending, Ticket};
use crate::wire::attribute::{self, Purpose};
use crate::wire::body::Fields;
use crate::wire::call::Call;
use crate::wire::errors::{FieldError, Refusal};
use crate::wire::message::Answer;
use crate::wire::query::Query;
use crate::wire::{html, requester};

/// Makes a ticket, and a contact for a requester nobody knows.
pub(crate) fn create(call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    call.check_features(FEATURES)?;
    let mut errors = attribute::check(&ATTRIBUTES, Purpose::Create, &call.fields, call.helpdesk);
    if !requester::is_named(&call.fields) {
        let message = "One of requester_id, phone, email, twitter_id, facebook_id, unique_external_id is mandatory";
        errors.push(FieldError::new("requester_id", "missing_field", message));
    }
    errors.extend(requester::check(call.helpdesk, &call.fields));
    errors.extend(check_references(call.helpdesk, &call.fields));
    Refusal::unless_empty(errors)?;

    let requester = requester::find_or_make(call.helpdesk, &call.fields, call.now);
    let ticket = make(call.helpdesk, &call.fields, requester, call.now);
    let id = ticket.id;
    call.helpdesk.tickets.insert(id, ticket);
    associate(call.helpdesk, id, &call.fields);
    let ticket = call.helpdesk.tickets.get(&id).ok_or(Refusal::NotFound)?;
    let answer = Answer::json(201, &shape::created(call.helpdesk, ticket));
    Ok(answer.with("location", &call.location(&format!("tickets/{id}"))))
}

/// The ticket that the attributes describe. Mailbox, product and company are filled in when they are not sent.
fn make(helpdesk: &mut Helpdesk, fields: &Fields, requester: u64, now: Moment) -> Ticket {
    let id = helpdesk.next_ticket_id;
    helpdesk.next_ticket_id += 1;
    let description = html::wrapped(&fields.text("description").unwrap_or_default());
    let mut ticket = Ticket { subject: None, ..Ticket::new(id, requester, "", &description, now) };
    ticket.company_id = helpdesk.contacts.get(&requester).and_then(|contact| contact.company_id);
    ticket.email_config_id = helpdesk.mailboxes.first().map(|mailbox| mailbox.id);
    ticket.cc_emails = Some(fields.texts("cc_emails").unwrap_or_default());
    apply(&mut ticket, fields);
    let mailbox = helpdesk.mailboxes.iter().find(|mailbox| ticket.email_config_id == Some(mailbox.id));
    if fields.has("email_config_id") || !fields.has("product_id") {
        ticket.product_id = mailbox.and_then(|mailbox| mailbox.product_id);
    }
    ticket.enter(fields.number("status").unwrap_or(2), now);

    ticket.deadlines = Deadlines { due_by: fields.moment("due_by"), fr_due_by: fields.moment("fr_due_by") };
    let promised = ticket.promised(now);
    let deadlines = Deadlines {
        due_by: ticket.deadlines.due_by.or(promised.due_by),
        fr_due_by: ticket.deadlines.fr_due_by.or(promised.fr_due_by),
    };
    ticket.pending = Some(Pending { from: now + helpdesk.settling, deadlines });
    ticket
}
