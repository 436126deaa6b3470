//! Tickets and their times.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::Moment;

/// A ticket: `docs/freshdesk.md §6.1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// The small number of the ticket within its account.
    pub id: u64,
    /// The subject.
    pub subject: Option<String>,
    /// The description in HTML.
    pub description: String,
    /// Who asks: a contact or an agent.
    pub requester_id: u64,
    /// The agent it is assigned to.
    pub responder_id: Option<u64>,
    /// The group it is assigned to.
    pub group_id: Option<u64>,
    /// The requester's company.
    pub company_id: Option<u64>,
    /// The product.
    pub product_id: Option<u64>,
    /// The mailbox.
    pub email_config_id: Option<u64>,
    /// 2 Open, 3 Pending, 4 Resolved, 5 Closed, or one of the account's own.
    pub status: u64,
    /// 1 Low to 4 Urgent.
    pub priority: u64,
    /// How it came: 1 mail, 2 portal, 3 phone, 7 chat, 9 feedback widget, 10 outbound mail.
    pub source: u64,
    /// One of the account's types.
    pub kind: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// Who gets copies. Absent on tickets that came with the account, which answer null for every list of addresses.
    pub cc_emails: Option<Vec<String>>,
    /// The addressees, when it was a mail.
    pub to_emails: Option<Vec<String>>,
    /// The mailbox's address, when it was a mail.
    pub support_email: Option<String>,
    /// The custom fields that are set, by name.
    pub custom_fields: BTreeMap<String, Value>,
    /// When answers are due, as the API shows it.
    pub deadlines: Deadlines,
    /// The deadlines that will soon be shown instead.
    pub pending: Option<Pending>,
    /// Whether it is marked as spam.
    pub spam: bool,
    /// Whether it is in the trash.
    pub deleted: bool,
    /// The agents who watch it.
    pub watchers: Vec<u64>,
    /// 1 Parent, 2 Child, 3 Tracker, 4 Related.
    pub association_type: Option<u64>,
    /// The tickets on the other side of the association.
    pub associated: Vec<u64>,
    /// The agent of shared ownership.
    pub internal_agent_id: Option<u64>,
    /// The group of shared ownership.
    pub internal_group_id: Option<u64>,
    /// The mood of the requester, 0 to 100.
    pub sentiment_score: Option<u64>,
    /// When what happened.
    pub stats: Stats,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

/// When a ticket must be answered and resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deadlines {
    /// When it must be resolved.
    pub due_by: Option<Moment>,
    /// When it must first be answered.
    pub fr_due_by: Option<Moment>,
}

/// Deadlines that are computed but not shown yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending {
    /// When they begin to be shown.
    pub from: Moment,
    /// What is shown then.
    pub deadlines: Deadlines,
}

/// The eight times that `include=stats` shows: `docs/freshdesk.md §6.2`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// When an agent last replied.
    pub agent_responded_at: Option<Moment>,
    /// When the requester last wrote.
    pub requester_responded_at: Option<Moment>,
    /// When an agent first replied.
    pub first_responded_at: Option<Moment>,
    /// When the status last changed.
    pub status_updated_at: Option<Moment>,
    /// When it was last reopened.
    pub reopened_at: Option<Moment>,
    /// When it was resolved.
    pub resolved_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// Since when it is pending.
    pub pending_since: Option<Moment>,
}

impl Ticket {
    /// An open ticket of low priority from the portal, with the defaults of `POST /tickets`.
    pub fn new(id: u64, requester_id: u64, subject: &str, description: &str, now: Moment) -> Ticket {
        let mut ticket = Ticket {
            id,
            subject: Some(subject.to_owned()),
            description: description.to_owned(),
            requester_id,
            responder_id: None,
            group_id: None,
            company_id: None,
            product_id: None,
            email_config_id: None,
            status: 2,
            priority: 1,
            source: 2,
            kind: None,
            tags: Vec::new(),
            cc_emails: Some(Vec::new()),
            to_emails: None,
            support_email: None,
            custom_fields: BTreeMap::new(),
            deadlines: Deadlines::default(),
            pending: None,
            spam: false,
            deleted: false,
            watchers: Vec::new(),
            association_type: None,
            associated: Vec::new(),
            internal_agent_id: None,
            internal_group_id: None,
            sentiment_score: None,
            stats: Stats::default(),
            created_at: now,
            updated_at: now,
        };
        ticket.enter(2, now);
        ticket
    }

    /// Gives the ticket a status and notes the times that go with it.
    pub fn enter(&mut self, status: u64, now: Moment) {
        let was_done = matches!(self.status, 4 | 5);
        let is_done = matches!(status, 4 | 5);
        self.status = status;
        self.stats.status_updated_at = Some(now);
        self.stats.pending_since = (status == 3).then_some(now);
        if was_done && !is_done {
            self.stats.reopened_at = Some(now);
        }
        self.stats.resolved_at = is_done.then(|| self.stats.resolved_at.unwrap_or(now));
        self.stats.closed_at = (status == 5).then_some(now);
    }

    /// Notes that an agent replied. On an outbound ticket no such time is kept (`docs/freshdesk.md §6.2`).
    pub fn replied(&mut self, now: Moment) {
        self.updated_at = now;
        if self.source != 10 {
            self.stats.agent_responded_at = Some(now);
            self.stats.first_responded_at.get_or_insert(now);
        }
    }

    /// The deadlines that the priority gives, counted from `from`.
    pub fn promised(&self, from: Moment) -> Deadlines {
        let (first, due) = match self.priority {
            4 => (1, 4),
            3 => (4, 12),
            2 => (8, 24),
            _ => (24, 72),
        };
        let hours = |hours: u64| Some(from + Duration::from_secs(hours * 3600));
        Deadlines { due_by: hours(due), fr_due_by: hours(first) }
    }

    /// Shows the pending deadlines when their time has come.
    pub fn settle(&mut self, now: Moment) {
        if let Some(pending) = self.pending.filter(|pending| pending.from <= now) {
            self.deadlines = pending.deadlines;
            self.pending = None;
        }
    }

    /// Whether the plain list and the views leave it out.
    pub fn hidden(&self) -> bool {
        self.spam || self.deleted
    }
}
