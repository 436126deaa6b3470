//! Which request a tool may make: one row a tool, and nothing else of Freshdesk's API (`docs/freshdesk.md` §7).

use http::Method;

/// Below `/api/v2/`; `{id}` stands for a decimal id.
const ROUTES: [(&str, Method, &str); 10] = [
    ("ticket-create", Method::POST, "tickets"),
    ("ticket-get", Method::GET, "tickets/{id}"),
    ("ticket-update", Method::PUT, "tickets/{id}"),
    ("tickets-list", Method::GET, "tickets"),
    ("tickets-reply", Method::POST, "tickets/{id}/reply"),
    ("contact-create", Method::POST, "contacts"),
    ("agent-create", Method::POST, "agents"),
    ("agent-delete", Method::DELETE, "agents/{id}"),
    ("agents-list", Method::GET, "agents"),
    ("roles-list", Method::GET, "roles"),
];

/// Where Freshdesk serves its API (`docs/freshdesk.md` §1).
const API: &str = "/api/v2/";

/// Whether the tool whose function is `function` may make a request with this method and path.
pub(super) fn allow(function: &str, method: &Method, path: &str) -> bool {
    let Some(path) = path.strip_prefix(API) else { return false };
    ROUTES.iter().any(|(of, verb, template)| *of == function && verb == method && fits(template, path))
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
        let tools: Vec<_> = Contract::load().unwrap().tools().iter().map(|tool| tool.function().to_owned()).collect();
        assert_eq!(functions, tools);
    }

    #[test]
    fn a_tool_makes_its_own_request_and_no_other() {
        for (function, method, template) in &ROUTES {
            let path = format!("{API}{}", template.replace("{id}", "42817"));
            assert!(allow(function, method, &path), "{function}");
            for (other, ..) in
                ROUTES.iter().filter(|(other, verb, t)| other != function && (verb != method || t != template))
            {
                assert!(!allow(other, method, &path), "{other} as {function}");
            }
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
