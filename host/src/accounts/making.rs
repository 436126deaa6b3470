//! Makes a call once: notes that it is made before anything of it leaves, and then what it came to.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{Instrument, warn};

use super::reconcile::Look;
use super::steps::Step;
use super::{Accounts, AccountsError, User, outcome, random};
use crate::account::Account;
use crate::error::CallError;
use crate::stage::{Stage, Stages};
use crate::store::StoreError;
use crate::store::records::{AccountRow, CallRow, Claim};
use crate::vault::{Place, Sealed, VaultError};

/// How long a call is remembered, in milliseconds: a day, by which every retry has given up.
pub(super) const REMEMBERED: i64 = 24 * 3600 * 1000;

/// What a host may take beyond a call's deadline, in milliseconds: to read the account, and to write what the call came to.
const MARGIN: i64 = 10_000;

/// Time before each further try to write what a call came to, in milliseconds: half a minute in all.
const AGAIN: [u64; 7] = [250, 500, 1000, 2000, 4000, 8000, 16_000];

/// What becomes of a call; none where somebody else has begun it.
pub(super) type Made = Option<Result<Value, CallError>>;

/// A call and what its key makes of it.
pub(super) struct Once {
    pub(super) accounts: Arc<Accounts>,
    pub(super) user: User,
    pub(super) tool: String,
    pub(super) input: Value,
    pub(super) hash: Vec<u8>,
    digest: Vec<u8>,
    /// Whether its caller has a key by which to repeat it. What it came to is remembered for a repeated call only.
    pub(super) keyed: bool,
    pub(super) stages: Arc<Stages>,
}

/// What is known of a call that was begun before.
pub(super) enum Known {
    /// It was answered, or cannot be.
    Done(Result<Value, CallError>),
    /// It runs.
    Runs,
    /// It ended without a word.
    Unknown,
}

/// A call that goes on: with this account, and noted or not worth a note.
struct Begun {
    row: CallRow,
    whose: AccountRow,
    account: Arc<Account>,
    noted: bool,
}

/// What is noted of a call that is over.
enum End {
    /// Its answer, and the record that it made.
    Answer(Sealed, Option<Claim>),
    /// Nothing but the record that it made.
    Gone(Option<Claim>),
    /// Nothing; and that it began may be on its way still.
    NeverBegun,
    /// That nobody knows.
    Unknown,
}

impl Once {
    /// A call with a key of its caller's, or without one.
    pub(super) fn new(
        accounts: &Arc<Accounts>,
        user: &User,
        tool: &str,
        input: &Value,
        key: Option<&str>,
        stages: Arc<Stages>,
    ) -> Result<Self, AccountsError> {
        let (hash, digest) = match key {
            Some(key) => {
                let mut sorted = input.clone();
                sorted.sort_all_objects();
                let what = [tool.as_bytes(), sorted.to_string().as_bytes()].map(<[u8]>::to_vec);
                let digest = random::once_hash(&accounts.shared_key, "input", user, &[&what[0], &what[1]]);
                (random::once_hash(&accounts.shared_key, "call", user, &[key.as_bytes()]), digest)
            }
            None => (random::digest(random::token()?.as_bytes()), Vec::new()),
        };
        Ok(Self {
            accounts: Arc::clone(accounts),
            user: user.clone(),
            tool: tool.to_owned(),
            input: input.clone(),
            hash,
            digest,
            keyed: key.is_some(),
            stages,
        })
    }

    /// What the call with this key came to.
    pub(super) fn known(&self, row: &CallRow) -> Known {
        let accounts = &self.accounts;
        if !random::same(&row.digest, &self.digest) {
            let why = "it was used for another call: other arguments need another key";
            return Known::Done(Err(accounts.bad_key(why)));
        }
        match (&row.ended_at, &row.answer) {
            (Some(_), Some(answer)) => Known::Done(self.read(answer)),
            (None, _) if row.leased_until > accounts.now() => Known::Runs,
            _ => Known::Unknown,
        }
    }

    /// Opens what is remembered.
    #[expect(clippy::result_large_err, reason = "it is moved once a call")]
    pub(super) fn read(&self, answer: &Sealed) -> Result<Value, CallError> {
        let opened = self.accounts.vault.open_text(&self.place(&random::hex(&self.hash)), answer);
        let text = opened.map_err(|why| self.accounts.unavailable(why.to_string()))?;
        let told = outcome::read(&text);
        told.ok_or_else(|| self.accounts.unavailable("what is remembered is no answer".into()))?
    }

    /// Seals what is remembered of what the call came to; none where nothing is.
    pub(super) fn sealed(&self, result: &Result<Value, CallError>) -> Result<Option<Sealed>, VaultError> {
        let seal = |text| self.accounts.vault.seal(&self.place(&random::hex(&self.hash)), &SecretString::from(text));
        outcome::remembered(result).map(seal).transpose()
    }

    fn place<'a>(&'a self, hash: &'a str) -> Place<'a> {
        Place { purpose: "answer", tenant: self.user.tenant(), identifier: hash, version: 1 }
    }

    /// Makes the call, unless somebody else has begun it, until then or for as long as a call may take. It comes to its end
    /// whoever waits for it.
    pub(super) async fn make(self: &Arc<Self>, until: Option<Instant>) -> Made {
        let (reply, made) = oneshot::channel();
        let task = tokio::spawn(Arc::clone(self).run(until, reply).in_current_span());
        self.runs(task.abort_handle());
        made.await.unwrap_or_else(|_| Some(Err(self.accounts.host.gave_up())))
    }

    /// Notes that the call is made before anything of it leaves, makes it, and notes what it came to.
    async fn run(self: Arc<Self>, until: Option<Instant>, reply: oneshot::Sender<Made>) {
        let until_now = until.unwrap_or_else(|| Instant::now() + self.accounts.host.deadline());
        let Begun { row, whose, account, noted } = match self.begin().await {
            Ok(begun) => begun,
            Err((made, noted)) => {
                let _ = reply.send(made);
                if let Some((row, end)) = noted {
                    self.settle(&row, end).await;
                }
                return;
            }
        };
        let result = tokio::select! {
            biased;
            () = called_off(&self.stages) => Err(self.accounts.called_off()),
            result = self.accounts.call_with(&whose, &account, &self.tool, &self.input, Some(Arc::clone(&self.stages))) => result,
            () = over(until) => Err(self.too_late(row.begun_at)),
        };
        self.reached(Step::Over).await;
        let begun = Begun { row, whose, account, noted };
        match outcome::is_unknown(&result) {
            true => self.find(begun, result, until_now, reply).await,
            false => self.tell(begun, result, reply).await,
        }
    }

    /// Notes that the call is made. Fails with what to tell, and with what was noted in vain: the caller is told first.
    async fn begin(&self) -> Result<Begun, (Made, Option<(CallRow, End)>)> {
        let accounts = &self.accounts;
        let refused = |why: CallError| (Some(Err(why)), None);
        let unavailable = |why: String| Some(Err(accounts.unavailable(why)));
        let (whose, account) = accounts.active(&self.user).await.map_err(refused)?;
        let helpdesk = whose.helpdesk.clone().unwrap_or_default();
        let row = self.row(&helpdesk).map_err(|why| (unavailable(why.to_string()), None))?;
        // Of a call that nobody repeats, and that makes no record to be looked for, nothing has to be known.
        let noted = self.keyed || Look::is_for_records_of(&self.tool);
        match if noted { accounts.store.begin_call(&row).await } else { Ok(true) } {
            Ok(true) => {}
            Ok(false) => return Err((None, None)),
            // It may have been noted all the same.
            Err(why) => return Err((unavailable(why.to_string()), Some((row, End::NeverBegun)))),
        }
        self.reached(Step::Noted).await;
        match if noted { self.still(&helpdesk).await } else { Ok((whose, account)) } {
            Ok((whose, account)) => Ok(Begun { row, whose, account, noted }),
            Err(refused) => Err((Some(Err(refused)), Some((row, End::Gone(None))))),
        }
    }

    /// Looks for what the call has done, of which nobody knows.
    async fn find(&self, begun: Begun, result: Result<Value, CallError>, until: Instant, reply: oneshot::Sender<Made>) {
        let (store, now) = (&self.accounts.store, self.accounts.now());
        let row = CallRow { ended_at: Some(now), ..begun.row };
        // From here on it keeps nobody waiting who looks for the same.
        if begun.noted && !matches!(store.leave_call(&row, now).await, Ok(true)) {
            let _ = reply.send(Some(Err(self.told_unknown(&row, result))));
            return self.settle(&row, End::Unknown).await;
        }
        let found = self.look(&row, &begun.whose, &begun.account, until).await;
        let _ = reply.send(Some(found.map_err(|_| self.told_unknown(&row, result))));
    }

    /// Tells what the call came to, and notes it.
    async fn tell(&self, begun: Begun, result: Result<Value, CallError>, reply: oneshot::Sender<Made>) {
        let (row, helpdesk) = (&begun.row, begun.whose.helpdesk.as_deref().unwrap_or_default());
        match self.end(helpdesk, &result) {
            _ if !begun.noted => drop(reply.send(Some(result))),
            // Nobody repeats it: it is noted for others only.
            Ok(end) if !self.keyed => {
                let _ = reply.send(Some(result));
                self.settle(row, end).await;
            }
            Ok(end) => {
                let written = self.note(row, &end).await;
                let _ = reply.send(Some(result));
                if written.is_err() {
                    self.settle(row, end).await;
                }
            }
            Err(why) => {
                warn!(tenant = self.user.tenant(), %why, "what a call came to is not remembered");
                let _ = reply.send(Some(result));
            }
        }
    }

    /// The account, read once more: who disconnects it from here on ends this call with its others.
    async fn still(&self, helpdesk: &str) -> Result<(AccountRow, Arc<Account>), CallError> {
        let (row, account) = self.accounts.active(&self.user).await?;
        match row.helpdesk.as_deref() == Some(helpdesk) {
            true => Ok((row, account)),
            false => Err(self.accounts.unavailable("it was connected to another helpdesk meanwhile".to_owned())),
        }
    }

    fn row(&self, helpdesk: &str) -> Result<CallRow, AccountsError> {
        let accounts = &self.accounts;
        let begun_at = accounts.now();
        let deadline = i64::try_from(accounts.host.deadline().as_millis()).unwrap_or(REMEMBERED);
        let spelt = accounts.host.spelt(&self.tool, &self.input);
        Ok(CallRow {
            hash: self.hash.clone(),
            user: self.user.clone(),
            digest: self.digest.clone(),
            content: spelt.and_then(|spelt| accounts.content(helpdesk, &self.tool, &spelt)),
            run: random::number()?,
            begun_at,
            leased_until: begun_at.saturating_add(deadline).saturating_add(MARGIN),
            expires_at: begun_at.saturating_add(REMEMBERED),
            ended_at: None,
            answer: None,
        })
    }

    /// What is to be noted of what the call came to.
    fn end(&self, helpdesk: &str, result: &Result<Value, CallError>) -> Result<End, VaultError> {
        let made = result.as_ref().ok().and_then(|answer| self.accounts.made(helpdesk, &self.tool, answer));
        let answer = if self.keyed { self.sealed(result)? } else { None };
        Ok(match answer {
            Some(answer) => End::Answer(answer, made),
            None => End::Gone(made),
        })
    }

    /// Notes what the call came to, or takes back that it was made. Where the store does not answer, it is tried again for a
    /// while: else the call stays one that ended without a word.
    async fn settle(&self, row: &CallRow, end: End) {
        let mut pauses = AGAIN.into_iter();
        loop {
            let noted = self.note(row, &end).await;
            let again = match &noted {
                Ok(noted) => !noted && matches!(end, End::NeverBegun),
                Err(why) => *why != StoreError::Closed,
            };
            match (again.then(|| pauses.next()).flatten(), noted) {
                (Some(pause), _) => sleep(Duration::from_millis(pause)).await,
                (None, Ok(_)) => return,
                (None, Err(why)) => {
                    return warn!(tenant = self.user.tenant(), %why, "what a call came to is not remembered");
                }
            }
        }
    }

    async fn note(&self, row: &CallRow, end: &End) -> Result<bool, StoreError> {
        let store = &self.accounts.store;
        match end {
            End::Answer(answer, made) => store.end_call(row, self.accounts.now(), answer, made.as_ref()).await,
            End::Gone(made) => store.take_call_back(row, made.as_ref()).await,
            End::NeverBegun => store.take_call_back(row, None).await,
            End::Unknown => store.leave_call(row, self.accounts.now()).await,
        }
    }

    /// That the call's time is over, which it spent with waiting.
    fn too_late(&self, begun: i64) -> CallError {
        let story = "no answer in the time of the call";
        if self.stages.call_off() { self.accounts.unavailable(story.to_owned()) } else { self.unknown(begun, story) }
    }

    /// The same that nobody knows, with what to look for, and the story of how it came about.
    fn told_unknown(&self, row: &CallRow, result: Result<Value, CallError>) -> CallError {
        match result {
            Err(CallError::Tool { story, .. }) => self.unknown(row.begun_at, &story),
            _ => self.unknown(row.begun_at, ""),
        }
    }
}

/// Until the call is called off.
pub(super) async fn called_off(stages: &Stages) {
    let _ = stages.watch().wait_for(|stage| *stage == Stage::CalledOff).await;
}

/// Until then; for ever, where the call has its whole time.
async fn over(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
