//! What the tenant's helpdesks allow, and what of it is used.

use std::sync::Arc;

use axum::extract::State;
use freshdesk_label::Label;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::answer::{Answer, PAGE, next};
use super::problem::Problem;
use super::read::Given;
use super::who::Who;

/// A helpdesk of the tenant's active accounts, and how its budget stands.
#[derive(Serialize, ToSchema)]
pub(super) struct Helpdesk {
    /// Its name: `acme` in `acme.freshdesk.com`.
    #[schema(example = "acme")]
    helpdesk: String,
    /// The tenant's active accounts there.
    #[schema(minimum = 1)]
    accounts: u64,
    /// Calls that wait for their turn on this host, of all tenants.
    waiting: usize,
    /// How its budget stands; null until this host has learnt the helpdesk's limit from an answer.
    #[schema(required)]
    budget: Option<Budget>,
}

/// How the budget of a helpdesk stands, as far as this host knows. Freshdesk counts credits: most calls cost one.
#[derive(Serialize, ToSchema)]
pub(super) struct Budget {
    /// The length of the window in which Freshdesk counts, in seconds.
    window_seconds: u64,
    /// Credits that Freshdesk allows in a window, to everybody; null where it refused a call and did not say.
    #[schema(required)]
    total: Option<u32>,
    /// Credits of them that the host takes at most; the rest is left to people and other integrations.
    #[schema(required)]
    share: Option<i64>,
    /// Credits that the host has taken in this window.
    used: i64,
    /// Credits that it can still take.
    left: i64,
    /// After how many seconds there will be more, as far as that is known.
    #[schema(required)]
    more_in_seconds: Option<u64>,
}

/// A page of helpdesks.
#[derive(Serialize, ToSchema)]
pub(super) struct HelpdeskPage {
    /// The helpdesks, by name.
    helpdesks: Vec<Helpdesk>,
    /// What to give as `after` for the next page; null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// Which helpdesks to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HelpdeskQuery {
    /// Those after this one: `next` of the page before.
    #[param(format = "helpdesk", min_length = 1, max_length = 77)]
    after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// Read usage and budgets
///
/// How the budgets stand of the helpdesks that the tenant's active accounts are connected to, as this host knows them. All
/// accounts of a helpdesk share its budget, those of other tenants included.
#[utoipa::path(
    get,
    path = "/helpdesks",
    tag = "helpdesks",
    operation_id = "list_helpdesks",
    params(HelpdeskQuery),
    responses((status = 200, description = "A page of helpdesks.", body = HelpdeskPage)),
    extensions(("x-problems" = json!(["forbidden_token"]))),
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    who: Who,
    Given(query): Given<HelpdeskQuery>,
) -> Result<Answer<HelpdeskPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    let helpdesks = api.accounts.helpdesks(who.tenant()?, query.after.as_deref(), limit).await?;
    let next = next(&helpdesks, limit, |(label, _)| label.to_string());
    let helpdesks = helpdesks.into_iter().map(|(label, accounts)| standing(&api, &label, accounts));
    Ok(Answer::of(HelpdeskPage { helpdesks: helpdesks.collect(), next }))
}

fn standing(api: &Api, label: &Label, accounts: u64) -> Helpdesk {
    let usage = api.accounts.host().usage(label);
    let budget = usage.known.map(|known| Budget {
        window_seconds: known.window.as_secs(),
        total: known.total,
        share: known.share,
        used: known.used,
        left: known.left,
        more_in_seconds: known.more_in.map(|time| time.as_secs_f64().ceil() as u64),
    });
    Helpdesk { helpdesk: label.to_string(), accounts, waiting: usage.waiting, budget }
}
