//! What a ticket is made from and changed by: `docs/freshdesk.md §7.1` and `§7.3`.

use crate::state::{Feature, Helpdesk, Ticket};
use crate::wire::attribute::{Attribute, Kind, clearable, settable, usual};
use crate::wire::body::Fields;
use crate::wire::custom_field;
use crate::wire::errors::FieldError;
use crate::wire::html;

/// The attributes of a create.
pub(super) const ATTRIBUTES: [Attribute; 29] = [
    clearable("requester_id", Kind::Number),
    clearable("email", Kind::Email),
    clearable("phone", Kind::Text),
    clearable("facebook_id", Kind::Text),
    clearable("twitter_id", Kind::Text),
    clearable("unique_external_id", Kind::Text),
    clearable("name", Kind::Text),
    usual("subject", Kind::Text),
    usual("description", Kind::Text),
    usual("status", Kind::Status),
    usual("priority", Kind::Choice(&[1, 2, 3, 4])),
    settable("source", Kind::Choice(&[1, 2, 3, 7, 9, 10])),
    clearable("type", Kind::TicketType),
    clearable("responder_id", Kind::Number),
    clearable("group_id", Kind::Number),
    clearable("product_id", Kind::Number),
    clearable("email_config_id", Kind::Number),
    clearable("company_id", Kind::Number),
    clearable("parent_id", Kind::Number),
    clearable("internal_agent_id", Kind::Number),
    clearable("internal_group_id", Kind::Number),
    clearable("tags", Kind::Tags),
    clearable("custom_fields", Kind::TicketFields),
    clearable("due_by", Kind::Moment),
    clearable("fr_due_by", Kind::Moment),
    settable("attachments", Kind::Files),
    clearable("related_ticket_ids", Kind::Numbers),
    clearable("lookup_parameter", Kind::Text),
    // The last one is for a create only.
    clearable("cc_emails", Kind::Emails),
];

/// The attributes of an update: the same, but who gets copies cannot be changed afterwards.
pub(super) fn of_update() -> &'static [Attribute] {
    const { ATTRIBUTES.split_at(28).0 }
}

/// The attributes whose feature a plan may lack.
pub(super) const FEATURES: &[(&str, Feature)] = &[
    ("company_id", Feature::MultipleCompanies),
    ("internal_agent_id", Feature::SharedOwnership),
    ("internal_group_id", Feature::SharedOwnership),
];

/// Complains about references to what does not exist.
pub(super) fn check_references(helpdesk: &Helpdesk, fields: &Fields) -> Vec<FieldError> {
    let agent = |id| helpdesk.agents.contains_key(&id);
    let group = |id| helpdesk.groups.contains_key(&id);
    let ticket = |id| helpdesk.tickets.contains_key(&id);
    let references: [(&str, &dyn Fn(u64) -> bool); 8] = [
        ("responder_id", &agent),
        ("internal_agent_id", &agent),
        ("group_id", &group),
        ("internal_group_id", &group),
        ("product_id", &|id| helpdesk.products.contains_key(&id)),
        ("email_config_id", &|id| helpdesk.mailboxes.iter().any(|mailbox| mailbox.id == id)),
        ("company_id", &|id| helpdesk.companies.contains_key(&id)),
        ("parent_id", &ticket),
    ];
    let dangling = |(name, exists): (&str, &dyn Fn(u64) -> bool)| {
        let id = fields.number(name)?;
        (!exists(id)).then(|| FieldError::value(name, format!("There is no record matching the given {name}")))
    };
    let related = fields.numbers("related_ticket_ids").unwrap_or_default().into_iter().all(ticket);
    let unrelated = (!related).then(|| FieldError::value("related_ticket_ids", "There is no ticket with this id"));
    references.into_iter().filter_map(dangling).chain(unrelated).collect()
}

/// Takes over the attributes that are sent, status, requester and deadlines excepted.
pub(super) fn apply(ticket: &mut Ticket, fields: &Fields) {
    ticket.subject = fields.text("subject").or(ticket.subject.take());
    if let Some(description) = fields.text("description") {
        ticket.description = html::wrapped(&description);
    }
    ticket.priority = fields.number("priority").unwrap_or(ticket.priority);
    ticket.source = fields.number("source").unwrap_or(ticket.source);
    if fields.has("type") {
        ticket.kind = fields.text("type");
    }
    if fields.has("tags") {
        ticket.tags = fields.texts("tags").unwrap_or_default();
    }
    for (name, place) in [
        ("responder_id", &mut ticket.responder_id),
        ("group_id", &mut ticket.group_id),
        ("product_id", &mut ticket.product_id),
        ("email_config_id", &mut ticket.email_config_id),
        ("company_id", &mut ticket.company_id),
        ("internal_agent_id", &mut ticket.internal_agent_id),
        ("internal_group_id", &mut ticket.internal_group_id),
    ] {
        if fields.has(name) {
            *place = fields.number(name);
        }
    }
    custom_field::apply(&mut ticket.custom_fields, fields.value("custom_fields"));
}

/// Ties the ticket to its parent, or to the tickets it tracks.
pub(super) fn associate(helpdesk: &mut Helpdesk, id: u64, fields: &Fields) {
    let mut tie = |from: u64, kind: u64, to: u64| {
        if let Some(ticket) = helpdesk.tickets.get_mut(&from) {
            ticket.association_type = Some(kind);
            if !ticket.associated.contains(&to) {
                ticket.associated.push(to);
            }
        }
    };
    if let Some(parent) = fields.number("parent_id") {
        tie(parent, 1, id);
        tie(id, 2, parent);
    }
    for related in fields.numbers("related_ticket_ids").unwrap_or_default() {
        tie(id, 3, related);
        tie(related, 4, id);
    }
}
