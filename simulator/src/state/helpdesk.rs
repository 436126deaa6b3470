//! One Freshdesk account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Agent, Contact, Conversation, CustomField, Limits, Moment, Plan, Right, Role, Spend, Ticket};

/// A Freshdesk account, named by its label.
#[derive(Clone, Debug)]
pub struct Helpdesk {
    /// The first part of its host name.
    pub label: String,
    /// The name of the company that runs it.
    pub name: String,
    /// The plan it was opened with.
    pub plan: Plan,
    /// The calls it may make per window; at first those of the plan.
    pub limits: Limits,
    /// How long a window of the limits is.
    pub window: Duration,
    /// What is spent in the current window.
    pub spend: Spend,
    /// Whether a new ticket must name subject, description, status and priority, as the default form demands.
    pub strict: bool,
    /// Whether the account as a whole is refused.
    pub standing: Standing,
    /// How many wrong keys in a row lock the account out; none do when absent.
    pub lockout_after: Option<u32>,
    /// How many wrong keys came in a row.
    pub failed_logins: u32,
    /// What the plan includes.
    pub features: BTreeSet<Feature>,
    /// How long computed deadlines of a ticket take to be shown.
    pub settling: Duration,
    /// The time zone of new contacts and agents.
    pub time_zone: String,
    /// The ticket statuses by number.
    pub statuses: BTreeMap<u64, String>,
    /// The ticket types.
    pub ticket_types: Vec<String>,
    /// The custom fields of tickets.
    pub ticket_fields: Vec<CustomField>,
    /// The custom fields of contacts.
    pub contact_fields: Vec<CustomField>,
    /// The tickets by id.
    pub tickets: BTreeMap<u64, Ticket>,
    /// The conversations by id; older ones have smaller ids.
    pub conversations: BTreeMap<u64, Conversation>,
    /// The contacts by id.
    pub contacts: BTreeMap<u64, Contact>,
    /// The agents by id.
    pub agents: BTreeMap<u64, Agent>,
    /// How many agents there may be.
    pub agent_seats: usize,
    /// The roles in the order they are listed.
    pub roles: Vec<Role>,
    /// The companies by id.
    pub companies: BTreeMap<u64, Company>,
    /// The names of the groups by id.
    pub groups: BTreeMap<u64, String>,
    /// The names of the products by id.
    pub products: BTreeMap<u64, String>,
    /// The support mailboxes; the first is the primary one.
    pub mailboxes: Vec<Mailbox>,
    /// The id of the next ticket.
    pub next_ticket_id: u64,
    /// The id of whatever is made next and is not a ticket.
    pub next_id: u64,
}

/// A company that contacts belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: String,
}

/// A mailbox that the account answers from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The id, which tickets call `email_config_id`.
    pub id: u64,
    /// The name that mails show.
    pub name: String,
    /// The address.
    pub email: String,
    /// The product that its tickets belong to.
    pub product_id: Option<u64>,
}

/// What a ticket shows of the person who asks, be it a contact or an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: u64,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// The mobile number.
    pub mobile: Option<String>,
}

/// Whether an account is served at all; anything but active is a 403 (`docs/freshdesk.md §3.2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is served.
    Active,
    /// `account_suspended`.
    Suspended,
    /// `password_lockout`: too many failed logins.
    LockedOut,
    /// `password_expired`.
    PasswordExpired,
}

/// A feature that a plan may lack; using it then is a 403 `require_feature`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// A contact may belong to several companies, a ticket names one.
    MultipleCompanies,
    /// Contacts may have a language of their own.
    MultipleLanguages,
    /// Contacts may have a time zone of their own.
    MultipleTimeZones,
    /// Tickets may have a second agent and group.
    SharedOwnership,
    /// Agents may be field agents.
    FieldService,
    /// Agents may be collaborators.
    Collaborators,
}

impl Feature {
    /// All of them.
    pub const ALL: [Feature; 6] = [
        Feature::MultipleCompanies,
        Feature::MultipleLanguages,
        Feature::MultipleTimeZones,
        Feature::SharedOwnership,
        Feature::FieldService,
        Feature::Collaborators,
    ];
}

impl Helpdesk {
    /// An account without people or tickets, on the plan Enterprise with all features but shared ownership,
    /// which an account switches on by itself.
    pub fn new(label: &str) -> Helpdesk {
        let statuses = [(2, "Open"), (3, "Pending"), (4, "Resolved"), (5, "Closed")];
        let types = ["Question", "Incident", "Problem", "Feature Request"];
        Helpdesk {
            label: label.to_owned(),
            name: label.to_owned(),
            plan: Plan::Enterprise,
            limits: Plan::Enterprise.limits(),
            window: Duration::from_secs(60),
            spend: Spend::default(),
            strict: true,
            standing: Standing::Active,
            lockout_after: None,
            failed_logins: 0,
            features: Feature::ALL.into_iter().filter(|feature| *feature != Feature::SharedOwnership).collect(),
            settling: Duration::from_secs(3),
            time_zone: "UTC".to_owned(),
            statuses: statuses.map(|(number, name)| (number, name.to_owned())).into(),
            ticket_types: types.map(str::to_owned).to_vec(),
            ticket_fields: Vec::new(),
            contact_fields: Vec::new(),
            tickets: BTreeMap::new(),
            conversations: BTreeMap::new(),
            contacts: BTreeMap::new(),
            agents: BTreeMap::new(),
            agent_seats: 25,
            roles: Vec::new(),
            companies: BTreeMap::new(),
            groups: BTreeMap::new(),
            products: BTreeMap::new(),
            mailboxes: Vec::new(),
            next_ticket_id: 1,
            next_id: 158_018_000_000,
        }
    }

    /// Puts the account on another plan, with that plan's limits.
    pub fn subscribe(&mut self, plan: Plan) {
        self.plan = plan;
        self.limits = plan.limits();
    }

    /// Counts a key that was right or wrong, and locks the account out when too many were wrong in a row.
    pub fn note_login(&mut self, right: bool) {
        self.failed_logins = if right { 0 } else { self.failed_logins + 1 };
        if self.lockout_after.is_some_and(|limit| self.failed_logins >= limit) {
            self.standing = Standing::LockedOut;
        }
    }

    /// An id that nothing else has.
    pub fn fresh_id(&mut self) -> u64 {
        self.next_id += 7;
        self.next_id
    }

    /// The agent whom this API key belongs to.
    pub fn agent_by_key(&self, key: &str) -> Option<&Agent> {
        self.agents.values().find(|agent| !agent.deactivated && agent.api_key.as_deref() == Some(key))
    }

    /// Whether one of the agent's roles gives this right.
    pub fn allows(&self, agent: u64, right: Right) -> bool {
        let role_ids = self.agents.get(&agent).map(|agent| agent.role_ids.as_slice()).unwrap_or_default();
        self.roles.iter().any(|role| role_ids.contains(&role.id) && role.rights.contains(&right))
    }

    /// The contact or agent with this id.
    pub fn person(&self, id: u64) -> Option<Person> {
        if let Some(agent) = self.agents.get(&id) {
            return Some(Person {
                id,
                name: agent.name.clone(),
                email: Some(agent.email.clone()),
                phone: agent.phone.clone(),
                mobile: agent.mobile.clone(),
            });
        }
        self.contacts.get(&id).map(|contact| Person {
            id,
            name: contact.name.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            mobile: contact.mobile.clone(),
        })
    }

    /// The id of the contact or agent with this e-mail address, whatever its case. The trash counts.
    pub fn person_by_email(&self, email: &str) -> Option<u64> {
        let agents = self.agents.values().filter(|agent| agent.email.eq_ignore_ascii_case(email)).map(|agent| agent.id);
        let contacts = self.contacts.values().filter(|contact| contact.has_email(email)).map(|contact| contact.id);
        agents.chain(contacts).next()
    }

    /// Adds a contact with a fresh id and the account's time zone.
    pub fn add_contact(&mut self, name: &str, email: Option<&str>, now: Moment) -> &mut Contact {
        let id = self.fresh_id();
        let contact = Contact { time_zone: self.time_zone.clone(), ..Contact::new(id, name, email, now) };
        self.contacts.entry(id).or_insert(contact)
    }

    /// The conversations of a ticket, oldest first.
    pub fn thread(&self, ticket: u64) -> Vec<&Conversation> {
        let mut thread: Vec<&Conversation> =
            self.conversations.values().filter(|conversation| conversation.ticket_id == ticket).collect();
        thread.sort_by_key(|conversation| (conversation.created_at, conversation.id));
        thread
    }
}
