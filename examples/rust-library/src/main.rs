//! The plugin in a program of your own, by our library: the key stays outside of the sandbox, one budget a helpdesk.

use std::env;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use freshdesk_host::{Account, ApiKey, CallError, Development, Host, Label, Settings};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    // One host a process: it compiles the plugin, keeps connections, and knows how many calls a helpdesk has left.
    let settings = Settings { development: simulator()?, ..Settings::default() };
    let host = Host::new(&std::fs::read("target/components/freshdesk.wasm")?, &settings)?;

    // One account a support agent.
    let helpdesk = Label::parse(&env::var("FRESHDESK_DOMAIN").context("set FRESHDESK_DOMAIN")?)?;
    let key = ApiKey::new(&env::var("FRESHDESK_API_KEY").context("set FRESHDESK_API_KEY")?)?;
    let account = Arc::new(Account::new(helpdesk, key));

    // Arguments and answers are JSON, as `host.tools()` describes them.
    let input = json!({"ticket_id": 42817, "include": "requester"});
    let ticket = host.call(&account, "freshdesk_ticket_get", &input).await?;
    println!("{} {} ({})", ticket["id"], ticket["subject"], ticket["priority"]);
    ensure!(ticket["priority"] == "high", "ticket 42817 is of high priority");

    // What a tool refuses is for the agent to read; all else is for you.
    let refused = host.call(&account, "freshdesk_ticket_get", &json!({"ticket_id": 1})).await;
    let Err(CallError::Tool { error, .. }) = refused else { anyhow::bail!("there is no ticket 1") };
    println!("{}", error.to_json());
    ensure!(error.case == "not_found", "no ticket has this id");
    Ok(())
}

/// For a trial: where the simulator is, and whom to trust to speak for it. Without these variables it is Freshdesk.
fn simulator() -> Result<Development> {
    let mut development = Development::default();
    if let (Ok(address), Ok(authority)) = (env::var("SIMULATOR_ADDRESS"), env::var("SIMULATOR_AUTHORITY")) {
        development.resolve.insert("acme.freshdesk.com".to_owned(), address.parse()?);
        development.trust_roots.push(std::fs::read_to_string(authority)?);
    }
    Ok(development)
}
