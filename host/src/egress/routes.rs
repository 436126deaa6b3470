//! Which request a tool may make, and what it costs: one row a tool, one for the host, and nothing else of Freshdesk's API
//! (`docs/freshdesk.md` §7, §2).

use http::{Method, Uri};

use super::Errand;
use super::budget::{Operation, Spend};

/// What the host itself may ask: whose key this is. No tool has this name.
pub(super) const WHO: &str = "who";
pub(super) const WHO_PATH: &str = "/api/v2/agents/me";

/// A row: the function of a tool, its method and its path below `/api/v2/`, where `{field}` stands for the id in that field
/// of its request; the limit beside the total that it counts towards; and the credits of each thing that it may `include`.
type Route = (&'static str, Method, &'static str, Option<Operation>, u32);

#[rustfmt::skip]
const ROUTES: [Route; 11] = [
    ("ticket-create",  Method::POST,    "tickets",                    Some(Operation::TicketCreate), 0),
    ("ticket-get",     Method::GET,     "tickets/{ticket-id}",        None,                          1),
    ("ticket-update",  Method::PUT,     "tickets/{ticket-id}",        Some(Operation::TicketUpdate), 0),
    ("tickets-list",   Method::GET,     "tickets",                    Some(Operation::TicketsList),  2),
    ("tickets-reply",  Method::POST,    "tickets/{ticket-id}/reply",  None,                          0),
    ("contact-create", Method::POST,    "contacts",                   None,                          0),
    ("agent-create",   Method::POST,    "agents",                     None,                          0),
    ("agent-delete",   Method::DELETE,  "agents/{agent-id}",          None,                          0),
    ("agents-list",    Method::GET,     "agents",                     None,                          0),
    ("roles-list",     Method::GET,     "roles",                      None,                          0),
    (WHO,              Method::GET,     "agents/me",                  None,                          0),
];

/// Where Freshdesk serves its API (`docs/freshdesk.md` §1).
pub(super) const API: &str = "/api/v2/";

/// Whether a request with this method and path is the one of this errand.
pub(super) fn allow(errand: &Errand, method: &Method, path: &str) -> bool {
    let Some(path) = path.strip_prefix(API) else { return false };
    row(&errand.function).is_some_and(|(_, verb, template, ..)| verb == method && fits(template, path, &errand.ids))
}

/// What the request of this tool costs: one credit, and more for each thing that it includes (`docs/freshdesk.md` §2).
pub(super) fn spend(function: &str, uri: &Uri) -> Spend {
    let (operation, each) = row(function).map_or((None, 0), |(.., operation, each)| (*operation, *each));
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let included = query.filter(|(name, _)| name == "include").flat_map(|(_, things)| {
        things.split(',').filter(|thing| !thing.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });
    let included = u32::try_from(included.count()).unwrap_or(u32::MAX);
    Spend { credits: each.saturating_mul(included).saturating_add(1), operation }
}

/// The method of a function's request.
#[cfg(feature = "accounts")]
pub(crate) fn method(function: &str) -> Option<Method> {
    row(function).map(|(_, method, ..)| method.clone())
}

/// Whether a function changes something in Freshdesk.
pub(crate) fn writes(function: &str) -> bool {
    row(function).is_none_or(|(_, method, ..)| !method.is_safe())
}

/// The request of a function, for people to read.
#[cfg(feature = "command")]
pub(crate) fn reach(function: &str) -> Option<String> {
    row(function).map(|(_, method, template, ..)| format!("{method} {API}{template}"))
}

/// Whether a field of the caller's stands in the request's path.
pub(super) fn is_in_path(errand: &Errand, field: &str) -> bool {
    let field = format!("{{{}}}", field.replace('_', "-"));
    row(&errand.function).is_some_and(|(_, _, template, ..)| template.split('/').any(|word| word == field))
}

fn row(function: &str) -> Option<&'static Route> {
    const TABLE: &[Route] = &ROUTES;
    TABLE.iter().find(|(of, ..)| *of == function)
}

/// Segment by segment, so that no escape, empty segment or dot has a meaning. An id has one spelling.
fn fits(template: &str, path: &str, ids: &[(String, u64)]) -> bool {
    let id = |field: &str| ids.iter().find(|(name, _)| name == field).map(|(_, id)| id.to_string());
    let fits = |(word, segment): (&str, &str)| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
        Some(field) => id(field).is_some_and(|id| id == segment),
        None => word == segment,
    };
    template.split('/').count() == path.split('/').count() && template.split('/').zip(path.split('/')).all(fits)
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::sandbox::contract::Contract;

    #[test]
    fn every_tool_has_its_row() {
        let functions: Vec<_> = ROUTES.iter().map(|(function, ..)| (*function).to_owned()).collect();
        let tools = Contract::load().unwrap().tools().iter().map(|tool| tool.function().to_owned()).collect::<Vec<_>>();
        assert_eq!(functions, [tools, vec![WHO.to_owned()]].concat());
    }

    fn errand(function: &str) -> Errand {
        let ids = [("ticket-id", 42_817), ("agent-id", 501_001_204_038), ("group-id", 7)];
        Errand {
            function: function.to_owned(),
            ids: ids.map(|(name, id)| (name.to_owned(), id)).into(),
            said: Map::new(),
        }
    }

    fn path(template: &str) -> String {
        format!("{API}{}", template.replace("{ticket-id}", "42817").replace("{agent-id}", "501001204038"))
    }

    #[test]
    fn a_tool_makes_its_own_request_and_no_other() {
        for (function, method, template, ..) in &ROUTES {
            assert!(allow(&errand(function), method, &path(template)), "{function}");
            for (other, ..) in ROUTES.iter().filter(|(other, ..)| other != function) {
                assert!(!allow(&errand(other), method, &path(template)), "{other} as {function}");
            }
        }
    }

    /// The record is the one that the tool was called for.
    #[test]
    fn a_tool_reaches_the_record_that_it_was_asked_for() {
        for (function, path) in [
            ("ticket-get", "tickets/42818"),
            ("ticket-get", "tickets/501001204038"),
            ("ticket-update", "tickets/7"),
            ("tickets-reply", "tickets/42816/reply"),
            ("agent-delete", "agents/42817"),
        ] {
            let (_, method, ..) = row(function).unwrap();
            assert!(!allow(&errand(function), method, &format!("{API}{path}")), "{function} {path}");
        }
        assert!(!allow(&Errand { ids: Vec::new(), ..errand("ticket-get") }, &Method::GET, "/api/v2/tickets/42817"));
    }

    #[test]
    fn what_is_included_costs_more() {
        let spend = |function, query: &str| spend(function, &format!("https://acme/api/v2/x?{query}").parse().unwrap());
        let operation = Some(Operation::TicketsList);
        assert_eq!(spend("ticket-get", ""), Spend { credits: 1, operation: None });
        assert_eq!(spend("ticket-get", "include=company,requester").credits, 3);
        assert_eq!(spend("ticket-get", "include=company%2Crequester&x=1").credits, 3);
        assert_eq!(spend("tickets-list", "page=2&include=stats"), Spend { credits: 3, operation });
        assert_eq!(spend("roles-list", "include=x"), Spend { credits: 1, operation: None });
    }

    #[test]
    fn the_hosts_own_request_is_no_tools() {
        assert!(allow(&Errand::who(), &Method::GET, WHO_PATH));
        for (function, ..) in ROUTES.iter().filter(|(function, ..)| *function != WHO) {
            assert!(!allow(&errand(function), &Method::GET, WHO_PATH), "{function}");
        }
    }

    #[test]
    fn a_path_has_one_spelling() {
        for path in [
            "/",
            "/api/v2",
            "/api/v2/",
            "/api/v2/tickets",
            "/api/v2/tickets/",
            "/api/v2/tickets/042817",
            "/api/v2/tickets/+42817",
            "/api/v2/tickets/-42817",
            "/api/v2/tickets/42817/",
            "/api/v2//tickets/42817",
            "/api/v2/tickets//42817",
            "/api/v2/tickets/42817/reply",
            "/api/v2/tickets/./42817",
            "/api/v2/tickets/../42817",
            "/api/v2/tickets%2f42817",
            "/api/v2/tickets/%342817",
            "/api/v2/tickets/42817;x",
            "/api/v2/tickets/18446744073709551616",
            "/api/v1/tickets/42817",
            "/API/v2/tickets/42817",
            "//evil.tld/api/v2/tickets/42817",
        ] {
            assert!(!allow(&errand("ticket-get"), &Method::GET, path), "{path}");
        }
        assert!(!allow(&errand("ticket-get"), &Method::HEAD, "/api/v2/tickets/42817"));
        assert!(!allow(&errand("unknown"), &Method::GET, "/api/v2/tickets"));
    }
}
