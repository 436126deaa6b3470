//! The four tools about agents and roles: `docs/freshdesk.md` §7.7 to §7.10.

use crate::Plugin;
use crate::bindings::exports::freshdesk::tools::agents::{
    AgentCreateRequest, AgentDeleteRequest, AgentPage, AgentsListRequest, CreatedAgent, DeletedAgent, Guest, RolePage,
    RolesListRequest,
};
use crate::bindings::freshdesk::tools::types::Error;
use crate::check::Check;
use crate::freshdesk::Freshdesk;
use crate::request::Query;
use crate::words;

impl Guest for Plugin {
    fn agent_create(request: AgentCreateRequest) -> Result<CreatedAgent, Error> {
        wire::check_new(&request)?;
        Freshdesk::connect()?.post("agents", wire::new(request))?.object(wire::created)
    }

    fn agent_delete(request: AgentDeleteRequest) -> Result<DeletedAgent, Error> {
        Check::default().id("agent_id", request.agent_id).done()?;
        Freshdesk::connect()?.delete(&format!("agents/{}", request.agent_id))?.nothing()?;
        Ok(DeletedAgent { contact_id: request.agent_id })
    }

    fn agents_list(request: AgentsListRequest) -> Result<AgentPage, Error> {
        Check::default()
            .text("email", request.email.as_deref())
            .text("phone", request.phone.as_deref())
            .text("mobile", request.mobile.as_deref())
            .page(request.page, None)
            .per_page(request.per_page)
            .done()?;
        let query = Query::default()
            .with("email", request.email)
            .with("phone", request.phone)
            .with("mobile", request.mobile)
            .with("state", request.state.map(words::state))
            .with("page", request.page)
            .with("per_page", request.per_page);
        let (agents, page) = Freshdesk::connect()?.get("agents", &query)?.page(&query, None, wire::agent)?;
        Ok(AgentPage { agents, page })
    }

    fn roles_list(request: RolesListRequest) -> Result<RolePage, Error> {
        Check::default().page(request.page, None).per_page(request.per_page).done()?;
        let query = Query::default().with("page", request.page).with("per_page", request.per_page);
        let (roles, page) = Freshdesk::connect()?.get("roles", &query)?.page(&query, None, wire::role)?;
        Ok(RolePage { roles, page })
    }
}

/// Freshdesk's form of these requests and answers: §6.5 and §6.6.
mod wire {
    use crate::bindings::exports::freshdesk::tools::agents::{
        Agent, AgentContact, AgentCreateRequest, CreatedAgent, Role,
    };
    use crate::bindings::freshdesk::tools::types::Error;
    use crate::check::Check;
    use crate::object::Object;
    use crate::request::Body;
    use crate::words::{self, Numbered};

    pub(super) fn check_new(request: &AgentCreateRequest) -> Result<(), Error> {
        let roleless = request.role_ids.as_ref().is_some_and(Vec::is_empty);
        Check::default()
            .text("email", request.email.as_str())
            .refuse_if(roleless, "role_ids", "is empty: leave it out to have the Agent role assigned")
            .ids("role_ids", request.role_ids.as_deref())
            .ids("group_ids", request.group_ids.as_deref())
            .ids("skill_ids", request.skill_ids.as_deref())
            .done()
    }

    pub(super) fn new(request: AgentCreateRequest) -> Body {
        Body::default()
            .with("email", Some(request.email))
            .with("ticket_scope", Some(request.ticket_scope.number()))
            .with("role_ids", request.role_ids)
            .with("agent_type", request.agent_type.map(Numbered::number))
            .with("name", request.name)
            .with("group_ids", request.group_ids)
            .with("skill_ids", request.skill_ids)
            .with("occasional", request.occasional)
            .with("signature", request.signature)
            .with("language", request.language)
            .with("time_zone", request.time_zone)
            .with("focus_mode", request.focus_mode)
    }

    pub(super) fn created(o: &mut Object) -> Option<CreatedAgent> {
        Some(CreatedAgent {
            role_ids: o.ids("role_ids"),
            group_ids: o.ids("group_ids"),
            skill_ids: o.ids("skill_ids"),
            agent: agent(o)?,
        })
    }

    pub(super) fn agent(o: &mut Object) -> Option<Agent> {
        Some(Agent {
            id: o.id("id")?,
            contact: o.object("contact").map(|mut o| contact(&mut o)),
            type_: o.take("type", words::agent_type),
            ticket_scope: o.take("ticket_scope", Numbered::of),
            occasional: o.flag("occasional"),
            deactivated: o.flag("deactivated"),
            created_at: o.text("created_at"),
            extra: o.rest(),
        })
    }

    fn contact(o: &mut Object) -> AgentContact {
        AgentContact {
            name: o.text("name"),
            email: o.text("email"),
            phone: o.text("phone"),
            mobile: o.text("mobile"),
            extra: o.rest(),
        }
    }

    pub(super) fn role(o: &mut Object) -> Option<Role> {
        Some(Role {
            id: o.id("id")?,
            name: o.text("name"),
            description: o.text("description"),
            agent_type: o.take("agent_type", Numbered::of),
            extra: o.rest(),
        })
    }
}
