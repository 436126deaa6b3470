//! The helpdesk that is there at the start: a small company that answers its customers.
//!
//! Everything in it is invented, and every time is relative to the start.

mod people;
mod roles;
mod tickets;

use std::time::Duration;

use crate::state::{Company, CustomField, FieldKind, Helpdesk, Mailbox, Moment};

/// The label of the helpdesk, `acme.freshdesk.com`.
pub const LABEL: &str = "acme";

/// The key of Jane Doe, an administrator.
pub const ADMIN_KEY: &str = "FAKEkeyOfJaneDoe0001";

/// The key of Tom Park, an agent without further rights.
pub const AGENT_KEY: &str = "FAKEkeyOfTomPark0002";

/// Jane Doe's id.
pub const ADMIN_ID: u64 = 158_017_000_101;

/// Tom Park's id.
pub const AGENT_ID: u64 = 158_017_000_102;

/// The ticket that the story is about: Sarah Chen cannot stay logged in.
pub const TICKET_ID: u64 = 42_817;

const ACME_CORP: u64 = 158_017_000_301;
const NORTHWIND: u64 = 158_017_000_302;
const FIRST_LINE: u64 = 158_017_000_401;
const BILLING: u64 = 158_017_000_402;
const PRODUCT: u64 = 158_017_000_501;
const MAILBOX: u64 = 158_017_000_601;

/// The seeded helpdesk as it is at `now`.
pub(crate) fn helpdesk(now: Moment) -> Helpdesk {
    let now = now.replace_nanosecond(0).unwrap_or(now);
    let mut helpdesk = Helpdesk::new(LABEL);
    helpdesk.name = "Acme Support".to_owned();
    helpdesk.statuses.insert(6, "Waiting on customer".to_owned());
    helpdesk.statuses.insert(7, "Waiting on third party".to_owned());
    helpdesk.ticket_types.push("Refund".to_owned());
    helpdesk.ticket_fields = vec![
        CustomField::choice("cf_plan", &["Starter", "Team", "Business"]),
        CustomField::new("cf_order_number", FieldKind::Text),
    ];
    helpdesk.contact_fields = vec![CustomField::new("customer_since", FieldKind::Date)];
    for (id, name) in [(ACME_CORP, "Acme Corp"), (NORTHWIND, "Northwind Traders")] {
        helpdesk.companies.insert(id, Company { id, name: name.to_owned() });
    }
    helpdesk.groups.insert(FIRST_LINE, "First line".to_owned());
    helpdesk.groups.insert(BILLING, "Billing".to_owned());
    helpdesk.products.insert(PRODUCT, "Acme Cloud".to_owned());
    let mailbox = |id, name: &str, email: &str| Mailbox {
        id,
        name: name.to_owned(),
        email: email.to_owned(),
        product_id: Some(PRODUCT),
    };
    helpdesk.mailboxes = vec![
        mailbox(MAILBOX, "Acme Support", "support@acme.freshdesk.com"),
        mailbox(MAILBOX + 1, "Acme Billing", "billing@acme.freshdesk.com"),
    ];
    roles::add(&mut helpdesk, now);
    people::add(&mut helpdesk, now);
    tickets::add(&mut helpdesk, now);
    helpdesk
}

/// So many hours before `now`.
fn ago(now: Moment, hours: u64) -> Moment {
    now - Duration::from_secs(hours * 3600)
}
