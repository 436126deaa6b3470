//! Makes a call once: notes that it is made before anything of it leaves, and then what it came to.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{Instrument, warn};

use super::{Accounts, AccountsError, User, now, outcome, random};
use crate::error::CallError;
use crate::stage::{Stage, Stages};
use crate::store::StoreError;
use crate::store::records::CallRow;
use crate::vault::{Place, Sealed};

/// How long a call is remembered, in milliseconds: a day, by which every retry has given up.
const REMEMBERED: i64 = 24 * 3600 * 1000;

/// What a host may take beyond a call's deadline, in milliseconds: to read the account, and to write what the call came to.
const MARGIN: i64 = 10_000;

/// Time before each further try to write what a call came to, in milliseconds: half a minute in all.
const AGAIN: [u64; 7] = [250, 500, 1000, 2000, 4000, 8000, 16_000];

/// What becomes of a call; none where somebody else has begun it.
type Made = Option<Result<Value, CallError>>;

/// A call and what its key makes of it.
pub(super) struct Once {
    accounts: Arc<Accounts>,
    user: User,
    tool: String,
    input: Value,
    pub(super) hash: Vec<u8>,
    digest: Vec<u8>,
    pub(super) stages: Arc<Stages>,
}

impl Once {
    pub(super) fn new(
        accounts: &Arc<Accounts>,
        user: &User,
        tool: &str,
        input: &Value,
        key: &str,
        stages: Arc<Stages>,
    ) -> Self {
        let mut sorted = input.clone();
        sorted.sort_all_objects();
        let sorted = sorted.to_string();
        Self {
            accounts: Arc::clone(accounts),
            user: user.clone(),
            tool: tool.to_owned(),
            input: input.clone(),
            hash: random::once_hash(&accounts.page_key, "call", user, &[key.as_bytes()]),
            digest: random::once_hash(&accounts.page_key, "input", user, &[tool.as_bytes(), sorted.as_bytes()]),
            stages,
        }
    }

    /// What the call with this key came to; none while it runs.
    pub(super) fn known(&self, row: &CallRow) -> Made {
        let accounts = &self.accounts;
        let unknown = |story: &str| accounts.host.tool_error("outcome_unknown", Map::new(), story.to_owned());
        if !random::same(&row.digest, &self.digest) {
            return Some(Err(accounts.bad_key("it was used for another call: other arguments need another key")));
        }
        match (&row.ended_at, &row.answer) {
            (Some(_), Some(answer)) => Some(self.read(answer)),
            (Some(_), None) => Some(Err(unknown("its account was disconnected while the first call ran"))),
            (None, _) if row.leased_until <= now() => Some(Err(unknown("the first call ended without a word"))),
            (None, _) => None,
        }
    }

    #[expect(clippy::result_large_err, reason = "it is moved once a call")]
    fn read(&self, answer: &Sealed) -> Result<Value, CallError> {
        let opened = self.accounts.vault.open_text(&self.place(&random::hex(&self.hash)), answer);
        let text = opened.map_err(|why| self.accounts.unavailable(why.to_string()))?;
        let told = outcome::read(&text);
        told.ok_or_else(|| self.accounts.unavailable("what is remembered is no answer".into()))?
    }

    fn place<'a>(&'a self, hash: &'a str) -> Place<'a> {
        Place { purpose: "answer", tenant: self.user.tenant(), identifier: hash, version: 1 }
    }

    /// Makes the call, unless somebody else has begun it. It comes to its end whoever waits for it.
    pub(super) async fn make(self: &Arc<Self>) -> Made {
        let (reply, made) = oneshot::channel();
        tokio::spawn(Arc::clone(self).run(reply).in_current_span());
        made.await.unwrap_or_else(|_| Some(Err(self.accounts.host.gave_up())))
    }

    /// Notes that the call is made before anything of it leaves, makes it, and notes what it came to.
    async fn run(self: Arc<Self>, reply: oneshot::Sender<Made>) {
        let row = match self.row() {
            Ok(row) => row,
            Err(why) => return drop(reply.send(Some(Err(self.accounts.unavailable(why.to_string()))))),
        };
        match self.accounts.store.begin_call(&row).await {
            Ok(true) => {}
            Ok(false) => return drop(reply.send(None)),
            Err(why) => {
                // It may have been noted all the same.
                let result = Err(self.accounts.unavailable(why.to_string()));
                return self.settle(&row, None, result, reply).await;
            }
        }
        let stages = Some(Arc::clone(&self.stages));
        let result = tokio::select! {
            biased;
            () = called_off(&self.stages) => Err(self.accounts.called_off()),
            result = self.accounts.call_followed(&self.user, &self.tool, &self.input, stages) => result,
        };
        let remembered = outcome::remembered(&result)
            .map(|text| self.accounts.vault.seal(&self.place(&random::hex(&self.hash)), &SecretString::from(text)));
        match remembered.transpose() {
            Ok(answer) => self.settle(&row, answer.as_ref(), result, reply).await,
            Err(why) => {
                warn!(tenant = self.user.tenant(), %why, "what a call came to is not remembered");
                drop(reply.send(Some(result)));
            }
        }
    }

    fn row(&self) -> Result<CallRow, AccountsError> {
        let begun_at = now();
        let deadline = i64::try_from(self.accounts.host.deadline().as_millis()).unwrap_or(REMEMBERED);
        Ok(CallRow {
            hash: self.hash.clone(),
            user: self.user.clone(),
            digest: self.digest.clone(),
            run: random::number()?,
            begun_at,
            leased_until: begun_at.saturating_add(deadline).saturating_add(MARGIN),
            expires_at: begun_at.saturating_add(REMEMBERED),
            ended_at: None,
            answer: None,
        })
    }

    /// Notes what the call came to, or takes back that it was made; tells who waits. Where the store does not answer, who
    /// waits is told at once, and it is tried again for a while: else the call stays one that ended without a word.
    async fn settle(
        &self,
        row: &CallRow,
        answer: Option<&Sealed>,
        result: Result<Value, CallError>,
        reply: oneshot::Sender<Made>,
    ) {
        let noted = self.note(row, answer).await;
        drop(reply.send(Some(result)));
        let Err(mut why) = noted else { return };
        for pause in AGAIN {
            sleep(Duration::from_millis(pause)).await;
            match self.note(row, answer).await {
                Ok(_) => return,
                Err(again) => why = again,
            }
        }
        warn!(tenant = self.user.tenant(), %why, "what a call came to is not remembered");
    }

    async fn note(&self, row: &CallRow, answer: Option<&Sealed>) -> Result<bool, StoreError> {
        match answer {
            Some(answer) => self.accounts.store.end_call(row, now(), answer).await,
            None => self.accounts.store.take_call_back(row).await,
        }
    }
}

/// Until the call is called off.
pub(super) async fn called_off(stages: &Stages) {
    let _ = stages.watch().wait_for(|stage| *stage == Stage::CalledOff).await;
}
