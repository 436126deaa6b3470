//! Refusing calls of accounts that are not active. The refusal tells the agent what to do, with a link where there can
//! be one.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::{Map, Value};
use tracing::warn;

use super::{Accounts, AccountsError, State, locked};
use crate::error::CallError;
use crate::sandbox::contract::ToolError;
use crate::store::records::{AccountRow, LinkState};

/// Users of whom it is remembered which link was handed out.
pub(super) const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("ten thousand is not zero");

/// Time between two links of an account that agents are given, in milliseconds: one that calls in a loop gets one link.
const BETWEEN: i64 = 60_000;

/// Time that a link must have left to be handed out again, in milliseconds: enough to find a key.
const ENOUGH: i64 = 5 * 60_000;

/// What an agent was given last.
pub(super) struct Handed {
    /// The link and its hash; none if it could not be made.
    link: Option<(String, Vec<u8>)>,
    at: i64,
}

impl Accounts {
    /// Why a call is not even tried.
    pub(super) async fn refuse(&self, row: Option<&AccountRow>) -> CallError {
        let url = match row {
            Some(row) => self.connect_url(row).await,
            None => None,
        };
        let (case, text) = match row.map(|row| row.state) {
            Some(State::Revoked | State::Active) => {
                ("revoked", "Freshdesk no longer accepts the key of this user's account.")
            }
            _ => ("not_connected", "This user has no Freshdesk account connected."),
        };
        let advice = match &url {
            Some(url) => format!(
                "Give the user this link to connect, and call again when they have done so: {url} (it works once, for \
                 this user alone, for half an hour)"
            ),
            None => {
                "The application that the user works with has to make a connect link; calling again changes nothing \
                     until the user has connected."
                    .to_owned()
            }
        };
        let detail: Map<_, _> = url.map(|url| ("connect_url".to_owned(), Value::from(url))).into_iter().collect();
        ToolError { case: case.to_owned(), message: format!("{text} Nothing was changed. {advice}"), detail }.into()
    }

    /// A link by the account's own proof: the one that was handed out before while it can be used, and else a new one,
    /// but not within a minute.
    async fn connect_url(&self, row: &AccountRow) -> Option<String> {
        let slot = Arc::clone(locked(&self.handed).get_or_insert(row.user.clone(), Arc::default));
        let mut handed = slot.lock().await;
        if let Some(Handed { link, at }) = &*handed {
            if let Some((url, hash)) = link
                && self.still_good(hash).await
            {
                return Some(url.clone());
            }
            if self.now() - at < BETWEEN {
                return None;
            }
        }
        let link = match self.own_link(row).await {
            Ok(link) => link.map(|(link, hash)| (link.url, hash)),
            Err(AccountsError::Refused(_)) => None,
            Err(why) => {
                warn!(%why, "no link was made");
                None
            }
        };
        let url = link.as_ref().map(|(url, _)| url.clone());
        *handed = Some(Handed { link, at: self.now() });
        url
    }

    /// Whether a link can be used for a while yet.
    async fn still_good(&self, hash: &[u8]) -> bool {
        let link = self.store.link(hash).await.ok().flatten();
        link.is_some_and(|link| link.state == LinkState::Live && link.expires_at - self.now() > ENOUGH)
    }
}
