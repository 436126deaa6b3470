//! The host: everything a process needs to run tools, made once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};
use tracing::field::Empty;
use tracing::{Instrument, debug_span, info_span, warn};

use crate::account::{Account, Person};
use crate::egress;
use crate::egress::{Development, Egress, EgressError, Ending, Errand, Passage, Seen};
use crate::error::CallError;
#[cfg(feature = "accounts")]
use crate::sandbox::contract::Problem;
use crate::sandbox::contract::{Contract, ContractError, Tool, ToolError};
use crate::sandbox::{Digest, Sandbox, SandboxError};
use crate::stage::Stages;
#[cfg(feature = "command")]
use crate::witness::Witness;

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Time for a whole call, the waiting for its turn and for Freshdesk included.
    pub deadline: Duration,
    /// Calls that run at a time, each in an instance of its own; more wait until one is over. It takes address space
    /// when the host starts, and memory when it is used: about 100 kB a call.
    pub calls: u32,
    /// The digest that the component must have, so that another one is not run; any when absent.
    pub digest: Option<Digest>,
    /// Where machine code of the plugin is kept between starts; compiling it takes about a second. Whoever can write there
    /// has the host run what they like, so it is made for this user, and not used where others may write.
    pub cache: Option<PathBuf>,
    /// The window in which Freshdesk counts a helpdesk's calls (`docs/freshdesk.md` §2).
    pub window: Duration,
    /// The share of a helpdesk's calls, in percent, that is left to humans and to other integrations.
    pub reserve: u8,
    /// Whether a reply may name the agent to speak as, by `user_id`.
    pub speak_as_others: bool,
    /// Settings for trials against a simulator.
    pub development: Development,
}

impl Default for Settings {
    /// 30 seconds, which is more than Freshdesk's slowest list; a thousand calls; any component; no cache; a minute, of
    /// which a tenth is left to others; agents speak for themselves; nothing but Freshdesk.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            calls: 1000,
            digest: None,
            cache: None,
            window: Duration::from_secs(60),
            reserve: 10,
            speak_as_others: false,
            development: Development::default(),
        }
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
    /// Fails when the component is not the one that the settings name, is none, lacks a tool, or imports what no plugin may
    /// have, such as sockets.
    pub fn new(component: &[u8], settings: &Settings) -> Result<Self, SetupError> {
        let contract = Contract::load()?;
        let sandbox = Sandbox::new(component, &contract, settings)?;
        let egress = Arc::new(Egress::new(settings)?);
        Ok(Self { contract, sandbox, egress, deadline: settings.deadline })
    }

    /// The same host, with somebody who is shown all that the component can see. It takes its time.
    ///
    /// # Errors
    ///
    /// Fails as [`Host::new`] does.
    #[cfg(feature = "command")]
    pub fn watched(component: &[u8], settings: &Settings, witness: Arc<dyn Witness>) -> Result<Self, SetupError> {
        let contract = Contract::load()?;
        let sandbox = Sandbox::watched(component, &contract, settings, Arc::clone(&witness))?;
        let egress = Arc::new(Egress::new(settings)?.watched(witness));
        Ok(Self { contract, sandbox, egress, deadline: settings.deadline })
    }

    /// What connects to where webhooks go.
    #[cfg(feature = "accounts")]
    pub(crate) fn dialer(&self) -> crate::egress::Dialer {
        self.egress.dialer()
    }

    /// Shares budgets with all hosts that have this shelf, where this one is called `by`. The first shelf counts.
    #[cfg(feature = "accounts")]
    pub(crate) fn share_budgets(&self, shelf: Arc<dyn egress::Shelf>, by: i64) {
        self.egress.share_budgets(shelf, by, self.deadline);
    }

    /// How a helpdesk's budget stands, as far as this host knows.
    #[cfg(feature = "accounts")]
    pub(crate) fn usage(&self, helpdesk: &freshdesk_label::Label) -> crate::egress::Usage {
        self.egress.usage(&helpdesk.host())
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
        self.call_followed(account, tool, input, None).await
    }

    /// The same, for somebody who looks how far the call has come, and may call it off.
    ///
    /// # Errors
    ///
    /// Fails as [`Host::call`] does; a call that is called off fails, and nothing of it has left.
    pub async fn call_followed(
        &self,
        account: &Arc<Account>,
        tool: &str,
        input: &Value,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        let known = self.contract.tool(tool).map(Tool::name);
        let span = info_span!("call", tool = known, helpdesk = %account.helpdesk(), outcome = Empty);
        let result = self.checked(account, tool, input, stages).instrument(span.clone()).await;
        span.record("outcome", result.as_ref().err().map_or("ok", CallError::outcome));
        if let Err(error) = &result {
            span.in_scope(|| warn!(error = %error.log(), "failed"));
        }
        result
    }

    /// Asks Freshdesk whose key an account has, which shows that it works. It takes a turn like any call.
    ///
    /// # Errors
    ///
    /// Fails with [`CallError::Tool`]: `revoked` when the key is refused, `not_found` when there is no such helpdesk,
    /// `forbidden` when the plan has no API, and as calls do.
    pub async fn who(&self, account: &Arc<Account>) -> Result<Person, CallError> {
        Ok(self.who_and_roles(account).await?.0)
    }

    /// The same, and the ids of the agent's roles.
    pub(crate) async fn who_and_roles(&self, account: &Arc<Account>) -> Result<(Person, Vec<u64>), CallError> {
        let deadline = Instant::now() + self.deadline;
        let passage = Passage::new(Arc::clone(&self.egress), Arc::clone(account), Errand::who(), deadline);
        let seen = passage.seen();
        let asked =
            timeout_at(deadline, passage.ask_who()).instrument(info_span!("who", helpdesk = %account.helpdesk()));
        let asked = asked.await.inspect_err(|_| self.late(account, &seen));
        let answer = asked.ok().and_then(Result::ok);
        let (status, body) = answer.map_or((0, Bytes::new()), |answer| (answer.status().as_u16(), answer.into_body()));
        match (seen.close(), status, Person::read(&body)) {
            (Ending::Answered, _, Some(person)) => Ok((person, role_ids(&body))),
            (Ending::Answered, ..) => Err(self.tool_error("unexpected", Map::new(), "this is no agent".to_owned())),
            (Ending::Revoked, ..) => Err(self.tool_error("revoked", Map::new(), seen.story())),
            (Ending::NoTurn(seconds), ..) => Err(self.rate_limited(seconds, seen.story())),
            (_, 403, _) => Err(self.tool_error("forbidden", code(&body), "Freshdesk answered 403".to_owned())),
            (_, 404, _) => Err(self.tool_error("not_found", Map::new(), "Freshdesk answered 404".to_owned())),
            _ => Err(self.tool_error("unavailable", Map::new(), seen.story())),
        }
    }

    async fn checked(
        &self,
        account: &Arc<Account>,
        tool: &str,
        input: &Value,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        let tool = self.contract.tool(tool).ok_or_else(|| CallError::UnknownTool(tool.to_owned()))?;
        let request = debug_span!("arguments").in_scope(|| self.contract.read(tool, input));
        let request = request.map_err(|problems| self.contract.invalid_input(&problems))?;
        let Some(_running) = account.begin() else {
            return Err(self.rate_limited(1, "the account has as many calls running as it may".to_owned()));
        };
        let deadline = Instant::now() + self.deadline;
        let said = egress::writes(tool.function()).then(|| self.contract.said(tool, input, &request));
        let (ids, said) = (Contract::ids(&request), said.unwrap_or_default());
        let errand = Errand { function: tool.function().to_owned(), ids, said };
        let passage = Passage::new(Arc::clone(&self.egress), Arc::clone(account), errand, deadline);
        let passage = match stages {
            Some(stages) => passage.followed(stages),
            None => passage,
        };
        let seen = passage.seen();
        let run = timeout_at(deadline, self.sandbox.run(tool, request, passage)).await;
        let ending = seen.close();
        let written = debug_span!("answer");
        let (result, late) = match run {
            Ok(result) => {
                (result.and_then(|result| written.in_scope(|| Ok(self.contract.write(tool, &result)?))), None)
            }
            Err(_) => {
                self.late(account, &seen);
                let late = format!("no answer within {} s", self.deadline.as_secs_f64());
                (Ok(Err(self.contract.error("unavailable", Map::new()))), Some(late))
            }
        };
        let story = late.into_iter().chain(Some(seen.story())).filter(|story| !story.is_empty());
        let story = story.collect::<Vec<_>>().join("; ");
        self.judge(ending, result, story)
    }

    /// What the caller is told: the plugin's word, where it fits with how the call ended.
    #[expect(clippy::result_large_err, reason = "it is moved once a call")]
    fn judge(
        &self,
        ending: Ending,
        result: Result<Result<Value, ToolError>, SandboxError>,
        story: String,
    ) -> Result<Value, CallError> {
        match (ending, result) {
            (Ending::Answered | Ending::Changed, Ok(Ok(answer))) => Ok(answer),
            // Whatever broke and whatever the plugin says: a write left, and Freshdesk did not refuse it.
            (Ending::Changed | Ending::Undecided, result) => {
                let why = match result {
                    Ok(Ok(_)) => String::new(),
                    Ok(Err(error)) => error.to_string(),
                    Err(broken) => broken.to_string(),
                };
                Err(self.tool_error("outcome_unknown", Map::new(), [why, story].join(" ").trim().to_owned()))
            }
            (Ending::Revoked, _) => Err(self.tool_error("revoked", Map::new(), story)),
            (Ending::NoTurn(seconds), _) => Err(self.rate_limited(seconds, story)),
            (_, Err(broken)) => Err(CallError::Broken(broken)),
            // Whether there is an account, and whether its key is good, the host knows by itself.
            (_, Ok(Err(error))) if error.case != "revoked" && error.case != "not_connected" => {
                Err(CallError::Tool { error, story })
            }
            (_, Ok(_)) => Err(CallError::Broken(SandboxError::Invented)),
        }
    }

    /// Time for a whole call.
    #[cfg(feature = "accounts")]
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Whether the tool of this name changes something in Freshdesk; none where there is no such tool.
    #[cfg(feature = "accounts")]
    pub(crate) fn writes(&self, tool: &str) -> Option<bool> {
        Some(egress::writes(self.contract.tool(tool)?.function()))
    }

    /// A tool's arguments as one would spell them; none where there is no such tool, or it does not take them.
    #[cfg(feature = "accounts")]
    pub(crate) fn spelt(&self, tool: &str, input: &Value) -> Option<Map<String, Value>> {
        self.contract.spelt(self.contract.tool(tool)?, input)
    }

    /// The error that tells these problems of a call's arguments.
    #[cfg(feature = "accounts")]
    pub(crate) fn invalid_input(&self, problems: &[Problem]) -> CallError {
        self.contract.invalid_input(problems).into()
    }

    /// A call whose task ended without a word: it panicked, or the host is stopping. Nobody knows what it did.
    #[cfg(feature = "accounts")]
    pub(crate) fn gave_up(&self) -> CallError {
        self.tool_error("outcome_unknown", Map::new(), "the call's task ended without a word".to_owned())
    }

    /// A call had its whole time. Where its request is still without an answer, its connection may be dead, which later calls
    /// shall not find out again.
    fn late(&self, account: &Account, seen: &Seen) {
        if let Some(left) = seen.out_since() {
            self.doubt(account, left);
        }
    }

    /// A request of the account that left then, or after that, was given up.
    pub(crate) fn doubt(&self, account: &Account, left: std::time::Instant) {
        self.egress.doubt(account.version(), left);
    }

    fn rate_limited(&self, seconds: u64, story: String) -> CallError {
        self.tool_error("rate_limited", Map::from_iter([("retry_after".to_owned(), seconds.into())]), story)
    }

    /// The error of a case of the contract, with the story for the log.
    pub(crate) fn tool_error(&self, case: &str, detail: Map<String, Value>, story: String) -> CallError {
        CallError::Tool { error: self.contract.error(case, detail), story }
    }
}

/// The ids of an agent's roles (`docs/freshdesk.md` §6.5).
fn role_ids(agent: &[u8]) -> Vec<u64> {
    let agent: Value = serde_json::from_slice(agent).unwrap_or_default();
    agent["role_ids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

/// Freshdesk's code for what it forbids, if it gives one that is a word (`docs/freshdesk.md` §3.2).
fn code(refusal: &[u8]) -> Map<String, Value> {
    let refusal: Value = serde_json::from_slice(refusal).unwrap_or_default();
    let word = |code: &&str| code.len() <= 50 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let code = refusal["code"].as_str().filter(word);
    code.map(|code| ("code".to_owned(), Value::from(code))).into_iter().collect()
}
