//! Whether what a call was told is true.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freshdesk_host::verify::Canary;
use freshdesk_host::{Account, CallError, Host, Witness};
use freshdesk_simulator::{Exchange, FaultAction, Helpdesk, Kind, LineFault, Mishap, seed};
use freshdesk_tests::Good;
use serde_json::Value;
use tokio::time::timeout;

use crate::office::{Desk, PATIENCE, SLACK};

/// Bytes of a handshake that no handshake is done with.
const SURELY_SHAKING: usize = 400;

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The answer, or the case of the error.
    pub(crate) result: Result<Value, String>,
    /// How long it took.
    pub(crate) took: Duration,
    /// The requests that arrived meanwhile.
    pub(crate) requests: Vec<Exchange>,
    /// What became of the helpdesk.
    pub(crate) after: Helpdesk,
    /// Whether what was to go wrong went wrong.
    pub(crate) struck: bool,
}

/// Calls a tool while this goes wrong, and puts everything back in order.
pub(crate) async fn call(
    host: &Host,
    desk: &Desk,
    account: &Arc<Account>,
    good: &Good,
    mishap: &Mishap,
) -> Result<Outcome, String> {
    desk.restore();
    desk.simulator.state().befall(mishap);
    let begun = Instant::now();
    let tool = format!("freshdesk_{}", good.tool);
    let called = timeout(PATIENCE + 2 * SLACK, host.call(account, &tool, &good.input)).await;
    let took = begun.elapsed();
    let called = called.map_err(|_| format!("it had not ended after {took:?}"))?;
    if took >= PATIENCE && desk.simulator.state().journal.is_empty() {
        // What is on its way still would be taken for the next call's.
        desk.simulator.hang_up();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let outcome = {
        let mut state = desk.simulator.state();
        let struck = mishap.fault.as_ref().is_some_and(|fault| state.faults.first() != Some(fault))
            || mishap.line.is_some_and(|_| state.lines.is_empty());
        let requests = state.journal.clone();
        let after = state.helpdesk(&desk.fresh.label).clone();
        let result = told(called)?;
        Outcome { result, took, requests, after, struck }
    };
    desk.restore();
    Ok(outcome)
}

/// What the caller is told, which has no key in it in any form.
fn told(called: Result<Value, CallError>) -> Result<Result<Value, String>, String> {
    let (text, result) = match called {
        Ok(answer) => (answer.to_string(), Ok(answer)),
        Err(error) => {
            let CallError::Tool { error: said, .. } = &error else { return Err(format!("it broke: {}", error.log())) };
            (format!("{} {}", said.to_json(), error.log()), Err(said.case.clone()))
        }
    };
    let canary = Canary::of(seed::ADMIN_KEY);
    canary.sees("there", text.as_bytes());
    if canary.found().is_empty() { Ok(result) } else { Err(format!("the key is in {text}")) }
}

impl Outcome {
    /// How often the helpdesk ran what was asked for.
    pub(crate) fn ran(&self) -> usize {
        self.requests.iter().filter(|request| request.credits > 0 && request.status != 429).count()
    }

    /// Whether it is true, and in time, whatever went wrong.
    pub(crate) fn is_true(&self, before: &Helpdesk, good: &Good) -> Result<(), String> {
        let (ran, changed) = (self.ran(), changes(before, &self.after, good));
        let requests = || -> Vec<_> {
            self.requests.iter().map(|request| (request.connection, &request.version, request.status)).collect()
        };
        let story = || format!("told {:?}; ran {ran} times, changed {changed} times: {:?}", self.result, requests());
        let holds = match (&self.result, good.writes()) {
            (Ok(answer), true) => ran == 1 && changed == 1 && is_of(before, &self.after, good, answer),
            (Ok(_), false) => ran >= 1,
            (Err(case), true) if case == "outcome_unknown" => ran <= 1 && changed <= 1,
            (Err(_), true) => ran == 0 && changed == 0,
            (Err(case), false) => case != "outcome_unknown",
        };
        if !holds {
            return Err(format!("that is not true: {}", story()));
        }
        let foreign = self
            .requests
            .iter()
            .find(|request| (request.method.as_str(), request.path.as_str()) != (good.method, good.path));
        if let Some(foreign) = foreign {
            return Err(format!("it asked for {} {}", foreign.method, foreign.path));
        }
        let cases = ["unavailable", "rate_limited", "unexpected", "outcome_unknown", "invalid_input", "forbidden"];
        match &self.result {
            Err(case) if !cases.contains(&case.as_str()) => Err(format!("that is no reason: {}", story())),
            _ if self.took > PATIENCE + SLACK => Err(format!("it took {:?}", self.took)),
            _ => Ok(()),
        }
    }

    /// Whether it is as good as can be had when this goes wrong.
    pub(crate) fn is_the_best_of(&self, mishap: &Mishap, good: &Good) -> Result<(), String> {
        let case = self.result.as_ref().err().map(String::as_str);
        let told = format!("told {:?}", self.result);
        if recoverable(mishap, good.writes()) && self.result.is_err() {
            return Err(format!("there was an answer to be had: {told}"));
        }
        if hopeless(mishap, good) && self.result.is_ok() {
            return Err(format!("there was no answer: {told}"));
        }
        if surely_not_run(mishap) && case == Some("outcome_unknown") {
            return Err(format!("it surely did not run: {told}"));
        }
        Ok(())
    }
}

/// Whether a call can be answered all the same: by asking again where that does no harm.
fn recoverable(mishap: &Mishap, writes: bool) -> bool {
    match (mishap.kind, mishap.line) {
        (Kind::Nothing | Kind::ClockJump | Kind::Throttle | Kind::ThrottleWithoutWord, _) => true,
        (Kind::TlsCut, Some(LineFault::Cut(position))) => position < SURELY_SHAKING || !writes,
        (Kind::Reset | Kind::ResetAfter | Kind::Cut, _) => !writes,
        (Kind::BadGateway, _) => !writes && mishap.fault.as_ref().is_some_and(|fault| fault.times <= 2),
        _ => false,
    }
}

/// Whether no answer comes that is one.
fn hopeless(mishap: &Mishap, good: &Good) -> bool {
    match mishap.kind {
        Kind::Page | Kind::ThrottleStorm => true,
        // A read is asked for again where the answer was the server's fault.
        Kind::Echo => good.writes() || surely_not_run(mishap),
        Kind::BadGateway => good.writes(),
        // What answers without a body answers so whatever becomes of bodies.
        Kind::Endless | Kind::Gzip | Kind::Deflate => good.tool != "agent_delete",
        _ => false,
    }
}

/// Whether the host can know that nothing was done.
fn surely_not_run(mishap: &Mishap) -> bool {
    let action = mishap.fault.as_ref().map(|fault| &fault.action);
    match (mishap.kind, mishap.line, action) {
        (Kind::Throttle | Kind::ThrottleWithoutWord | Kind::ThrottleStorm, ..) => true,
        (Kind::TlsHang | Kind::TlsCut, Some(LineFault::Hang(position) | LineFault::Cut(position)), _) => {
            position < SURELY_SHAKING
        }
        (_, _, Some(FaultAction::Echo(status))) => *status != 500,
        _ => false,
    }
}

/// How often the helpdesk was changed as the call asks.
fn changes(before: &Helpdesk, after: &Helpdesk, good: &Good) -> usize {
    match good.tool {
        "ticket_create" => after.tickets.len() - before.tickets.len(),
        "ticket_update" => usize::from(after.tickets[&seed::TICKET_ID].priority == 4),
        "tickets_reply" => after.conversations.len() - before.conversations.len(),
        "contact_create" => after.contacts.len() - before.contacts.len(),
        "agent_create" => after.agents.len() - before.agents.len(),
        "agent_delete" => before.agents.len() - after.agents.len(),
        _ => 0,
    }
}

/// Whether a write's answer is of what was made, or of what was changed.
fn is_of(before: &Helpdesk, after: &Helpdesk, good: &Good, answer: &Value) -> bool {
    let id = answer["id"].as_u64().unwrap_or_default();
    match good.tool {
        "ticket_create" => after.tickets.contains_key(&id) && !before.tickets.contains_key(&id),
        "ticket_update" => id == seed::TICKET_ID,
        "tickets_reply" => after.conversations.contains_key(&id) && !before.conversations.contains_key(&id),
        "contact_create" => after.contacts.contains_key(&id) && !before.contacts.contains_key(&id),
        "agent_create" => after.agents.contains_key(&id) && !before.agents.contains_key(&id),
        _ => true,
    }
}
