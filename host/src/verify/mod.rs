//! Runs a component with a key that nobody has, against a simulated Freshdesk, and looks for that key wherever the component
//! could see it: in all its memories and globals each time that it and the host take turns, in all that it is handed, in
//! the log, and in what the caller gets.

mod canary;
mod show;

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use base64::prelude::{BASE64_STANDARD, Engine};
use freshdesk_simulator::{Fault, FaultAction, Simulator, State, seed};
use serde_json::{Value, json};

pub use canary::{Canary, Log};

use crate::witness::Witness;
use crate::{Account, ApiKey, CallError, Development, Host, Label, Settings, egress, sandbox};

/// Arguments with which each tool makes its request.
const CALLS: [(&str, &str); 10] = [
    (
        "freshdesk_ticket_create",
        r#"{"subject":"Login","description":"It fails.","email":"sarah@acmecorp.com","priority":2,"status":2}"#,
    ),
    ("freshdesk_ticket_get", r#"{"ticket_id":42817,"include":"conversations,requester,stats"}"#),
    ("freshdesk_ticket_update", r#"{"ticket_id":42817,"priority":3}"#),
    ("freshdesk_tickets_list", r#"{"include":"requester,stats"}"#),
    ("freshdesk_tickets_reply", r#"{"ticket_id":42817,"body":"Hi Sarah."}"#),
    ("freshdesk_contact_create", r#"{"name":"Jo Bloggs","email":"jo@example.com"}"#),
    ("freshdesk_agent_create", r#"{"email":"new@acme.example","ticket_scope":1}"#),
    ("freshdesk_agents_list", "{}"),
    ("freshdesk_roles_list", "{}"),
    ("freshdesk_agent_delete", r#"{"agent_id":1}"#),
];

/// What the proof has shown of one tool.
pub(crate) struct Shown {
    tool: &'static str,
    /// The one request that it could make.
    reach: String,
    /// Whether the tool's request arrived with the key, and how the call ended.
    arrived: bool,
    ended: String,
    /// Where the key was found; nowhere is what a component has to show.
    found: Vec<String>,
}

/// Verifies a component and prints what was seen. Answers whether the key stayed outside.
pub(crate) async fn run(component: &[u8], name: &str) -> Result<bool> {
    show::component(component, name, &sandbox::imports(component)?);
    let canary = Canary::new();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    log.with_writer(Log(Arc::clone(&canary))).try_init().map_err(anyhow::Error::msg)?;

    let proof = Proof::new(component, &canary).await?;
    proof.control().await?;
    let mut shown = Vec::new();
    for (tool, input) in CALLS {
        shown.push(proof.of(tool, input).await?);
    }
    show::tools(&shown, canary.looked());
    Ok(shown.iter().all(|shown| shown.found.is_empty()))
}

/// A component under watch, an account whose key is the canary, and a Freshdesk that knows it.
struct Proof {
    canary: Arc<Canary>,
    simulator: Simulator,
    host: Host,
    account: Arc<Account>,
}

impl Proof {
    async fn new(component: &[u8], canary: &Arc<Canary>) -> Result<Self> {
        let mut state = State::seeded();
        let agent =
            state.helpdesk(seed::LABEL).agents.get_mut(&seed::ADMIN_ID).context("the seed has no administrator")?;
        agent.api_key = Some(canary.key().to_owned());
        let settings = freshdesk_simulator::Settings { state, ..freshdesk_simulator::Settings::default() };
        let simulator = Simulator::start(settings).await?;
        let helpdesk = Label::parse(seed::LABEL)?;
        let development = Development {
            resolve: [(helpdesk.host(), simulator.addr())].into(),
            trust_roots: simulator.authority_pem().map(str::to_owned).into_iter().collect(),
        };
        let settings = Settings { calls: 1, development, ..Settings::default() };
        let host = Host::watched(component, &settings, Arc::clone(canary) as Arc<dyn Witness>)?;
        let account = Arc::new(Account::new(helpdesk, ApiKey::new(canary.key())?));
        Ok(Self { canary: Arc::clone(canary), simulator, host, account })
    }

    /// Hands the component the canary in an argument: it has to be found, or the search finds nothing.
    async fn control(&self) -> Result<()> {
        let input = json!({"subject": self.canary.key(), "description": "x", "email": "a@example.com"});
        drop(self.host.call(&self.account, "freshdesk_ticket_create", &input).await);
        let found = self.canary.found();
        let seen = found.iter().any(|place| place.starts_with("in a memory"));
        ensure!(seen, "a key that the component was handed was not found in its memory: this search shows nothing");
        Ok(())
    }

    /// Calls a tool as usual, and once more with a Freshdesk that answers with the key in every form.
    async fn of(&self, tool: &'static str, input: &str) -> Result<Shown> {
        let input = serde_json::from_str(input)?;
        let before = self.simulator.state().journal.len();
        let ended = self.call(tool, &input).await;
        let arrived =
            self.simulator.state().journal[before..].iter().any(|exchange| exchange.header("authorization").is_some());
        self.simulator.state().faults.push(Fault::once(echo(self.canary.key())));
        self.call(tool, &input).await;
        self.simulator.state().faults.clear();
        let named = self.host.tools().iter().find(|named| named.name() == tool);
        let reach = named.and_then(|named| egress::reach(named.function())).unwrap_or_default();
        Ok(Shown { tool, reach, arrived, ended, found: self.canary.found() })
    }

    /// How a call ended, after what the caller gets was looked at.
    async fn call(&self, tool: &str, input: &Value) -> String {
        let result = self.host.call(&self.account, tool, input).await;
        let (text, ended) = match &result {
            Ok(answer) => (answer.to_string(), "answered".to_owned()),
            Err(error @ CallError::Tool { error: said, .. }) => {
                (format!("{} {}", said.to_json(), error.log()), said.case.clone())
            }
            Err(error) => (error.log(), "broke".to_owned()),
        };
        self.canary.sees("in what the caller gets", text.as_bytes());
        ended
    }
}

/// An answer that has the key in it in every form, in its headers and its body.
fn echo(key: &str) -> FaultAction {
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let escaped: String = key.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let forms = ["", "k", "ke"].map(|before| BASE64_STANDARD.encode(format!("{before}{key}:X")));
    let body = json!({"id": 1, "subject": key, "description": hex, "type": percent, "tags": forms}).to_string();
    let body = body.replacen("\"id\"", &format!("\"name\":\"{escaped}\",\"id\""), 1);
    let headers = vec![("x-echo".to_owned(), key.to_owned()), ("x-authorization".to_owned(), forms[0].clone())];
    FaultAction::Respond { status: 200, headers, body: body.into_bytes() }
}
