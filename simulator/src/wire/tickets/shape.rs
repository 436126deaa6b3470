//! How a ticket looks in each answer. Create, view, update and list have different keys (`docs/freshdesk.md §6.1`).

use serde_json::{Value, json};

use crate::state::{Feature, Helpdesk, Ticket};
use crate::wire::moment::{shown, shown_or_null};
use crate::wire::query::Query;
use crate::wire::{custom_field, html};

/// The form that every ticket of the simulator is made with.
const FORM_ID: u64 = 158_000_000_001;

/// The answer to a create.
pub(super) fn created(helpdesk: &Helpdesk, ticket: &Ticket) -> Value {
    let mut value = common(helpdesk, ticket);
    add_description(&mut value, ticket);
    value["attachments"] = json!([]);
    value["form_id"] = json!(FORM_ID);
    value
}

/// The answer to a view.
pub(super) fn viewed(helpdesk: &Helpdesk, ticket: &Ticket) -> Value {
    let mut value = common(helpdesk, ticket);
    add_description(&mut value, ticket);
    value["attachments"] = json!([]);
    value["association_type"] = json!(ticket.association_type);
    value["source_additional_info"] = Value::Null;
    value["sentiment_score"] = json!(ticket.sentiment_score);
    value["initial_sentiment_score"] = json!(ticket.sentiment_score);
    if ticket.association_type.is_some() {
        value["associated_tickets_list"] = json!(ticket.associated);
    }
    add_deletion(&mut value, ticket);
    value
}

/// The answer to an update.
pub(super) fn updated(helpdesk: &Helpdesk, ticket: &Ticket) -> Value {
    let mut value = common(helpdesk, ticket);
    add_description(&mut value, ticket);
    value["attachments"] = json!([]);
    value["sentiment_score"] = json!(ticket.sentiment_score);
    value
}

/// An item of a list, with its description only on request.
pub(super) fn listed(helpdesk: &Helpdesk, ticket: &Ticket, described: bool) -> Value {
    let mut value = common(helpdesk, ticket);
    if described {
        add_description(&mut value, ticket);
    }
    let associated = ticket.association_type.map(|_| ticket.associated.len());
    value["association_type"] = json!(ticket.association_type);
    value["associated_tickets_count"] = json!(associated);
    value["form_id"] = json!(FORM_ID);
    value["sentiment_score"] = json!(ticket.sentiment_score);
    value["initial_sentiment_score"] = json!(ticket.sentiment_score);
    add_deletion(&mut value, ticket);
    value
}

/// Embeds requester, company and stats when the query asks for them.
pub(super) fn embed(value: &mut Value, helpdesk: &Helpdesk, ticket: &Ticket, query: &Query) {
    if query.includes("requester") {
        value["requester"] = match helpdesk.person(ticket.requester_id) {
            None => Value::Null,
            Some(person) => json!({
                "id": person.id,
                "name": person.name,
                "email": person.email,
                "mobile": person.mobile,
                "phone": person.phone,
            }),
        };
    }
    if query.includes("company") {
        let company = ticket.company_id.and_then(|id| helpdesk.companies.get(&id));
        value["company"] =
            company.map_or_else(|| json!({}), |company| json!({ "id": company.id, "name": company.name }));
    }
    if query.includes("stats") {
        value["stats"] = stats(ticket);
    }
}

/// The policy that every ticket of the simulator has; only a client library names its keys.
pub(super) fn sla_policy() -> Value {
    json!({
        "name": "Default SLA Policy",
        "description": "default policy",
        "active": true,
        "sla_target": {},
        "applicable_to": {},
        "escalation": {},
    })
}

fn stats(ticket: &Ticket) -> Value {
    let stats = &ticket.stats;
    json!({
        "agent_responded_at": shown_or_null(stats.agent_responded_at),
        "requester_responded_at": shown_or_null(stats.requester_responded_at),
        "first_responded_at": shown_or_null(stats.first_responded_at),
        "status_updated_at": shown_or_null(stats.status_updated_at),
        "reopened_at": shown_or_null(stats.reopened_at),
        "resolved_at": shown_or_null(stats.resolved_at),
        "closed_at": shown_or_null(stats.closed_at),
        "pending_since": shown_or_null(stats.pending_since),
    })
}

/// The keys that all four answers have.
fn common(helpdesk: &Helpdesk, ticket: &Ticket) -> Value {
    let no_emails = ticket.cc_emails.as_ref().map(|_| json!([]));
    let mut value = json!({
        "id": ticket.id,
        "subject": ticket.subject,
        "cc_emails": ticket.cc_emails,
        "reply_cc_emails": ticket.cc_emails,
        "ticket_cc_emails": ticket.cc_emails,
        "fwd_emails": no_emails,
        "ticket_bcc_emails": no_emails,
        "to_emails": ticket.to_emails,
        "support_email": ticket.support_email,
        "spam": ticket.spam,
        "fr_escalated": false,
        "nr_escalated": false,
        "is_escalated": false,
        "email_config_id": ticket.email_config_id,
        "product_id": ticket.product_id,
        "group_id": ticket.group_id,
        "responder_id": ticket.responder_id,
        "requester_id": ticket.requester_id,
        "company_id": ticket.company_id,
        "priority": ticket.priority,
        "source": ticket.source,
        "status": ticket.status,
        "type": ticket.kind,
        "due_by": shown_or_null(ticket.deadlines.due_by),
        "fr_due_by": shown_or_null(ticket.deadlines.fr_due_by),
        "nr_due_by": null,
        "structured_description": null,
        "custom_fields": custom_field::shown(&helpdesk.ticket_fields, &ticket.custom_fields),
        "tags": ticket.tags,
        "source_info": null,
        "created_at": shown(ticket.created_at),
        "updated_at": shown(ticket.updated_at),
    });
    if helpdesk.features.contains(&Feature::SharedOwnership) {
        value["internal_agent_id"] = json!(ticket.internal_agent_id);
        value["internal_group_id"] = json!(ticket.internal_group_id);
    }
    value
}

fn add_description(value: &mut Value, ticket: &Ticket) {
    value["description"] = json!(ticket.description);
    value["description_text"] = json!(html::stripped(&ticket.description, "\n"));
}

/// The key is there only when it is true.
fn add_deletion(value: &mut Value, ticket: &Ticket) {
    if ticket.deleted {
        value["deleted"] = json!(true);
    }
}
