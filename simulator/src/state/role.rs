//! Roles and the rights they give.

use std::collections::BTreeSet;

use super::Moment;

/// Something an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// View and list tickets and their conversations.
    ViewTickets,
    /// Create tickets.
    CreateTickets,
    /// Update tickets.
    EditTickets,
    /// Reply to tickets.
    Reply,
    /// List contacts.
    ViewContacts,
    /// Create contacts.
    CreateContacts,
    /// Everything about agents, and the list of roles.
    Administer,
}

impl Right {
    /// All of them.
    pub const ALL: [Right; 7] = [
        Right::ViewTickets,
        Right::CreateTickets,
        Right::EditTickets,
        Right::Reply,
        Right::ViewContacts,
        Right::CreateContacts,
        Right::Administer,
    ];
}

/// A role that agents have: `docs/freshdesk.md §6.6`.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether Freshdesk made it.
    pub default: bool,
    /// 1 for support agents, 3 for collaborators.
    pub agent_type: u64,
    /// What it allows.
    pub rights: BTreeSet<Right>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}
