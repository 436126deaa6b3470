//! Runs a tool for an agent: whichever surface it comes by, the same happens.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::metrics::Metrics;
use super::shape::{Offered, Shape, Shaped, offered};
use crate::account::Account;
use crate::accounts::{Accounts, User};
use crate::error::CallError;
use crate::host::Host;
use crate::stage::Stages;

/// Whose Freshdesk a call is for.
#[derive(Clone)]
pub(crate) enum Whose {
    /// A user's, who has connected it.
    Users(Arc<Accounts>, User),
    /// The one account of the environment.
    Own(Arc<Host>, Arc<Account>),
}

/// A call as an agent makes it.
pub(crate) struct Call {
    /// Whose Freshdesk it is for.
    pub(crate) whose: Whose,
    /// The tool's published name.
    pub(crate) tool: String,
    /// Its arguments, those that shape the answer among them.
    pub(crate) input: Value,
    /// The key by which a repeated call is known: what it wrote is not written again. For users' calls.
    pub(crate) once: Option<String>,
}

/// Runs calls.
pub(crate) struct Calls {
    host: Arc<Host>,
    tools: Vec<Offered>,
    metrics: Arc<Metrics>,
}

impl Calls {
    /// Runs calls of this host's tools.
    pub(crate) fn new(host: Arc<Host>, metrics: Arc<Metrics>) -> Self {
        let tools = offered(host.tools());
        metrics.expect(&tools);
        Self { host, tools, metrics }
    }

    /// The tools as agents see them, in the contract's order.
    pub(crate) fn tools(&self) -> &[Offered] {
        &self.tools
    }

    /// The tool of a published name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Offered> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// Runs a call. When nobody waits for it any more, it is called off if nothing has left yet, and else runs to its end.
    pub(crate) async fn run(&self, call: Call, stages: Arc<Stages>) -> Result<Shaped, CallError> {
        let Some(tool) = self.tool(&call.tool) else {
            self.metrics.unknown();
            return Err(CallError::UnknownTool(call.tool));
        };
        let mut counted = self.metrics.begin(tool);
        let taken = Shape::take(call.input).map_err(|problems| self.host.invalid_input(&problems));
        let (shape, input) = taken.inspect_err(|why| counted.ends(Some(why)))?;
        let metrics = Arc::clone(&self.metrics);
        let (whose, name, once) = (call.whose, tool.name.clone(), call.once);
        let (followed, timed) = (Arc::clone(&stages), Arc::clone(&stages));
        let calling = async move {
            match (&whose, &once) {
                (Whose::Users(accounts, user), Some(key)) => {
                    accounts.call_once(user, &name, &input, key, Some(followed)).await
                }
                (Whose::Users(accounts, user), None) => {
                    accounts.call_followed(user, &name, &input, Some(followed)).await
                }
                (Whose::Own(host, account), _) => host.call_followed(account, &name, &input, Some(followed)).await,
            }
        };
        let calling = async move {
            let result = metrics.timed(&timed, calling).await;
            counted.ends(result.as_ref().err());
            result
        };
        let running = tokio::spawn(calling.in_current_span());
        let waiting = Waiting { running: running.abort_handle(), stages };
        let result = match running.await {
            Ok(result) => result,
            Err(_) => Err(self.host.gave_up()),
        };
        drop(waiting);
        result.map(|answer| shape.apply(answer))
    }
}

/// Somebody who waits for a call.
struct Waiting {
    running: AbortHandle,
    stages: Arc<Stages>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.stages.call_off() {
            self.running.abort();
        }
    }
}
