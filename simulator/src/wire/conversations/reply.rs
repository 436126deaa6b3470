//! `POST /tickets/{id}/reply`: `docs/freshdesk.md §7.5`.

use http::Method;

use super::shape;
use crate::state::{Conversation, Helpdesk, Ticket};
use crate::wire::attribute::{self, Attribute, Kind, Purpose, clearable, settable};
use crate::wire::call::Call;
use crate::wire::errors::{FieldError, Refusal};
use crate::wire::html;
use crate::wire::message::Answer;
use crate::wire::query::Query;

const ATTRIBUTES: &[Attribute] = &[
    clearable("body", Kind::Text),
    clearable("structured_body", Kind::Object),
    clearable("from_email", Kind::Email),
    clearable("user_id", Kind::Number),
    clearable("cc_emails", Kind::Emails),
    clearable("bcc_emails", Kind::Emails),
    settable("attachments", Kind::Files),
];

/// Sends a mail to the requester. The status of the ticket stays.
pub(crate) fn reply(mut call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    let ticket = call.ticket()?.clone();
    let mut errors = attribute::check(ATTRIBUTES, Purpose::Create, &call.fields, call.helpdesk);
    errors.extend(check(&call));
    Refusal::unless_empty(errors)?;
    if ticket.hidden() {
        return Err(Refusal::verb(&Method::POST, vec!["GET"]));
    }
    let conversation = written(&mut call, &ticket);
    let id = conversation.id;
    let now = call.now;
    call.ticket()?.replied(now);
    let answer = Answer::json(201, &shape::sent(&conversation));
    call.helpdesk.conversations.insert(id, conversation);
    Ok(answer.with("location", &call.location(&format!("conversations/{id}"))))
}

/// Complains about a reply that says nothing, an unknown mailbox and an unknown agent.
fn check(call: &Call<'_>) -> Vec<FieldError> {
    let fields = &call.fields;
    let mut errors = Vec::new();
    if !fields.has("structured_body") && fields.value("body").is_none() {
        errors.push(FieldError::new("body", "missing_field", "It should be a/an String"));
    }
    if fields.text("body").is_some_and(|body| body.trim().is_empty()) {
        errors.push(FieldError::value("body", "It should not be blank as this is a mandatory field"));
    }
    let from = fields.text("from_email");
    if from.is_some_and(|from| !call.helpdesk.mailboxes.iter().any(|mailbox| mailbox.email == from)) {
        errors.push(FieldError::value("from_email", "It should be one of the configured support addresses"));
    }
    if fields.number("user_id").is_some_and(|id| !call.helpdesk.agents.contains_key(&id)) {
        errors.push(FieldError::value("user_id", "There is no agent matching the given user_id"));
    }
    errors
}

/// The reply that the attributes describe, from the ticket's own mailbox or the primary one.
fn written(call: &mut Call<'_>, ticket: &Ticket) -> Conversation {
    let id = call.helpdesk.fresh_id();
    let fields = &call.fields;
    let author = fields.number("user_id").unwrap_or(call.caller);
    let body = html::wrapped(&fields.text("body").unwrap_or_default());
    let (support_email, from_email) = sender(call.helpdesk, fields.text("from_email"));
    let requester = call.helpdesk.person(ticket.requester_id).and_then(|person| person.email);
    Conversation {
        support_email,
        from_email,
        to_emails: Some(requester.into_iter().collect()),
        cc_emails: fields.texts("cc_emails").unwrap_or_default(),
        bcc_emails: Some(fields.texts("bcc_emails").unwrap_or_default()),
        ..Conversation::mail(id, ticket.id, author, &body, call.now)
    }
}

/// The address of the mailbox, bare and as `Name <address>`.
fn sender(helpdesk: &Helpdesk, wanted: Option<String>) -> (Option<String>, Option<String>) {
    let named = helpdesk.mailboxes.iter().find(|mailbox| wanted.as_ref() == Some(&mailbox.email));
    let mailbox = named.or(helpdesk.mailboxes.first());
    let full = mailbox.map(|mailbox| format!("{} <{}>", mailbox.name, mailbox.email));
    (mailbox.map(|mailbox| mailbox.email.clone()), full)
}
