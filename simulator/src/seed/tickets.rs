//! Tickets and what is said on them.

use serde_json::json;

use super::people::{LUIS, OLENA, PRIYA, SARAH, STRANGER};
use super::{ADMIN_ID, AGENT_ID, BILLING, FIRST_LINE, MAILBOX, PRODUCT, TICKET_ID, ago};
use crate::state::{Conversation, Helpdesk, Moment, Ticket};

/// A ticket in short: id, requester, hours of age, priority, status, source, type, subject, description.
type Line = (u64, u64, u64, u64, u64, u64, Option<&'static str>, &'static str, &'static str);

/// All tickets, oldest first.
const LINES: [Line; 13] = [
    (
        42_731,
        OLENA,
        1100,
        2,
        2,
        1,
        Some("Problem"),
        "Export stops at 10,000 rows",
        "The export of orders ends too early.",
    ),
    (42_790, PRIYA, 300, 1, 5, 2, Some("Question"), "How do I add a colleague?", "Where can I invite somebody?"),
    (42_798, LUIS, 210, 2, 4, 3, Some("Incident"), "Invoices arrive twice", "We get each invoice two times."),
    (42_801, LUIS, 160, 1, 5, 10, None, "Your renewal in December", "Dear Luis, your plan renews on 15 December."),
    (42_804, OLENA, 140, 2, 6, 1, Some("Refund"), "Refund for order 7731", "I cancelled on the first day."),
    (42_806, PRIYA, 120, 3, 7, 1, Some("Incident"), "Card declined by the bank", "My card works everywhere else."),
    (42_809, STRANGER, 90, 1, 2, 1, None, "You have won", "Click to collect your prize."),
    (42_811, OLENA, 80, 1, 5, 2, None, "Test, please ignore", "Only a test."),
    (42_812, LUIS, 60, 2, 3, 1, Some("Question"), "VAT number on invoices", "Can you print our VAT number?"),
    (42_814, PRIYA, 40, 1, 2, 9, Some("Feature Request"), "Dark mode", "My eyes would thank you."),
    (42_815, LUIS, 26, 4, 2, 3, Some("Incident"), "Nobody at Northwind can log in", "All of us see error 500."),
    (42_816, SARAH, 20, 2, 2, 2, Some("Question"), "Single sign-on with our directory", "Do you speak SAML?"),
    (
        TICKET_ID,
        SARAH,
        5,
        3,
        2,
        1,
        Some("Incident"),
        "Session lost after password reset",
        "<div>Hello,<br>since I reset my password I am logged out every few minutes.<br>Sarah</div>",
    ),
];

/// Adds the tickets and the conversations.
pub(super) fn add(helpdesk: &mut Helpdesk, now: Moment) {
    for line in LINES {
        let ticket = made(helpdesk, line, now);
        helpdesk.tickets.insert(ticket.id, ticket);
    }
    helpdesk.next_ticket_id = TICKET_ID + 1;
    for ticket in helpdesk.tickets.values_mut() {
        adorn(ticket, now);
    }
    for conversation in conversations(now) {
        helpdesk.conversations.insert(conversation.id, conversation);
    }
}

fn made(helpdesk: &Helpdesk, line: Line, now: Moment) -> Ticket {
    let (id, requester, age, priority, status, source, kind, subject, description) = line;
    let created_at = ago(now, age);
    let mut ticket = Ticket::new(id, requester, subject, description, created_at);
    if !description.starts_with('<') {
        ticket.description = format!("<div>{description}</div>");
    }
    ticket.priority = priority;
    ticket.source = source;
    ticket.kind = kind.map(str::to_owned);
    ticket.company_id = helpdesk.contacts.get(&requester).and_then(|contact| contact.company_id);
    ticket.email_config_id = Some(MAILBOX);
    ticket.product_id = Some(PRODUCT);
    ticket.group_id = Some(FIRST_LINE);
    ticket.deadlines = ticket.promised(created_at);
    if matches!(source, 1 | 10) {
        ticket.support_email = Some("support@acme.freshdesk.com".to_owned());
        ticket.to_emails = Some(vec!["support@acme.freshdesk.com".to_owned()]);
    }
    if status != ticket.status {
        ticket.enter(status, ago(now, age / 2));
        ticket.updated_at = ago(now, age / 2);
    }
    ticket
}

/// What sets single tickets apart.
fn adorn(ticket: &mut Ticket, now: Moment) {
    let tags = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect();
    match ticket.id {
        TICKET_ID => {
            ticket.responder_id = Some(ADMIN_ID);
            ticket.tags = tags(&["auth", "login"]);
            ticket.custom_fields.insert("cf_plan".to_owned(), json!("Business"));
            ticket.sentiment_score = Some(34);
            ticket.stats.requester_responded_at = Some(ago(now, 2));
            ticket.updated_at = ago(now, 1);
        }
        // Created long ago and changed today: only `updated_since` finds it.
        42_731 => {
            ticket.responder_id = Some(AGENT_ID);
            ticket.updated_at = ago(now, 3);
        }
        // It came with the account, so its lists of addresses are null.
        42_790 => ticket.cc_emails = None,
        42_804 => {
            ticket.group_id = Some(BILLING);
            ticket.responder_id = Some(AGENT_ID);
            ticket.custom_fields.insert("cf_order_number".to_owned(), json!("7731"));
        }
        42_809 => ticket.spam = true,
        42_811 => ticket.deleted = true,
        42_812 => ticket.watchers = vec![ADMIN_ID],
        42_815 => {
            ticket.responder_id = Some(AGENT_ID);
            ticket.tags = tags(&["outage"]);
        }
        _ => {}
    }
}

/// On the story's ticket: her second mail and two notes about it. On another one: a reply.
fn conversations(now: Moment) -> [Conversation; 4] {
    let id = |number: u64| 158_017_000_800 + number;
    let mailbox = "Acme Support <support@acme.freshdesk.com>";
    let support = Some("support@acme.freshdesk.com".to_owned());
    let checked = "<div>Her old sessions were not closed by the reset.</div>";
    let asked = "<div>It happened again.<br>Is there any news?</div>";
    let planned = "<div>Close all sessions, then ask her to log in.</div>";
    let answered = "<div>Yes, you can set it under Billing.</div>";
    [
        Conversation::note(id(1), TICKET_ID, AGENT_ID, checked, ago(now, 4)),
        Conversation {
            incoming: true,
            support_email: support.clone(),
            from_email: Some("Sarah Chen <sarah@acmecorp.com>".to_owned()),
            to_emails: Some(vec!["support@acme.freshdesk.com".to_owned()]),
            ..Conversation::mail(id(2), TICKET_ID, SARAH, asked, ago(now, 2))
        },
        Conversation::note(id(3), TICKET_ID, ADMIN_ID, planned, ago(now, 1)),
        Conversation {
            support_email: support,
            from_email: Some(mailbox.to_owned()),
            to_emails: Some(vec!["luis@northwind.example".to_owned()]),
            ..Conversation::mail(id(4), 42_812, ADMIN_ID, answered, ago(now, 30))
        },
    ]
}
