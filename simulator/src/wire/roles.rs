//! `GET /roles`: `docs/freshdesk.md §6.6` and `§7.10`.

use serde_json::{Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::message::Answer;
use super::moment::shown;
use super::page::Page;
use super::query::Query;
use crate::state::Role;

/// Lists the roles in the order in which the account keeps them.
pub(crate) fn list(call: Call<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(call.query);
    let mut errors = query.unknown(&["page", "per_page"]);
    let page = Page::read(&query, &mut errors);
    Refusal::unless_empty(errors)?;
    let (roles, more) = page.cut(call.helpdesk.roles.iter().collect());
    Ok(page.answer(&call, roles.into_iter().map(listed).collect(), more))
}

fn listed(role: &Role) -> Value {
    json!({
        "id": role.id,
        "name": role.name,
        "description": role.description,
        "default": role.default,
        "agent_type": role.agent_type,
        "created_at": shown(role.created_at),
        "updated_at": shown(role.updated_at),
    })
}
