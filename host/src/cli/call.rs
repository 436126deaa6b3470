//! Runs a tool, and asks whose key it is.

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, io};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::keeping::{Keeping, Whose};
use super::print;
use super::reach::Reach;
use crate::contract::Contract;
use crate::{Account, ApiKey, CallError, Label, Person, Tool};

/// Run one tool.
#[derive(Args, Debug)]
pub(super) struct Call {
    /// The tool, such as freshdesk_ticket_get
    tool: String,
    /// Its arguments as a JSON object, or - to read them from standard input
    json: String,
    /// Run it for this tenant's user, who has connected Freshdesk
    #[arg(long, requires = "identifier")]
    tenant: Option<String>,
    /// The tenant's id of that user
    #[arg(long, requires = "tenant")]
    identifier: Option<String>,
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    reach: Reach,
}

/// Ask whose key it is.
#[derive(Args, Debug)]
pub(super) struct Who {
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    reach: Reach,
}

/// The account of the environment.
#[derive(Args, Debug)]
pub(super) struct Own {
    /// The helpdesk: acme, or acme.freshdesk.com
    #[arg(long, env = "FRESHDESK_DOMAIN")]
    domain: Option<String>,
}

impl Call {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let contract = Contract::load()?;
        if contract.tool(&self.tool).is_none() {
            let names: Vec<_> = contract.tools().iter().map(Tool::name).collect();
            bail!("there is no tool {:?}; there are:\n  {}", self.tool, names.join("\n  "));
        }
        let input = arguments(&self.json)?;
        if let (Some(tenant), Some(identifier)) = (self.tenant, self.identifier) {
            let user = Whose { tenant, identifier }.user()?;
            self.keeping.exists()?;
            let accounts = self.keeping.open(&self.reach, 1).await?;
            accounts.tenant(user.tenant()).await?;
            let result = accounts.call(&user, &self.tool, &input).await;
            accounts.close().await;
            return outcome(result, None);
        }
        let account = self.own.account(&self.reach)?;
        let result = self.reach.host(1)?.call(&account, &self.tool, &input).await;
        outcome(result, Some(LOOK_AT_THE_KEY))
    }
}

impl Who {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let account = self.own.account(&self.reach)?;
        let Person { id, name, email } = match self.reach.host(1)?.who(&account).await {
            Ok(person) => person,
            Err(error) => return outcome(Err(error), Some(LOOK_AT_THE_KEY)),
        };
        outcome(Ok(json!({"helpdesk": account.helpdesk().host(), "id": id, "name": name, "email": email})), None)
    }
}

/// Where a support agent finds the key.
pub(super) const WHERE_KEYS_ARE: &str = "in Freshdesk, your avatar, Profile settings, View API key";

/// What to do about a key from the environment that Freshdesk refuses.
const LOOK_AT_THE_KEY: &str = "look at FRESHDESK_API_KEY";

impl Own {
    pub(super) fn account(&self, reach: &Reach) -> Result<Arc<Account>> {
        let Some(domain) = self.domain.as_deref().filter(|domain| !domain.is_empty()) else {
            bail!("set FRESHDESK_DOMAIN to your helpdesk, such as acme.freshdesk.com");
        };
        let helpdesk = Label::parse(domain).context("the domain")?;
        let Some(key) = env::var("FRESHDESK_API_KEY").ok().filter(|key| !key.is_empty()) else {
            bail!("set FRESHDESK_API_KEY to your API key: {WHERE_KEYS_ARE}");
        };
        if let Some((host, _)) = reach.resolve.iter().find(|(host, _)| *host != helpdesk.host()) {
            bail!("--resolve {host}=… is of no use: the helpdesk is {}", helpdesk.host());
        }
        let key = ApiKey::new(&key).context("FRESHDESK_API_KEY")?;
        Ok(Arc::new(Account::new(helpdesk, key)))
    }
}

/// Prints an answer or a tool's error as JSON. `revoked` is what to say about a key that is refused.
fn outcome(result: Result<Value, CallError>, revoked: Option<&str>) -> Result<ExitCode> {
    match result {
        Ok(answer) => {
            print(&answer)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(CallError::Tool { error, story }) => {
            print(&error.to_json())?;
            if !story.is_empty() {
                anstream::eprintln!("freshdesk-host: {story}");
            }
            if let Some(hint) = revoked.filter(|_| error.case == "revoked") {
                anstream::eprintln!("freshdesk-host: {hint}: {WHERE_KEYS_ARE}");
            }
            Ok(ExitCode::from(1))
        }
        Err(error) => bail!("{}", error.log()),
    }
}

/// The arguments of a call, from the command line or standard input.
fn arguments(json: &str) -> Result<Value> {
    let mut text = json.to_owned();
    if json == "-" {
        text.clear();
        io::stdin().read_to_string(&mut text).context("cannot read the arguments from standard input")?;
    }
    serde_json::from_str(&text).context("the arguments are not JSON")
}
