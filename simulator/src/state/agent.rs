//! The people who answer.

use super::{Contact, Moment, Ticket};

/// Which kind of agent: a number in requests, a string in answers (`docs/freshdesk.md §5`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentType {
    /// 1, `support_agent`.
    Support,
    /// 2, `field_agent`.
    Field,
    /// 3, `collaborator`.
    Collaborator,
}

impl AgentType {
    /// The kind that a request names by its number.
    pub fn from_number(number: u64) -> Option<AgentType> {
        match number {
            1 => Some(AgentType::Support),
            2 => Some(AgentType::Field),
            3 => Some(AgentType::Collaborator),
            _ => None,
        }
    }

    /// The string that an answer shows.
    pub fn name(self) -> &'static str {
        match self {
            AgentType::Support => "support_agent",
            AgentType::Field => "field_agent",
            AgentType::Collaborator => "collaborator",
        }
    }

    /// The `agent_type` of the roles that fit.
    pub fn role_type(self) -> u64 {
        match self {
            AgentType::Support | AgentType::Field => 1,
            AgentType::Collaborator => 3,
        }
    }
}

/// Which tickets an agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// 1: all.
    Global,
    /// 2: those of the agent's groups and the agent's own.
    Group,
    /// 3: the agent's own.
    Restricted,
}

impl Scope {
    /// The scope with this number.
    pub fn from_number(number: u64) -> Option<Scope> {
        match number {
            1 => Some(Scope::Global),
            2 => Some(Scope::Group),
            3 => Some(Scope::Restricted),
            _ => None,
        }
    }

    /// The number of this scope.
    pub fn number(self) -> u64 {
        match self {
            Scope::Global => 1,
            Scope::Group => 2,
            Scope::Restricted => 3,
        }
    }
}

/// A support agent: `docs/freshdesk.md §6.5`.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// The id, from the same space as the ids of contacts.
    pub id: u64,
    /// The API key; an agent without one cannot call the API. Setting another is a key reset.
    pub api_key: Option<String>,
    /// Whether this is the account's owner, who cannot be deleted.
    pub owner: bool,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The phone number.
    pub phone: Option<String>,
    /// The mobile number.
    pub mobile: Option<String>,
    /// The job title.
    pub job_title: Option<String>,
    /// The language, such as `en`.
    pub language: String,
    /// The time zone, by its Rails name.
    pub time_zone: String,
    /// The signature in HTML.
    pub signature: Option<String>,
    /// Which tickets the agent sees.
    pub scope: Scope,
    /// Which kind of agent.
    pub agent_type: AgentType,
    /// Whether the agent works on day passes.
    pub occasional: bool,
    /// The roles.
    pub role_ids: Vec<u64>,
    /// The groups.
    pub group_ids: Vec<u64>,
    /// The skills.
    pub skill_ids: Vec<u64>,
    /// Whether focus mode is on.
    pub focus_mode: bool,
    /// Whether tickets are assigned to the agent automatically.
    pub available: bool,
    /// Whether the agent has accepted the invitation.
    pub active: bool,
    /// Whether the agent is switched off.
    pub deactivated: bool,
    /// When the agent last did something.
    pub last_active_at: Option<Moment>,
    /// When the agent was made.
    pub created_at: Moment,
    /// When the agent was last changed.
    pub updated_at: Moment,
}

impl Agent {
    /// An occasional support agent as `POST /agents` makes one from the two mandatory attributes.
    pub fn new(id: u64, name: &str, email: &str, now: Moment) -> Agent {
        Agent {
            id,
            api_key: None,
            owner: false,
            name: name.to_owned(),
            email: email.to_owned(),
            phone: None,
            mobile: None,
            job_title: None,
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            signature: Some("<div dir=\"ltr\"><p><br></p>\n</div>".to_owned()),
            scope: Scope::Global,
            agent_type: AgentType::Support,
            occasional: true,
            role_ids: Vec::new(),
            group_ids: Vec::new(),
            skill_ids: Vec::new(),
            focus_mode: true,
            available: true,
            active: false,
            deactivated: false,
            last_active_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the agent's scope lets this ticket be seen.
    pub fn sees(&self, ticket: &Ticket) -> bool {
        let own = ticket.responder_id == Some(self.id);
        match self.scope {
            Scope::Global => true,
            Scope::Group => own || ticket.group_id.is_some_and(|group| self.group_ids.contains(&group)),
            Scope::Restricted => own,
        }
    }

    /// The contact that deleting this agent leaves behind, with the same id.
    pub fn into_contact(self, now: Moment) -> Contact {
        Contact {
            phone: self.phone,
            mobile: self.mobile,
            job_title: self.job_title,
            language: self.language,
            time_zone: self.time_zone,
            active: self.active,
            created_at: self.created_at,
            ..Contact::new(self.id, &self.name, Some(&self.email), now)
        }
    }
}
