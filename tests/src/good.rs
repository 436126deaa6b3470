//! One good call of each tool.

use serde_json::{Value, json};

/// A call that succeeds on the seed's helpdesk, and the request it makes.
pub struct Good {
    /// The tool, without its prefix.
    pub tool: &'static str,
    /// The request's method.
    pub method: &'static str,
    /// The request's path.
    pub path: &'static str,
    /// The tool's arguments.
    pub input: Value,
}

impl Good {
    /// Whether the tool changes something.
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether the tool answers a page of a list.
    pub fn lists(&self) -> bool {
        self.tool.ends_with("s_list")
    }

    /// What becomes of a call whose outcome the answer does not tell.
    pub fn lost(&self) -> &'static str {
        if self.writes() { "outcome_unknown" } else { "unavailable" }
    }

    /// What becomes of a call whose answer is not what the tool answers.
    pub fn strange(&self) -> &'static str {
        if self.writes() { "outcome_unknown" } else { "unexpected" }
    }
}

/// One call of each tool.
pub fn good() -> [Good; 10] {
    let good = |tool, method, path, input| Good { tool, method, path, input };
    let ticket = json!({"subject": "Hello", "description": "Hi", "email": "sarah@acmecorp.com"});
    [
        good("ticket_create", "POST", "/api/v2/tickets", ticket),
        good("ticket_get", "GET", "/api/v2/tickets/42817", json!({"ticket_id": 42817})),
        good("ticket_update", "PUT", "/api/v2/tickets/42817", json!({"ticket_id": 42817, "priority": "urgent"})),
        good("tickets_list", "GET", "/api/v2/tickets", json!({})),
        good("tickets_reply", "POST", "/api/v2/tickets/42817/reply", json!({"ticket_id": 42817, "body": "Hi"})),
        good("contact_create", "POST", "/api/v2/contacts", json!({"name": "New", "email": "new@example.com"})),
        good("agent_create", "POST", "/api/v2/agents", json!({"email": "nora@example.com", "ticket_scope": "global"})),
        good("agent_delete", "DELETE", "/api/v2/agents/158017000103", json!({"agent_id": 158_017_000_103_u64})),
        good("agents_list", "GET", "/api/v2/agents", json!({})),
        good("roles_list", "GET", "/api/v2/roles", json!({})),
    ]
}
