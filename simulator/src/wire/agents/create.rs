//! `POST /agents`: `docs/freshdesk.md §7.7`.

use super::shape;
use crate::state::{Agent, AgentType, Feature, Helpdesk, Scope};
use crate::wire::attribute::{self, Attribute, Kind, Purpose, clearable, needed, settable};
use crate::wire::body::Fields;
use crate::wire::call::{self, Call};
use crate::wire::errors::{FieldError, Refusal};
use crate::wire::message::Answer;
use crate::wire::query::Query;

const ATTRIBUTES: &[Attribute] = &[
    needed("email", Kind::Email),
    needed("ticket_scope", Kind::Choice(&[1, 2, 3])),
    clearable("name", Kind::Text),
    settable("occasional", Kind::Truth),
    clearable("signature", Kind::Text),
    settable("role_ids", Kind::Numbers),
    settable("group_ids", Kind::Numbers),
    settable("skill_ids", Kind::Numbers),
    settable("agent_type", Kind::Choice(&[1, 2, 3])),
    settable("language", Kind::Text),
    settable("time_zone", Kind::Text),
    settable("focus_mode", Kind::Truth),
    clearable("phone", Kind::Text),
    clearable("mobile", Kind::Text),
    clearable("job_title", Kind::Text),
];

/// Makes an agent. The address in `location` is of no use: neither its path nor its number leads to the agent.
pub(crate) fn create(mut call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    let mut errors = attribute::check(ATTRIBUTES, Purpose::Create, &call.fields, call.helpdesk);
    errors.extend(check(call.helpdesk, &call.fields));
    Refusal::unless_empty(errors)?;
    check_feature(call.helpdesk, &call.fields)?;
    if call.helpdesk.agents.len() >= call.helpdesk.agent_seats {
        let message = "You have reached the maximum number of agents allowed in your plan";
        return Err(Refusal::forbidden("max_agents_reached", message));
    }
    let email = call.fields.text("email").unwrap_or_default();
    if let Some(id) = call.helpdesk.person_by_email(&email) {
        return Err(Refusal::Conflict(vec![FieldError::duplicate("email", id)]));
    }
    let agent = make(&mut call, &email);
    let answer = Answer::json(201, &shape::viewed(&agent));
    call.helpdesk.agents.insert(agent.id, agent);
    let elsewhere = call.helpdesk.fresh_id();
    Ok(answer.with("location", &format!("{}/agents.{elsewhere}", call.base)))
}

/// The kind that is asked for; a number that names none is complained about elsewhere.
fn kind(fields: &Fields) -> AgentType {
    fields.number("agent_type").and_then(AgentType::from_number).unwrap_or(AgentType::Support)
}

/// Complains about roles that do not exist or do not fit the kind of agent, and about unknown groups.
fn check(helpdesk: &Helpdesk, fields: &Fields) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let role_type = kind(fields).role_type();
    let fits = |id: &u64| helpdesk.roles.iter().any(|role| role.id == *id && role.agent_type == role_type);
    if !fields.numbers("role_ids").unwrap_or_default().iter().all(fits) {
        errors.push(FieldError::value("role_ids", "There is no role for this type of agent with one of the given ids"));
    }
    let exists = |id: &u64| helpdesk.groups.contains_key(id);
    if !fields.numbers("group_ids").unwrap_or_default().iter().all(exists) {
        errors.push(FieldError::value("group_ids", "There is no group with one of the given ids"));
    }
    errors
}

fn check_feature(helpdesk: &Helpdesk, fields: &Fields) -> Result<(), Refusal> {
    let feature = match kind(fields) {
        AgentType::Support => return Ok(()),
        AgentType::Field => Feature::FieldService,
        AgentType::Collaborator => Feature::Collaborators,
    };
    if helpdesk.features.contains(&feature) { Ok(()) } else { Err(call::require_feature(feature)) }
}

fn make(call: &mut Call<'_>, email: &str) -> Agent {
    let id = call.helpdesk.fresh_id();
    let fields = &call.fields;
    let agent_type = kind(fields);
    let name = fields.text("name").unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let blank = Agent::new(id, &name, email, call.now);
    let sent_roles = fields.numbers("role_ids").filter(|ids| !ids.is_empty());
    Agent {
        scope: fields.number("ticket_scope").and_then(Scope::from_number).unwrap_or(Scope::Global),
        agent_type,
        occasional: fields.truth("occasional").unwrap_or(true),
        signature: fields.text("signature").or_else(|| blank.signature.clone()),
        role_ids: sent_roles.unwrap_or_else(|| default_role(call.helpdesk, agent_type).into_iter().collect()),
        group_ids: fields.numbers("group_ids").unwrap_or_default(),
        skill_ids: fields.numbers("skill_ids").unwrap_or_default(),
        language: fields.text("language").unwrap_or_else(|| blank.language.clone()),
        time_zone: fields.text("time_zone").unwrap_or_else(|| call.helpdesk.time_zone.clone()),
        focus_mode: fields.truth("focus_mode").unwrap_or(true),
        phone: fields.text("phone"),
        mobile: fields.text("mobile"),
        job_title: fields.text("job_title"),
        ..blank
    }
}

/// The role of an agent for whom none is sent.
fn default_role(helpdesk: &Helpdesk, agent_type: AgentType) -> Option<u64> {
    let name = if agent_type == AgentType::Collaborator { "Ticket Collaborator" } else { "Agent" };
    helpdesk.roles.iter().find(|role| role.name == name).map(|role| role.id)
}
