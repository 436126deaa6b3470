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

use crate::client::{Answer, execute};
use crate::office::ticket;

/// An application at a server, by its token.
#[derive(Clone)]
struct Application {
    url: String,
    token: String,
}

impl Application {
    /// The one with this token, at the server of this URL.
    fn at(url: &str, token: &str) -> Self {
        Self { url: url.to_owned(), token: token.to_owned() }
    }

    /// Runs a tool for a user.
    fn execute(&self, identifier: &str, tool: &str, input: &Value, once: Option<&str>) -> Answer {
        block_in_place(|| execute(&self.url, &self.token, identifier, tool, input, once).unwrap())
    }

    /// Lists roles for a user, which shows whether the account's key opens and Freshdesk accepts it.
    fn lists_roles(&self, identifier: &str) -> Answer {
        self.execute(identifier, "freshdesk_roles_list", &json!({}), None)
    }

    /// Makes the ticket of this key, once. The answer's status and the ticket's id.
    fn ticket(&self, identifier: &str, key: &str) -> (u16, Option<u64>) {
        let answer = self.execute(identifier, "freshdesk_ticket_create", &ticket(key), Some(key));
        (answer.status, answer.json()["result"]["id"].as_u64())
    }
}
