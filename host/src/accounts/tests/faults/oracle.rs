//! What is true, and whether what was told is.

use super::lane::{Lane, Told};
use super::schedule::{Order, Tool};
use super::*;

impl Lane {
    /// Compares what a write was told with what Freshdesk has of it.
    pub(super) fn judge(&self, order: &Order, marker: &str, ticket: u64, told: &[Told]) -> Result<Tally, String> {
        let there = self.there(order.tool, marker, ticket);
        let wrong = |why: &str| Err(format!("{marker}: {why}: Freshdesk has {there:?}, told was {told:?}"));
        if there.len() > 1 {
            return wrong("it was made twice");
        }
        let done: Vec<_> = told.iter().flatten().filter_map(|told| told.as_ref().ok()).collect();
        if done.iter().any(|answer| answer["id"] != done[0]["id"]) {
            return wrong("it was answered in two ways");
        }
        if let Some(answer) = done.first()
            && answer["id"].as_u64() != there.first().copied()
        {
            return wrong("what was answered is not what was made");
        }
        let surely_not = |told: &Told| matches!(told, Some(Err(error)) if error.case != "outcome_unknown");
        if !there.is_empty() && told.iter().all(surely_not) {
            return wrong("it was made, and all were told that it was not");
        }
        let unknown = !matches!(told.last(), Some(Some(Ok(_)))) && !told.last().is_some_and(surely_not);
        Ok(Tally {
            done: u64::from(!done.is_empty()),
            unknown: u64::from(unknown),
            there: u64::from(unknown && !there.is_empty()),
            ..Tally::default()
        })
    }

    /// The ids of what a write made.
    fn there(&self, tool: Tool, marker: &str, ticket: u64) -> Vec<u64> {
        let mut state = self.simulator.state();
        let helpdesk = state.helpdesk(&self.label);
        let sender = format!("{marker}@example.com");
        match tool {
            Tool::Create => {
                let tickets = helpdesk.tickets.values();
                tickets.filter(|ticket| ticket.tags.iter().any(|tag| tag == marker)).map(|ticket| ticket.id).collect()
            }
            Tool::Reply => {
                let said = helpdesk.conversations.values();
                said.filter(|said| said.cc_emails.contains(&sender)).map(|said| said.id).collect()
            }
            Tool::Update => {
                let set = helpdesk.tickets[&ticket].custom_fields.get("cf_order_number");
                set.filter(|set| **set == marker).map(|_| ticket).into_iter().collect()
            }
            Tool::Contact => {
                let contacts = helpdesk.contacts.values();
                contacts
                    .filter(|contact| contact.job_title.as_deref() == Some(marker))
                    .map(|contact| contact.id)
                    .collect()
            }
            Tool::Agent => {
                let signed = format!("<p>{marker}</p>");
                let agents = helpdesk.agents.values();
                agents.filter(|agent| agent.signature.as_ref() == Some(&signed)).map(|agent| agent.id).collect()
            }
        }
    }
}
