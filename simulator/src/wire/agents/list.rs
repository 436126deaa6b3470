//! `GET /agents`: `docs/freshdesk.md §7.9`.

use super::shape;
use crate::state::Agent;
use crate::wire::call::Call;
use crate::wire::errors::Refusal;
use crate::wire::message::Answer;
use crate::wire::page::Page;
use crate::wire::query::Query;

/// Lists the agents whom all parameters fit, by name as strings compare.
pub(crate) fn list(call: Call<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(call.query);
    let mut errors = query.unknown(&["email", "mobile", "phone", "state", "page", "per_page"]);
    let page = Page::read(&query, &mut errors);
    let state = query.word("state", &["fulltime", "occasional"], &mut errors);
    Refusal::unless_empty(errors)?;
    let same = |name: &str, own: Option<&str>| query.get(name).is_none_or(|wanted| own == Some(wanted));
    let fits = |agent: &&Agent| {
        query.get("email").is_none_or(|email| agent.email.eq_ignore_ascii_case(email))
            && same("mobile", agent.mobile.as_deref())
            && same("phone", agent.phone.as_deref())
            && state.is_none_or(|state| agent.occasional == (state == "occasional"))
    };
    let mut agents: Vec<&Agent> = call.helpdesk.agents.values().filter(fits).collect();
    agents.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    let (agents, more) = page.cut(agents);
    Ok(page.answer(&call, agents.into_iter().map(shape::listed).collect(), more))
}
