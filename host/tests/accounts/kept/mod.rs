//! A store that is kept: copied while its host serves and put back elsewhere, and brought up to date by a newer version.

mod backup;
mod copies;
mod elsewhere;
mod killed;
mod load;
mod rolling;
mod upgrade;

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::operated::{Answer, ask};

/// An application at a server, by its token.
#[derive(Clone)]
struct Application {
    server: String,
    bearer: String,
}

impl Application {
    /// The one with this token, at the server of this URL.
    fn at(url: &str, token: &str) -> Self {
        Self { server: url.strip_prefix("http://").unwrap().to_owned(), bearer: format!("Bearer {token}") }
    }

    /// Runs a tool for a user.
    fn execute(&self, identifier: &str, tool: &str, input: &Value, once: Option<&str>) -> Answer {
        let mut headers = vec![("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        headers.extend(once.map(|key| ("idempotency-key", key)));
        let body = json!({"identifier": identifier, "tool_name": tool, "tool_input": input}).to_string();
        block_in_place(|| ask(&self.server, "POST", "/v1/tools/execute", &headers, &body))
    }

    /// Lists roles for a user, which shows whether the account's key opens and Freshdesk accepts it.
    fn lists_roles(&self, identifier: &str) -> Answer {
        self.execute(identifier, "freshdesk_roles_list", &json!({}), None)
    }

    /// Makes the ticket of this key, once. The answer's status and the ticket's id.
    fn ticket(&self, identifier: &str, key: &str) -> (u16, Option<u64>) {
        let answer = self.execute(identifier, "freshdesk_ticket_create", &ticket(key), Some(key));
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        (answer.status, body["result"]["id"].as_u64())
    }
}

/// The ticket of a key.
fn ticket(key: &str) -> Value {
    json!({"subject": key, "description": "x", "email": "sarah@example.com", "priority": 1, "status": 2})
}
