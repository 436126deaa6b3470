//! The delivery of one event: opened key, signature, try, and what follows from the answer.

use std::sync::Arc;

use http::StatusCode;
use secrecy::SecretString;
use serde_json::json;
use thiserror::Error;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::post::{Answer, Message, post};
use super::sign::{NoSigningKey, signature};
use super::{Webhooks, again, event};
use crate::egress::{InvalidTarget, Target, Unanswered};
use crate::error::harmless;
use crate::store::StoreError;
use crate::store::records::{Entry, EventRow, TenantRow, Tried};
use crate::vault::{Place, Sealed, VaultError};

/// Longest reason in the log, in characters.
const LONGEST_REASON: usize = 300;

/// Why an event was not even tried. That is not its receiver's fault, and does not count: it comes back with its lease.
#[derive(Debug, Error)]
enum Untried {
    #[error("the store does not answer: {0}")]
    Store(#[from] StoreError),
    #[error("the vault does not open the signing key: {0}")]
    Vault(#[from] VaultError),
    #[error("the opening of the signing key broke off")]
    BrokenOff,
}

/// Why a try did not reach its aim.
#[derive(Debug, Error)]
enum Failed {
    #[error("the receiver answered {0}")]
    Refused(StatusCode),
    #[error("no answer within {0} s")]
    Late(f64),
    #[error(transparent)]
    NoAnswer(#[from] Unanswered),
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    #[error(transparent)]
    NoSigningKey(#[from] NoSigningKey),
}

impl Webhooks {
    /// Tries to deliver an event that this host has for itself, and notes what became of it. Tells whether its receiver did
    /// what it should.
    pub(super) async fn deliver(self: Arc<Self>, event: EventRow) -> bool {
        let (tried, well) = match self.tried(&event).await {
            // There is nobody to tell any more.
            Ok(None) => return true,
            Ok(Some(tried)) => tried,
            Err(why) => {
                warn!(tenant = event.user.tenant(), event = event.id, %why, "an event cannot be sent");
                return true;
            }
        };
        let given_up = (tried == Tried::GivenUp).then(|| self.entry(&event, "webhook.given_up"));
        if let Err(why) = self.store.event_tried(&event.id, &tried, given_up).await {
            warn!(event = event.id, %why, "what became of an event is not noted: its receiver may get it again");
        }
        well
    }

    async fn tried(&self, event: &EventRow) -> Result<Option<(Tried, bool)>, Untried> {
        let tenant = self.store.tenant(event.user.tenant()).await?;
        let Some(TenantRow { webhook_url: Some(url), webhook_key: Some(sealed), .. }) = tenant else { return Ok(None) };
        let key = self.open(event, sealed).await?;
        let outcome = match timeout(self.pace.patience, self.send(event, &url, &key)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failed::Late(self.pace.patience.as_secs_f64())),
        };
        Ok(Some(self.judge(event, outcome)))
    }

    /// Opens a tenant's signing key, after the trail has it. The vault may have to ask for root keys, and takes its time then.
    async fn open(&self, event: &EventRow, sealed: Sealed) -> Result<SecretString, Untried> {
        self.store.note(self.entry(event, "webhook.signed"))?;
        let (vault, tenant) = (Arc::clone(&self.vault), event.user.tenant().to_owned());
        let opening = move || {
            let place = Place { purpose: "webhook", tenant: &tenant, identifier: "", version: 1 };
            vault.open(&place, &sealed)
        };
        Ok(tokio::task::spawn_blocking(opening).await.map_err(|_| Untried::BrokenOff)??)
    }

    async fn send(&self, event: &EventRow, url: &str, key: &SecretString) -> Result<Answer, Failed> {
        let target = Target::parse(url, self.local)?;
        let (id, timestamp, body) = (event.id.clone(), self.store.now() / 1000, event::body(event));
        let signature = signature(key, &id, timestamp, &body)?;
        Ok(post(&self.dialer, &target, Message { id, timestamp, signature, body }).await?)
    }

    /// What follows from a try, and whether the receiver did what it should.
    fn judge(&self, event: &EventRow, outcome: Result<Answer, Failed>) -> (Tried, bool) {
        let (tenant, id, tries) = (event.user.tenant(), &event.id, event.attempts + 1);
        let (why, asked) = match outcome {
            Ok(Answer { status, .. }) if status.is_success() => {
                debug!(tenant, event = id, tries, "delivered an event");
                return (Tried::Delivered, true);
            }
            Ok(Answer { status, asked }) => (Failed::Refused(status), asked),
            Err(why) => (why, None),
        };
        let gone = matches!(why, Failed::Refused(StatusCode::GONE));
        let wait = again::after(&self.pace.again, event.attempts, asked, again::chance()).filter(|_| !gone);
        let why = harmless(&why.to_string(), LONGEST_REASON);
        match wait {
            Some(wait) => {
                warn!(tenant, event = id, tries, why, ?wait, "an event was not delivered, and is sent again");
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                (Tried::Again { next_at: self.store.now().saturating_add(wait) }, false)
            }
            None => {
                warn!(tenant, event = id, tries, why, "an event was not delivered, and is given up");
                (Tried::GivenUp, false)
            }
        }
    }

    /// What the trail says about an event.
    fn entry(&self, event: &EventRow, kind: &'static str) -> Entry {
        let (tenant, identifier) = (event.user.tenant().to_owned(), event.user.identifier().to_owned());
        let detail = json!({"event": event.id, "account": event.account, "tries": event.attempts + 1});
        Entry { at: self.store.now(), kind, tenant, identifier, detail }
    }
}
