//! Runs a tool for an agent: whichever surface it comes by, the same happens.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tracing::Instrument;

use super::metrics::Metrics;
use super::shape::{Offered, Shape, Shaped, offered, said};
use crate::account::Account;
use crate::accounts::{Accounts, User};
use crate::error::CallError;
use crate::host::Host;
use crate::sandbox::contract::ToolError;
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
    /// Held for reading by each call that runs.
    running: Arc<RwLock<()>>,
}

impl Calls {
    /// Runs calls of this host's tools.
    pub(crate) fn new(host: Arc<Host>, metrics: Arc<Metrics>) -> Self {
        let tools = offered(host.tools());
        metrics.expect(&tools);
        Self { host, tools, metrics, running: Arc::default() }
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
        let running = Arc::clone(&self.running).read_owned().await;
        let host = Arc::clone(&self.host);
        let calling = async move {
            let result = metrics.timed(&timed, calling).await;
            counted.ends(result.as_ref().err());
            let told = match result {
                Ok(answer) => shaped(shape, answer).await.ok_or_else(|| host.gave_up()),
                Err(CallError::Tool { error, story }) => Err(retold(&host, error, story)),
                Err(error) => Err(error),
            };
            drop(running);
            told
        };
        let running = tokio::spawn(calling.in_current_span());
        let waiting = Waiting { running: running.abort_handle(), stages };
        let result = match running.await {
            Ok(result) => result,
            Err(_) => Err(self.host.gave_up()),
        };
        drop(waiting);
        result
    }

    /// Waits for the calls that have left and whom nobody waits for any more, for as long as a call may take.
    pub(crate) async fn rest(&self) {
        let _ = timeout(self.host.deadline(), self.running.write()).await;
    }
}

/// The same error, in which what Freshdesk said is marked as what it is. A case whose text is all that it carries stays as it is.
fn retold(host: &Host, error: ToolError, story: String) -> CallError {
    match error.case.as_str() {
        "invalid_input" | "conflict" | "forbidden" | "unexpected" => {
            host.tool_error(&error.case, said(error.detail), story)
        }
        _ => CallError::Tool { error, story },
    }
}

/// Shapes an answer on a thread that may take its time.
async fn shaped(shape: Shape, answer: Value) -> Option<Shaped> {
    tokio::task::spawn_blocking(move || shape.apply(answer)).await.ok()
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
