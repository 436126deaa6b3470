//! `GET /tickets`: `docs/freshdesk.md §7.4`.

use std::cmp::Ordering;

use serde_json::Value;

use super::shape;
use crate::state::{Moment, Ticket};
use crate::wire::call::Call;
use crate::wire::errors::{FieldError, Refusal};
use crate::wire::include::ON_LIST;
use crate::wire::message::Answer;
use crate::wire::moment;
use crate::wire::page::Page;
use crate::wire::query::Query;

const PARAMETERS: &[&str] = &[
    "filter",
    "requester_id",
    "email",
    "unique_external_id",
    "company_id",
    "updated_since",
    "order_by",
    "order_type",
    "include",
    "page",
    "per_page",
];
const FILTERS: &[&str] = &["new_and_my_open", "watching", "spam", "deleted"];
const ORDERS: &[&str] = &["created_at", "due_by", "updated_at", "status"];

/// How far back the list goes by creation when nothing else is asked for.
const WINDOW: time::Duration = time::Duration::days(30);

/// The last page that is served.
const LAST_PAGE: u64 = 300;

/// What is asked for.
struct Wish {
    filter: Option<&'static str>,
    requester_id: Option<u64>,
    company_id: Option<u64>,
    updated_since: Option<Moment>,
    order_by: &'static str,
    ascending: bool,
    page: Page,
}

/// Lists tickets, newest first unless another order is asked for.
pub(crate) fn list(call: Call<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(call.query);
    let wish = Wish::read(&query, &call)?;
    for ticket in call.helpdesk.tickets.values_mut() {
        ticket.settle(call.now);
    }
    let caller = call.helpdesk.agents.get(&call.caller);
    let visible = |ticket: &&Ticket| caller.is_some_and(|caller| caller.sees(ticket));
    let mut tickets: Vec<&Ticket> =
        call.helpdesk.tickets.values().filter(visible).filter(|ticket| wish.fits(ticket, &call)).collect();
    tickets.sort_by(|one, other| wish.order(one, other));
    let (tickets, more) = wish.page.cut(tickets);
    let show = |ticket: &Ticket| {
        let mut shown = shape::listed(call.helpdesk, ticket, query.includes("description"));
        shape::embed(&mut shown, call.helpdesk, ticket, &query);
        shown
    };
    let items: Vec<Value> = tickets.into_iter().map(show).collect();
    Ok(wish.page.answer(&call, items, more))
}

impl Wish {
    /// Reads the query and lists everything that is wrong with it.
    fn read(query: &Query, call: &Call<'_>) -> Result<Wish, Refusal> {
        let mut errors = query.unknown(PARAMETERS);
        errors.extend(ON_LIST.check(query));
        let page = Page::read(query, &mut errors);
        page.check_wall(LAST_PAGE, &mut errors);
        let updated_since = query.get("updated_since").map(moment::read);
        if updated_since == Some(None) {
            errors.push(FieldError::value("updated_since", "It should be a/an combined date and time ISO8601"));
        }
        let wish = Wish {
            filter: query.word("filter", FILTERS, &mut errors),
            requester_id: requester(query, call, &mut errors),
            company_id: company(query, call, &mut errors),
            updated_since: updated_since.flatten(),
            order_by: query.word("order_by", ORDERS, &mut errors).unwrap_or("created_at"),
            ascending: query.word("order_type", &["asc", "desc"], &mut errors) == Some("asc"),
            page,
        };
        Refusal::unless_empty(errors)?;
        Ok(wish)
    }

    /// Whether a ticket belongs to the list.
    fn fits(&self, ticket: &Ticket, call: &Call<'_>) -> bool {
        let recent = match self.updated_since {
            Some(since) => ticket.updated_at >= since,
            None => ticket.created_at > call.now - WINDOW,
        };
        let mine = ticket.responder_id.is_none_or(|responder| responder == call.caller);
        let filtered = match self.filter {
            Some("spam") => ticket.spam && !ticket.deleted,
            Some("deleted") => ticket.deleted,
            Some("watching") => !ticket.hidden() && ticket.watchers.contains(&call.caller),
            Some(_) => !ticket.hidden() && ticket.status == 2 && mine,
            None => !ticket.hidden(),
        };
        recent
            && filtered
            && self.requester_id.is_none_or(|requester| ticket.requester_id == requester)
            && self.company_id.is_none_or(|company| ticket.company_id == Some(company))
    }

    fn order(&self, one: &Ticket, other: &Ticket) -> Ordering {
        let order = match self.order_by {
            "due_by" => one.deadlines.due_by.cmp(&other.deadlines.due_by),
            "updated_at" => one.updated_at.cmp(&other.updated_at),
            "status" => one.status.cmp(&other.status),
            _ => one.created_at.cmp(&other.created_at),
        };
        let order = order.then(one.id.cmp(&other.id));
        if self.ascending { order } else { order.reverse() }
    }
}

/// The requester whom one of three parameters names. Naming nobody is an error, not an empty list.
fn requester(query: &Query, call: &Call<'_>, errors: &mut Vec<FieldError>) -> Option<u64> {
    let helpdesk = &*call.helpdesk;
    let by_external_id = |wanted: &str| {
        let own = |contact: &&crate::state::Contact| contact.unique_external_id.as_deref() == Some(wanted);
        helpdesk.contacts.values().find(own).map(|contact| contact.id)
    };
    let id = query.number("requester_id", errors).map(|id| helpdesk.person(id).map(|person| person.id));
    let named = [
        ("requester_id", id),
        ("email", query.get("email").map(|email| helpdesk.person_by_email(email))),
        ("unique_external_id", query.get("unique_external_id").map(by_external_id)),
    ];
    for (name, found) in named {
        if found == Some(None) {
            errors.push(FieldError::value(name, format!("There is no contact matching the given {name}")));
        }
    }
    named.into_iter().find_map(|(_, found)| found.flatten())
}

fn company(query: &Query, call: &Call<'_>, errors: &mut Vec<FieldError>) -> Option<u64> {
    let company = query.number("company_id", errors)?;
    if !call.helpdesk.companies.contains_key(&company) {
        errors.push(FieldError::value("company_id", "There is no company matching the given company_id"));
    }
    Some(company)
}
