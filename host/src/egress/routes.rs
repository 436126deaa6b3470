//! Which request a tool may make, and what it costs: one row a tool, one for the host, and nothing else of Freshdesk's API
//! (`docs/freshdesk.md` §7, §2).

use http::{Method, Uri};

use super::budget::{Operation, Spend};

/// What the host itself may ask: whose key this is. No tool has this name.
pub(crate) const WHO: &str = "who";
pub(super) const WHO_PATH: &str = "/api/v2/agents/me";

/// A row: the function of a tool, its method and its path below `/api/v2/`, where `{id}` stands for a decimal id; the
/// limit beside the total that it counts towards; and the credits of each thing that it may `include`.
type Route = (&'static str, Method, &'static str, Option<Operation>, u32);

#[rustfmt::skip]
const ROUTES: [Route; 11] = [
    ("ticket-create",  Method::POST,   "tickets",            Some(Operation::TicketCreate), 0),
    ("ticket-get",     Method::GET,    "tickets/{id}",       None,                          1),
    ("ticket-update",  Method::PUT,    "tickets/{id}",       Some(Operation::TicketUpdate), 0),
    ("tickets-list",   Method::GET,    "tickets",            Some(Operation::TicketsList),  2),
    ("tickets-reply",  Method::POST,   "tickets/{id}/reply", None,                          0),
    ("contact-create", Method::POST,   "contacts",           None,                          0),
    ("agent-create",   Method::POST,   "agents",             None,                          0),
    ("agent-delete",   Method::DELETE, "agents/{id}",        None,                          0),
    ("agents-list",    Method::GET,    "agents",             None,                          0),
    ("roles-list",     Method::GET,    "roles",              None,                          0),
    (WHO,              Method::GET,    "agents/me",          None,                          0),
];

/// Where Freshdesk serves its API (`docs/freshdesk.md` §1).
pub(super) const API: &str = "/api/v2/";

/// Whether the tool whose function is `function` may make a request with this method and path.
pub(super) fn allow(function: &str, method: &Method, path: &str) -> bool {
    let Some(path) = path.strip_prefix(API) else { return false };
    row(function).is_some_and(|(_, verb, template, ..)| verb == method && fits(template, path))
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

/// The request of a function, for people to read.
#[cfg(feature = "command")]
pub(crate) fn reach(function: &str) -> Option<String> {
    row(function).map(|(_, method, template, ..)| format!("{method} {API}{template}"))
}

fn row(function: &str) -> Option<&'static Route> {
    const TABLE: &[Route] = &ROUTES;
    TABLE.iter().find(|(of, ..)| *of == function)
}

/// Segment by segment, so that no escape, empty segment or dot has a meaning.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some("{id}"), Some(id)) if is_id(id) => {}
            (Some(word), Some(segment)) if word == segment => {}
            _ => return false,
        }
    }
}

/// A number from 1 in its one decimal spelling.
fn is_id(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|id| id > 0 && id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::contract::Contract;

    #[test]
    fn every_tool_has_its_row() {
        let functions: Vec<_> = ROUTES.iter().map(|(function, ..)| (*function).to_owned()).collect();
        let tools = Contract::load().unwrap().tools().iter().map(|tool| tool.function().to_owned()).collect::<Vec<_>>();
        assert_eq!(functions, [tools, vec![WHO.to_owned()]].concat());
    }

    #[test]
    fn a_tool_makes_its_own_request_and_no_other() {
        for (function, method, template, ..) in &ROUTES {
            let path = format!("{API}{}", template.replace("{id}", "42817"));
            assert!(allow(function, method, &path), "{function}");
            for (other, ..) in
                ROUTES.iter().filter(|(other, verb, t, ..)| other != function && (verb != method || t != template))
            {
                assert!(!allow(other, method, &path), "{other} as {function}");
            }
        }
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
        assert!(allow(WHO, &Method::GET, WHO_PATH));
        for (function, ..) in ROUTES.iter().filter(|(function, ..)| *function != WHO) {
            assert!(!allow(function, &Method::GET, WHO_PATH), "{function}");
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
            "/api/v2/tickets/0",
            "/api/v2/tickets/01",
            "/api/v2/tickets/+1",
            "/api/v2/tickets/-1",
            "/api/v2/tickets/1/",
            "/api/v2//tickets/1",
            "/api/v2/tickets//1",
            "/api/v2/tickets/1/reply",
            "/api/v2/tickets/./1",
            "/api/v2/tickets/../1",
            "/api/v2/tickets%2f1",
            "/api/v2/tickets/%31",
            "/api/v2/tickets/1;x",
            "/api/v2/tickets/18446744073709551616",
            "/api/v1/tickets/1",
            "/API/v2/tickets/1",
            "//evil.tld/api/v2/tickets/1",
        ] {
            assert!(!allow("ticket-get", &Method::GET, path), "{path}");
        }
        assert!(!allow("ticket-get", &Method::HEAD, "/api/v2/tickets/1"));
        assert!(!allow("unknown", &Method::GET, "/api/v2/tickets"));
    }
}
