//! Reconciliation: where nobody knows what a write has done, its record is looked for at Freshdesk, by the tools that read.
//!
//! `looks` says how, a row a tool; `text` knows a text again, and `advice` is what to look for where nothing was found. A
//! record is taken for a call's where it is the only one that is as it was asked for, was made while the call ran, is no
//! other call's, and can be no other call's: none of the same content is without a word of what it came to.

mod advice;
mod looks;
mod text;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{info, warn};

use super::making::{Once, REMEMBERED};
use super::steps::Step;
use super::{Accounts, outcome, random};
use crate::account::Account;
use crate::error::CallError;
use crate::store::records::{AccountRow, CallRow, Claim, Found};
pub(super) use looks::{Arguments, Look};
use looks::{SKEW, Wanted, made_at};

/// How long is looked at a time: two reads of Freshdesk's slowest list would take longer, and the caller waits.
const LOOKING: Duration = Duration::from_secs(5);

/// How long a record is looked for after its call began, in milliseconds. It is less than calls are remembered by an hour, so
/// that all calls are known still that could have made it.
const LOOKED_FOR: i64 = REMEMBERED - 3_600_000;

/// How long it is remembered whose a record is, in milliseconds: as long as anybody looks who may take it for another's.
const CLAIMED_FOR: i64 = REMEMBERED + 3_600_000;

/// Records alike of which it may be one. Among more it is not to be told, and looking would be work for others.
const MOST: usize = 10;

/// Time between two looks at calls that may have made the record as well.
const BETWEEN: Duration = Duration::from_millis(50);

impl Accounts {
    /// What a call is known by that changes this at this helpdesk; none where nothing is.
    pub(super) fn content(&self, helpdesk: &str, tool: &str, arguments: &Arguments) -> Option<Vec<u8>> {
        let known_by = (Look::of(tool)?.known_by)(arguments);
        Some(random::content_hash(&self.shared_key, helpdesk, tool, &known_by))
    }

    /// The record that this answer is of, as the record of one call; none where its tool makes none that is looked for.
    pub(super) fn made(&self, helpdesk: &str, tool: &str, answer: &Value) -> Option<Claim> {
        let kind = Look::of(tool)?.makes?;
        let expires_at = self.now().saturating_add(CLAIMED_FOR);
        Some(Claim { helpdesk: helpdesk.to_owned(), kind, record: answer["id"].as_u64()?.to_string(), expires_at })
    }
}

impl Once {
    /// Looks for what a call made that ended without a word, with the account that it was made with.
    pub(super) async fn look(
        &self,
        call: &CallRow,
        whose: &AccountRow,
        account: &Arc<Account>,
        until: Instant,
    ) -> Result<Value, CallError> {
        let until = until.min(Instant::now() + LOOKING);
        let begun = std::time::Instant::now();
        match timeout_at(until, self.looked(call, whose, account)).await {
            Ok(Some(found)) => {
                info!(tenant = self.user.tenant(), tool = self.tool, "found what a lost answer was of");
                return Ok(found);
            }
            Ok(None) => {}
            Err(_) => self.accounts.host().doubt(account, begun),
        }
        Err(self.unknown(call.begun_at, "its record was looked for, and not found"))
    }

    /// The same for a call that another host made, or an earlier try, with the account as it is by now.
    pub(super) async fn look_again(&self, call: &CallRow, until: Instant) -> Result<Value, CallError> {
        match self.accounts.active(&self.user).await {
            Ok((whose, account)) => self.look(call, &whose, &account, until).await,
            Err(_) => Err(self.unknown(call.begun_at, "the first call ended without a word")),
        }
    }

    /// That nobody knows what the call has done that began then, and what to look for.
    pub(super) fn unknown(&self, begun: i64, story: &str) -> CallError {
        let accounts = &self.accounts;
        let mut told = accounts.host().tool_error(outcome::UNKNOWN, serde_json::Map::new(), story.to_owned());
        if let CallError::Tool { error, .. } = &mut told
            && let Some(arguments) = accounts.host().spelt(&self.tool, &self.input)
            && let Some(look) = Look::of(&self.tool)
        {
            error.message = format!("{} {}", error.message, advice::advice(look, &arguments, begun, self.keyed));
        }
        told
    }

    async fn looked(&self, call: &CallRow, whose: &AccountRow, account: &Arc<Account>) -> Option<Value> {
        let accounts = &self.accounts;
        let look = Look::of(&self.tool).filter(|_| accounts.looks())?;
        let helpdesk = whose.helpdesk.as_deref()?;
        let spelt = accounts.host().spelt(&self.tool, &self.input)?;
        let now = accounts.now();
        // The account may be another helpdesk's by now; and a call of an older version of this program has no content.
        let same = accounts.content(helpdesk, &self.tool, &spelt) == call.content;
        if !same || now >= call.begun_at.saturating_add(LOOKED_FOR) {
            return None;
        }
        let wanted = Wanted {
            spelt,
            given: &self.input,
            person: whose.person.as_ref().map(|person| person.id),
            begun: call.begun_at,
            ended: call.ended_at.unwrap_or(call.leased_until.min(now)),
            now,
        };
        let (tool, input) = (look.ask)(&wanted)?;
        let answer = accounts.call_with(whose, account, tool, &input, None).await;
        self.reached(Step::Read).await;
        let found = (look.find)(&wanted, &answer.ok()?)?;
        let found = self.taken(call, helpdesk, found).await?;
        self.reached(Step::Claimed).await;
        Some(found)
    }

    /// The one of these records that is this call's, noted as such. Waits while another call runs that may have made one.
    async fn taken(&self, call: &CallRow, helpdesk: &str, found: Vec<Value>) -> Option<Value> {
        let accounts = &self.accounts;
        if found.len() > MOST {
            return None;
        }
        loop {
            // Read before the claims: who ends in between has claimed its record, which is seen below or the next time.
            let rivals = !found.is_empty() && accounts.store().has_rivals(call, accounts.now()).await.ok()?;
            let mut open = Vec::new();
            for record in &found {
                let claim = accounts.made(helpdesk, &self.tool, record);
                let theirs = match &claim {
                    Some(claim) => accounts.store().is_claimed(claim).await.ok()?,
                    None => false,
                };
                open.extend((!theirs).then_some((record, claim)));
            }
            if let [(record, claim)] = open.as_slice()
                && self.settle_found(call, record, claim.clone()).await?
            {
                return Some((*record).clone());
            }
            if let Some(answer) = self.answered(call).await {
                return Some(answer);
            }
            if !rivals {
                return None;
            }
            sleep(BETWEEN).await;
        }
    }

    /// Notes that a record is the call's, with the answer that a repeated call gets; false where it is or may be another's.
    async fn settle_found(&self, call: &CallRow, record: &Value, claim: Option<Claim>) -> Option<bool> {
        let accounts = &self.accounts;
        let answer = match self.keyed {
            true => self.sealed(&Ok(record.clone())).ok()?,
            false => None,
        };
        let found = match claim {
            Some(claim) => {
                let (first, last) = made_at(record)?;
                Some(Found { claim, made: (first - SKEW, last + SKEW) })
            }
            None => None,
        };
        if answer.is_none() && found.is_none() {
            return Some(true);
        }
        let settled = accounts.store().settle_call(call, accounts.now(), answer.as_ref(), found.as_ref()).await;
        settled.inspect_err(|why| warn!(tenant = self.user.tenant(), %why, "what was found is not noted")).ok()
    }

    /// What another try of this call was answered meanwhile.
    async fn answered(&self, call: &CallRow) -> Option<Value> {
        let row = self.accounts.store().call(&call.hash).await.ok()??;
        row.answer.as_ref().filter(|_| row.run == call.run).and_then(|answer| self.read(answer).ok())
    }
}
