//! How an agent looks: `docs/freshdesk.md §6.5`.

use serde_json::{Value, json};

use crate::state::Agent;
use crate::wire::moment::{shown, shown_or_null};

/// The answer to create, view and me.
pub(super) fn viewed(agent: &Agent) -> Value {
    let mut value = common(agent);
    value["group_ids"] = json!(agent.group_ids);
    value["role_ids"] = json!(agent.role_ids);
    value["skill_ids"] = json!(agent.skill_ids);
    value["contribution_group_ids"] = json!([]);
    value
}

/// An item of a list, which does not tell roles, groups and skills.
pub(super) fn listed(agent: &Agent) -> Value {
    let mut value = common(agent);
    value["deactivated"] = json!(agent.deactivated);
    value
}

fn common(agent: &Agent) -> Value {
    json!({
        "id": agent.id,
        "ticket_scope": agent.scope.number(),
        "available": agent.available,
        "occasional": agent.occasional,
        "type": agent.agent_type.name(),
        "signature": agent.signature,
        "created_at": shown(agent.created_at),
        "updated_at": shown(agent.updated_at),
        "last_active_at": shown_or_null(agent.last_active_at),
        "available_since": null,
        "focus_mode": agent.focus_mode,
        "agent_operational_status": "available",
        "api_key_enabled": true,
        "contact": {
            "active": agent.active,
            "email": agent.email,
            "job_title": agent.job_title,
            "language": agent.language,
            "last_login_at": shown_or_null(agent.last_active_at),
            "mobile": agent.mobile,
            "name": agent.name,
            "phone": agent.phone,
            "time_zone": agent.time_zone,
            "created_at": shown(agent.created_at),
            "updated_at": shown(agent.updated_at),
        },
    })
}
