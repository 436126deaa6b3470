//! Which operation a path and a verb mean, what right it needs and what it costs.

use http::Method;

use super::call::Call;
use super::errors::Refusal;
use super::include::{Includes, ON_LIST, ON_VIEW};
use super::message::Answer;
use super::{account, agents, contacts, conversations, roles, tickets};
use crate::state::{Right, SubLimit};

/// One operation.
pub(crate) struct Route {
    verb: &'static str,
    /// The path below `/api/v2`; `{}` stands for an id.
    path: &'static str,
    /// What the caller's roles must give.
    pub(crate) right: Option<Right>,
    sub_limit: Option<SubLimit>,
    includes: Option<&'static Includes>,
    /// What runs it.
    pub(crate) handle: fn(Call<'_>) -> Result<Answer, Refusal>,
}

impl Route {
    const fn new(
        verb: &'static str,
        path: &'static str,
        right: Option<Right>,
        handle: fn(Call<'_>) -> Result<Answer, Refusal>,
    ) -> Route {
        Route { verb, path, right, sub_limit: None, includes: None, handle }
    }

    const fn limited(self, sub_limit: SubLimit) -> Route {
        Route { sub_limit: Some(sub_limit), ..self }
    }

    const fn including(self, includes: &'static Includes) -> Route {
        Route { includes: Some(includes), ..self }
    }
}

/// Every operation. An agent's own record stands before the agents with an id.
const ROUTES: &[Route] = &[
    Route::new("GET", "/tickets", Some(Right::ViewTickets), tickets::list)
        .limited(SubLimit::TicketsList)
        .including(&ON_LIST),
    Route::new("POST", "/tickets", Some(Right::CreateTickets), tickets::create).limited(SubLimit::TicketCreate),
    Route::new("GET", "/tickets/{}", Some(Right::ViewTickets), tickets::view).including(&ON_VIEW),
    Route::new("PUT", "/tickets/{}", Some(Right::EditTickets), tickets::update).limited(SubLimit::TicketUpdate),
    Route::new("POST", "/tickets/{}/reply", Some(Right::Reply), conversations::reply),
    Route::new("GET", "/tickets/{}/conversations", Some(Right::ViewTickets), conversations::list),
    Route::new("GET", "/contacts", Some(Right::ViewContacts), contacts::list).limited(SubLimit::ContactsList),
    Route::new("POST", "/contacts", Some(Right::CreateContacts), contacts::create),
    Route::new("GET", "/agents/me", None, agents::me),
    Route::new("GET", "/agents", Some(Right::Administer), agents::list),
    Route::new("POST", "/agents", Some(Right::Administer), agents::create),
    Route::new("GET", "/agents/{}", Some(Right::Administer), agents::view),
    Route::new("DELETE", "/agents/{}", Some(Right::Administer), agents::delete),
    Route::new("GET", "/roles", Some(Right::Administer), roles::list),
    Route::new("GET", "/account", Some(Right::Administer), account::view),
];

/// Where a request leads.
pub(crate) enum Routed {
    /// To no path that exists.
    Nowhere,
    /// To a path that exists, with a verb that it does not know; these are the ones it knows.
    OtherVerbs(Vec<&'static str>),
    /// To an operation, with the id in the path or 0.
    To(&'static Route, u64),
}

/// Finds the operation. PATCH on a ticket is taken for PUT, which Freshdesk does without telling anyone.
pub(crate) fn find(method: &Method, path: &str) -> Routed {
    let on_path: Vec<(&'static Route, u64)> =
        ROUTES.iter().filter_map(|route| matched(route.path, path).map(|id| (route, id))).collect();
    let verb = if *method == Method::PATCH && path.starts_with("/tickets/") { "PUT" } else { method.as_str() };
    match on_path.iter().find(|(route, _)| route.verb == verb) {
        Some((route, id)) => Routed::To(route, *id),
        None if on_path.is_empty() => Routed::Nowhere,
        None => Routed::OtherVerbs(on_path.iter().map(|(route, _)| route.verb).collect()),
    }
}

/// The id in a path that fits the pattern, or 0 when the pattern has none.
fn matched(pattern: &str, path: &str) -> Option<u64> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut id = 0;
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(id),
            (Some("{}"), Some(segment)) => id = segment.parse().ok()?,
            (Some(name), Some(segment)) if name == segment => {}
            _ => return None,
        }
    }
}

impl Routed {
    /// What the request costs, at least one credit.
    pub(crate) fn credits(&self, query: &str) -> u32 {
        match self {
            Routed::To(route, _) => route.includes.map_or(1, |includes| includes.cost(query)),
            _ => 1,
        }
    }

    /// The limit that counts it beside the total.
    pub(crate) fn sub_limit(&self) -> Option<SubLimit> {
        match self {
            Routed::To(route, _) => route.sub_limit,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matched;

    #[test]
    fn a_path_fits_its_pattern_only() {
        assert_eq!(matched("/tickets/{}", "/tickets/42817"), Some(42817));
        assert_eq!(matched("/tickets", "/tickets"), Some(0));
        for path in ["/tickets", "/tickets/", "/tickets/x", "/tickets/1/reply"] {
            assert_eq!(matched("/tickets/{}", path), None, "{path}");
        }
    }
}
