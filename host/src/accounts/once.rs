//! Calls that are made once: a call that is repeated with its key does not write again, also by another host and after a
//! restart.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::making::{Known, Once, called_off};
use super::{Accounts, User, locked};
use crate::error::CallError;
use crate::sandbox::contract::{Problem, ToolError};
use crate::stage::Stages;
use crate::store::records::CallRow;

/// Longest key, in characters: twice what an application needs for a UUID and a word of its own.
const LONGEST_KEY: usize = 255;

/// Time between two looks at a call that somebody else makes: the first, and the longest.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LONGEST_LOOK: Duration = Duration::from_millis(250);

/// Calls with keys that a user may have at a time, on one host: as many as an account may have running.
const MOST_OF_A_USER: usize = 100;

/// Longest time that is advised to wait for a call that somebody else makes, in milliseconds.
const ADVISED: i64 = 10_000;

impl Accounts {
    /// Runs a tool for a user, unless it was run within a day with this key: then answers what it answered then. While the
    /// first call of a key runs, others wait for it. A tool that only reads is simply run.
    ///
    /// What wrote or was refused by Freshdesk for good is remembered. What certainly did nothing and
    /// may succeed later (`invalid_input`, `not_connected`, `revoked`, `rate_limited`, `unavailable`) may be called again
    /// with the same key. What may have written is never written again: each call with the key looks for its record at
    /// Freshdesk, and answers with that where it is surely this call's. A call that nobody waits for any more is called off,
    /// or runs to its end once it has left. Answers above 256 kB are remembered with their long texts cut off.
    ///
    /// # Errors
    ///
    /// Fails as [`Accounts::call`] does; with `invalid_input` when the key is none or was used for another call, with
    /// `rate_limited` when the first call still runs after a call's time, and with `outcome_unknown` when the first call
    /// ended without a word and what it made is not found, with what to look for.
    pub async fn call_once(
        self: &Arc<Self>,
        user: &User,
        tool: &str,
        input: &Value,
        key: &str,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        match self.host.writes(tool) {
            None => return Err(CallError::UnknownTool(tool.to_owned())),
            Some(false) => return self.call_followed(user, tool, input, stages).await,
            Some(true) => {}
        }
        if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(self.bad_key("it has 1 to 255 characters of ASCII, and no space"));
        }
        let stages = stages.unwrap_or_default();
        let _one = OneOfAUser::comes(self, user).ok_or_else(too_many)?;
        let _waiting = Waiting(Arc::clone(&stages));
        let once = Once::new(self, user, tool, input, Some(key), stages);
        let once = Arc::new(once.map_err(|why| self.unavailable(why.to_string()))?);
        let until = Instant::now() + self.host.deadline();
        let (mut pause, mut waited) = (FIRST_LOOK, false);
        loop {
            let row = self.store.call(&once.hash).await.map_err(|why| self.unavailable(why.to_string()))?;
            match row.as_ref().map(|row| (once.known(row), row)) {
                Some((Known::Done(result), _)) => return result,
                Some((Known::Unknown, row)) => return once.look_again(row, until).await,
                Some((Known::Runs, _)) => {}
                None => {
                    if let Some(result) = once.make(waited.then_some(until)).await {
                        return result;
                    }
                }
            }
            if Instant::now() + pause > until {
                return Err(still_running(row.as_ref(), self.now()));
            }
            tokio::select! {
                () = called_off(&once.stages) => return Err(self.called_off()),
                () = sleep(pause) => (pause, waited) = ((pause * 2).min(LONGEST_LOOK), true),
            }
        }
    }

    /// Runs a tool that writes, for a caller without a key. It is noted while it runs, so that nobody takes what it makes for
    /// what another call made.
    pub(super) async fn write(
        self: &Arc<Self>,
        user: &User,
        tool: &str,
        input: &Value,
        stages: Option<Arc<Stages>>,
    ) -> Result<Value, CallError> {
        let stages = stages.unwrap_or_default();
        let _waiting = Waiting(Arc::clone(&stages));
        let once = Once::new(self, user, tool, input, None, stages);
        let once = Arc::new(once.map_err(|why| self.unavailable(why.to_string()))?);
        match once.make(None).await {
            Some(result) => result,
            None => Err(self.unavailable("two calls had one random number".to_owned())),
        }
    }

    /// That a key is of no use for this call.
    pub(super) fn bad_key(&self, message: &str) -> CallError {
        self.host.invalid_input(&[Problem { field: "idempotency_key".to_owned(), message: message.to_owned() }])
    }

    /// That nobody waits for the call any more.
    pub(super) fn called_off(&self) -> CallError {
        self.unavailable("the call was called off before anything left".to_owned())
    }
}

/// Somebody who waits for a call. It is called off when nobody does any more, if nothing has left.
struct Waiting(Arc<Stages>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.call_off();
    }
}

/// One of a user's callers with a key, of whom there is room for some: each has its arguments in memory, and may ask the store
/// again and again.
struct OneOfAUser<'a> {
    accounts: &'a Accounts,
    user: User,
}

impl<'a> OneOfAUser<'a> {
    /// None where there is no room for one more.
    fn comes(accounts: &'a Accounts, user: &User) -> Option<Self> {
        let mut waiting = locked(&accounts.waiting);
        let those = waiting.entry(user.clone()).or_default();
        if *those >= MOST_OF_A_USER {
            return None;
        }
        *those += 1;
        Some(Self { accounts, user: user.clone() })
    }
}

impl Drop for OneOfAUser<'_> {
    fn drop(&mut self) {
        let mut waiting = locked(&self.accounts.waiting);
        if let Some(those) = waiting.get_mut(&self.user) {
            *those -= 1;
            if *those == 0 {
                waiting.remove(&self.user);
            }
        }
    }
}

/// That the user has as many calls with keys as there is room for.
fn too_many() -> CallError {
    let message = format!(
        "The user has {MOST_OF_A_USER} calls with idempotency keys, as many as there is room for, and this one changed nothing. \
         Call again after 1 s."
    );
    ToolError {
        case: "rate_limited".to_owned(),
        message,
        detail: Map::from_iter([("retry_after".to_owned(), 1.into())]),
    }
    .into()
}

/// That the first call with a key runs on.
fn still_running(row: Option<&CallRow>, now: i64) -> CallError {
    let left = row.map_or(0, |row| row.leased_until.saturating_sub(now)).clamp(1000, ADVISED);
    let seconds = (left + 999) / 1000;
    let message = format!(
        "The first call with this idempotency key still runs, and this one changed nothing. Call again with the same key \
         after {seconds} s: it answers what the first one does."
    );
    let detail = Map::from_iter([("retry_after".to_owned(), seconds.into())]);
    ToolError { case: "rate_limited".to_owned(), message, detail }.into()
}
