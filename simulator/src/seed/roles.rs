//! The roles that every account has: `docs/freshdesk.md §6.6`.

use super::ago;
use crate::state::{Helpdesk, Moment, Right, Role};

/// The id of the first role; the others follow.
const FIRST: u64 = 158_017_000_201;

/// The role that manages agents.
pub(super) const ADMINISTRATOR: u64 = FIRST + 1;

/// The role of most agents.
pub(super) const AGENT: u64 = FIRST + 3;

/// What an agent may do who manages nobody.
const ON_TICKETS: &[Right] = &[
    Right::ViewTickets,
    Right::CreateTickets,
    Right::EditTickets,
    Right::Reply,
    Right::ViewContacts,
    Right::CreateContacts,
];

/// Adds them in the order in which an account lists them.
pub(super) fn add(helpdesk: &mut Helpdesk, now: Moment) {
    let all: &[Right] = &Right::ALL;
    let roles: [(&str, &str, u64, &[Right]); 7] = [
        ("Account Administrator", "Has complete control over the help desk, billing included.", 1, all),
        ("Administrator", "Can configure all features through the Admin tab.", 1, all),
        ("Supervisor", "Can perform all agent related activities and access reports.", 1, ON_TICKETS),
        ("Agent", "Can log, view, reply, update and resolve tickets and manage contacts.", 1, ON_TICKETS),
        ("Ticket Collaborator", "Can view tickets and add notes.", 3, &[Right::ViewTickets]),
        ("Analytics Collaborator", "Can view reports.", 3, &[]),
        ("Freddy AI Copilot User", "Can use Freddy AI Copilot.", 1, &[]),
    ];
    for ((name, description, agent_type, rights), id) in roles.into_iter().zip(FIRST..) {
        helpdesk.roles.push(Role {
            id,
            name: name.to_owned(),
            description: description.to_owned(),
            default: true,
            agent_type,
            rights: rights.iter().copied().collect(),
            created_at: ago(now, 9000),
            updated_at: ago(now, 9000),
        });
    }
}
