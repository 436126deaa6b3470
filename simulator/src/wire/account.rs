//! `GET /account`: `docs/freshdesk.md §7.11`.

use serde_json::json;

use super::call::Call;
use super::errors::Refusal;
use super::message::Answer;
use super::query::Query;
use crate::state::{Agent, AgentType};

/// An organisation's id has 18 digits, more than a double can hold.
const ORGANISATION: u64 = 190_345_543_000_345_537;

/// Shows the account and counts its agents.
pub(crate) fn view(call: Call<'_>) -> Result<Answer, Refusal> {
    Query::none(call.query)?;
    let helpdesk = call.helpdesk;
    let count = |test: fn(&&Agent) -> bool| helpdesk.agents.values().filter(test).count();
    let owner = helpdesk.agents.values().find(|agent| agent.owner);
    let (firstname, lastname) = owner.and_then(|owner| owner.name.rsplit_once(' ')).unwrap_or_default();
    Ok(Answer::json(
        200,
        &json!({
            "organisation_id": ORGANISATION,
            "organisation_name": helpdesk.name,
            "account_id": 3_500_017,
            "account_name": helpdesk.name,
            "account_domain": format!("{}.freshdesk.com", helpdesk.label),
            "bundle_id": null,
            "hipaa_compliant": false,
            "total_agents": {
                "full_time": count(|agent| !agent.occasional && agent.agent_type == AgentType::Support),
                "occasional": count(|agent| agent.occasional && agent.agent_type == AgentType::Support),
                "field_service": count(|agent| agent.agent_type == AgentType::Field),
                "collaborators": count(|agent| agent.agent_type == AgentType::Collaborator),
            },
            "timezone": helpdesk.time_zone,
            "data_center": "US",
            "tier_type": format!("{:?}", helpdesk.plan),
            "address": { "country": null, "state": null, "city": null, "street": null, "postalcode": null },
            "contact_person": { "firstname": firstname, "lastname": lastname, "email": owner.map(|owner| &owner.email) },
        }),
    ))
}
