//! What is said on a ticket after its description.

use super::Moment;

/// A reply, a note or a requester's mail: `docs/freshdesk.md §6.3`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// The id.
    pub id: u64,
    /// The ticket it belongs to.
    pub ticket_id: u64,
    /// Who wrote it: an agent or a contact.
    pub user_id: u64,
    /// The text in HTML.
    pub body: String,
    /// Whether it came from outside.
    pub incoming: bool,
    /// Whether only agents see it.
    pub private: bool,
    /// 0 for a reply, 2 for a note.
    pub source: u64,
    /// 3 for an agent's reply, 2 for a private note, 7 for a survey's answer.
    pub category: u64,
    /// The mailbox; none for notes.
    pub support_email: Option<String>,
    /// The sender as `Name <address>`; none for notes.
    pub from_email: Option<String>,
    /// The recipients; none for a survey's answer.
    pub to_emails: Option<Vec<String>>,
    /// Who gets a copy.
    pub cc_emails: Vec<String>,
    /// Who gets a hidden copy; none for notes.
    pub bcc_emails: Option<Vec<String>>,
    /// When it was written.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

impl Conversation {
    /// A private note of an agent.
    pub fn note(id: u64, ticket_id: u64, user_id: u64, body: &str, now: Moment) -> Conversation {
        Conversation {
            id,
            ticket_id,
            user_id,
            body: body.to_owned(),
            incoming: false,
            private: true,
            source: 2,
            category: 2,
            support_email: None,
            from_email: None,
            to_emails: Some(Vec::new()),
            cc_emails: Vec::new(),
            bcc_emails: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// A public mail between a mailbox and a requester, sent by an agent unless `incoming`.
    pub fn mail(id: u64, ticket_id: u64, user_id: u64, body: &str, now: Moment) -> Conversation {
        Conversation {
            private: false,
            source: 0,
            category: 3,
            bcc_emails: Some(Vec::new()),
            ..Conversation::note(id, ticket_id, user_id, body, now)
        }
    }
}
