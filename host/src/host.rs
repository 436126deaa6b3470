//! The host: everything a process needs to run tools, made once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::account::Account;
use crate::egress::{Development, Egress, EgressError, Passage};
use crate::error::CallError;
use crate::sandbox::contract::{Contract, ContractError, Tool};
use crate::sandbox::{Sandbox, SandboxError};

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Time for a whole call, the waiting for Freshdesk included.
    pub deadline: Duration,
    /// Where machine code of the plugin is kept between starts; compiling it takes about a second.
    pub cache: Option<PathBuf>,
    /// Whether a reply may name the agent to speak as, by `user_id`.
    pub speak_as_others: bool,
    /// Settings for trials against a simulator.
    pub development: Development,
}

impl Default for Settings {
    /// 30 seconds, which is more than Freshdesk's slowest list; no cache; agents speak for themselves; nothing but Freshdesk.
    fn default() -> Self {
        let deadline = Duration::from_secs(30);
        Self { deadline, cache: None, speak_as_others: false, development: Development::default() }
    }
}

/// Why a host could not be set up.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The contract is broken, which no build of this crate gets through its tests.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The component cannot be run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The way out cannot be set up.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

/// The host: one engine, one compiled component, one pool of connections.
pub struct Host {
    contract: Contract,
    sandbox: Sandbox,
    egress: Arc<Egress>,
    deadline: Duration,
}

impl Host {
    /// Compiles `component`, which has to implement the contract in `wit/`.
    ///
    /// # Errors
    ///
    /// Fails when the component is none, lacks a tool, or imports what no plugin may have, such as sockets.
    pub fn new(component: &[u8], settings: &Settings) -> Result<Self, SetupError> {
        let contract = Contract::load()?;
        let sandbox = Sandbox::new(component, &contract, settings.cache.clone())?;
        let egress = Arc::new(Egress::new(&settings.development, settings.speak_as_others)?);
        Ok(Self { contract, sandbox, egress, deadline: settings.deadline })
    }

    /// The tools, in the contract's order.
    pub fn tools(&self) -> &[Tool] {
        self.contract.tools()
    }

    /// Runs a tool for an account, in an instance of its own, and answers JSON as the tool's output schema says.
    ///
    /// # Errors
    ///
    /// Fails with [`CallError::Tool`] in all ways the contract knows: bad arguments and what Freshdesk refused.
    pub async fn call(&self, account: &Arc<Account>, tool: &str, input: &Value) -> Result<Value, CallError> {
        let tool = self.contract.tool(tool).ok_or_else(|| CallError::UnknownTool(tool.to_owned()))?;
        let request = self.contract.read(tool, input).map_err(|problems| self.contract.invalid_input(&problems))?;
        let passage = Passage::new(Arc::clone(&self.egress), Arc::clone(account), tool.function());
        let seen = passage.seen();
        let run = tokio::time::timeout(self.deadline, self.sandbox.run(tool, request, passage)).await;
        let undecided = seen.close();
        let result = match run {
            Ok(result) => result.and_then(|result| Ok(self.contract.write(tool, &result)?)),
            Err(_) => {
                let case = if undecided { "outcome_unknown" } else { "unavailable" };
                let story = format!("no answer within {} s", self.deadline.as_secs_f64());
                return Err(CallError::Tool { error: self.contract.error(case, Map::new()), story });
            }
        };
        match result {
            Ok(Ok(answer)) => Ok(answer),
            // Whatever broke and whatever the plugin says: a write left, and Freshdesk did not refuse it.
            Ok(Err(error)) if undecided => Err(self.undecided(format!("{error} {}", seen.story()))),
            Err(broken) if undecided => Err(self.undecided(broken.to_string())),
            Ok(Err(error)) => Err(CallError::Tool { error, story: seen.story() }),
            Err(broken) => Err(CallError::Broken(broken)),
        }
    }

    fn undecided(&self, story: String) -> CallError {
        CallError::Tool { error: self.contract.error("outcome_unknown", Map::new()), story }
    }
}
