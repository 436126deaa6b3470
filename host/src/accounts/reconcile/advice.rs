//! What to look for where nobody knows what a write has done.

use super::super::moment;
use super::looks::Arguments;
use crate::error::harmless;

/// Longest part of a text that is repeated to who sent it, in characters.
const LONGEST: usize = 80;

/// What the caller is to look for who made this call since then; empty where nothing is known of it. It repeats the caller's
/// own words alone.
pub(super) fn advice(tool: &str, arguments: &Arguments, since: i64, keyed: bool) -> String {
    let since = moment(since);
    let since = since.get(11..19).unwrap_or_default();
    let text = |name: &str| {
        let text = arguments.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let short = harmless(text, LONGEST);
        if short.len() < text.len() { format!("{short}…") } else { short }
    };
    let number = |name: &str| arguments.get(name).map(ToString::to_string).unwrap_or_default();
    let look = match tool {
        "freshdesk_ticket_create" => {
            let subject = text("subject");
            format!(
                "Look for a ticket with the subject \"{subject}\" made since {since} UTC, by freshdesk_tickets_list."
            )
        }
        "freshdesk_tickets_reply" => {
            let ticket = number("ticket_id");
            format!(
                "Look whether ticket {ticket} has this reply, written since {since} UTC: freshdesk_ticket_get shows the first ten entries."
            )
        }
        "freshdesk_ticket_update" => {
            format!("Look by freshdesk_ticket_get whether ticket {} is as you asked for.", number("ticket_id"))
        }
        "freshdesk_contact_create" => {
            let name = text("name");
            format!(
                "Have somebody look in Freshdesk for the contact \"{name}\" made since {since} UTC: no tool here shows contacts."
            )
        }
        "freshdesk_agent_create" => {
            format!("Look by freshdesk_agents_list for the agent with the email {}.", text("email"))
        }
        "freshdesk_agent_delete" => {
            format!("Look by freshdesk_agents_list whether agent {} is there still.", number("agent_id"))
        }
        _ => return String::new(),
    };
    let again = "The same idempotency key looks again, for 23 hours, and writes nothing; a new key writes again.";
    if keyed { format!("{look} {again}") } else { look }
}
