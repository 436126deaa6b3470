//! Agents and contacts.

use super::{ACME_CORP, ADMIN_ID, ADMIN_KEY, AGENT_ID, AGENT_KEY, BILLING, FIRST_LINE, NORTHWIND, ago, roles};
use crate::state::{Agent, Contact, Helpdesk, Moment};

/// An agent who answers invoices and has no key.
const MAYA: u64 = 158_017_000_103;

/// The contacts by the names the tickets know them by.
pub(super) const SARAH: u64 = 158_017_000_701;
pub(super) const LUIS: u64 = 158_017_000_702;
pub(super) const PRIYA: u64 = 158_017_000_703;
pub(super) const OLENA: u64 = 158_017_000_704;
pub(super) const STRANGER: u64 = 158_017_000_705;
const BEN: u64 = 158_017_000_706;

/// Adds everybody.
pub(super) fn add(helpdesk: &mut Helpdesk, now: Moment) {
    for agent in agents(now) {
        helpdesk.agents.insert(agent.id, agent);
    }
    for contact in contacts(now) {
        helpdesk.contacts.insert(contact.id, contact);
    }
}

fn agents(now: Moment) -> [Agent; 3] {
    let agent = |id, name: &str, email: &str, role_id, groups: &[u64]| Agent {
        role_ids: vec![role_id],
        group_ids: groups.to_vec(),
        active: true,
        last_active_at: Some(ago(now, 1)),
        ..Agent::new(id, name, email, ago(now, 8000))
    };
    let jane = agent(ADMIN_ID, "Jane Doe", "jane@acme.example", roles::ADMINISTRATOR, &[FIRST_LINE]);
    let tom = agent(AGENT_ID, "Tom Park", "tom@acme.example", roles::AGENT, &[FIRST_LINE, BILLING]);
    let maya = agent(MAYA, "Maya Osei", "maya@acme.example", roles::AGENT, &[BILLING]);
    [
        Agent { api_key: Some(ADMIN_KEY.to_owned()), occasional: false, owner: true, ..jane },
        Agent { api_key: Some(AGENT_KEY.to_owned()), phone: Some("+1 555 0102".to_owned()), ..tom },
        Agent { occasional: false, ..maya },
    ]
}

fn contacts(now: Moment) -> [Contact; 6] {
    let contact = |id, name: &str, email: &str, company_id| Contact {
        company_id,
        active: true,
        ..Contact::new(id, name, Some(email), ago(now, 2000))
    };
    let sarah = contact(SARAH, "Sarah Chen", "sarah@acmecorp.com", Some(ACME_CORP));
    let luis = contact(LUIS, "Luis Romero", "luis@northwind.example", Some(NORTHWIND));
    let priya = contact(PRIYA, "Priya Nair", "priya@nair.example", None);
    let ben = contact(BEN, "Ben Okafor", "ben@gone.example", None);
    [
        Contact { job_title: Some("IT manager".to_owned()), phone: Some("+1 555 0171".to_owned()), ..sarah },
        Contact { unique_external_id: Some("NW-1004".to_owned()), mobile: Some("+1 555 0172".to_owned()), ..luis },
        Contact { facebook_id: Some("priya.nair.fb".to_owned()), ..priya },
        contact(OLENA, "Olena Bondar", "olena+orders@bondar.example", None),
        contact(STRANGER, "Lucky Winner", "winner@spam.example", None),
        Contact { deleted: true, ..ben },
    ]
}
