//! An agent's triage, from the first call to the last, against a simulated Freshdesk in this process.

mod show;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use freshdesk_simulator::{Simulator, seed};
use serde_json::Value;

use crate::{Account, ApiKey, Development, Host, Label, Settings, cli};

/// What the agent does, why, and with which arguments. The arguments are those that users of other connectors send.
const TRIAGE: [(&str, &str, &str); 4] = [
    (
        "Sarah cannot log in. The agent opens a ticket for her.",
        "freshdesk_ticket_create",
        r#"{"subject":"Login issue after password reset","description":"User unable to log in after resetting password.","email":"sarah@acmecorp.com","priority":2,"status":2,"tags":["auth","login"]}"#,
    ),
    (
        "It looks through what is new or open.",
        "freshdesk_tickets_list",
        r#"{"filter":"new_and_my_open","include":"requester,stats","per_page":30}"#,
    ),
    (
        "An older ticket of hers is about the same. It answers, copying her manager.",
        "freshdesk_tickets_reply",
        r#"{"ticket_id":42817,"body":"Hi Sarah, we've reset your session — please try logging in again.","cc_emails":["manager@acmecorp.com"]}"#,
    ),
    (
        "It reads the ticket back.",
        "freshdesk_ticket_get",
        r#"{"ticket_id":42817,"include":"conversations,requester,stats"}"#,
    ),
];

/// Runs the triage and prints it.
pub(crate) async fn run() -> Result<()> {
    let simulator = Simulator::start(freshdesk_simulator::Settings::default()).await?;
    let helpdesk = Label::parse(seed::LABEL)?;
    let development = Development {
        resolve: [(helpdesk.host(), simulator.addr())].into(),
        trust_roots: simulator.authority_pem().map(str::to_owned).into_iter().collect(),
    };
    let started = Instant::now();
    let settings = Settings { cache: cli::cache(), development, ..Settings::default() };
    let host = Host::new(freshdesk_components::PLUGIN, &settings)?;
    show::opening(&helpdesk, simulator.addr(), freshdesk_components::PLUGIN.len(), started.elapsed());

    let account = Arc::new(Account::new(helpdesk, ApiKey::new(seed::ADMIN_KEY)?));
    for (number, (why, tool, input)) in (1..).zip(TRIAGE) {
        let input: Value = serde_json::from_str(input)?;
        show::call(number, why, tool, &input);
        let started = Instant::now();
        let answer = match host.call(&account, tool, &input).await {
            Ok(answer) => answer,
            Err(error) => bail!("the demo's {tool} failed: {}", error.log()),
        };
        show::answer(&answer, started.elapsed());
    }

    let state = simulator.state();
    show::closing(&state.journal, state.handshakes);
    Ok(())
}
